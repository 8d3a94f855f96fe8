/// A traced computation from tensors to tensors that can be run again and again, from several threads at once.
///
/// The function is called once, on placeholders. What it builds is ordered; equal work is merged, what does not depend on
/// the arguments is computed, elementwise operations are joined to chains (see `Schedule`), and each intermediate result
/// is given a slot and a last use. Running it makes no graph.
package struct Program: Sendable {
  /// An operation on slots.
  struct Operation: Hashable, Sendable {
    let primitive: Primitive
    let inputs: [Int]
    let shape: Shape
    let scalarType: ScalarType
  }

  /// Of the arguments.
  private let shapes: [Shape]
  private let types: [ScalarType]
  /// Of the arguments; nil: they lie densely.
  private let strides: [[Int]?]
  private let plan: Plan
  private let results: [(shape: Shape, scalarType: ScalarType)]

  /// Traces a function of tensors like `arguments`; where `sweeping`, a few rows of large arrays go through several calls.
  package init(
    like arguments: [Tensor], precision: ProductPrecision = .full, sweeping: Bool = true,
    _ function: ([Tensor]) throws -> [Tensor]
  ) rethrows {
    let start = Profile.begin()
    defer { Profile.end(.trace, since: start) }
    let placeholders = arguments.enumerated().map {
      Node(.placeholder($0.offset), [], shape: $0.element.shape, scalarType: $0.element.scalarType)
    }
    self.init(
      placeholders, strides: placeholders.map { _ in nil }, try function(placeholders.map(Tensor.init)).map(\.node),
      factoring: true, sweeping: sweeping, precision)
  }

  /// The plan of a structure: its arguments are the leaves, as they lie, and its results those of some operations. It gives the
  /// bits of the operations done one by one.
  init(_ structure: Structure, results: [Int]) {
    let start = Profile.begin()
    defer { Profile.end(.trace, since: start) }
    let placeholders = structure.leaves.enumerated().map {
      Node(.placeholder($0.offset), [], shape: $0.element.shape, scalarType: $0.element.scalarType)
    }
    var nodes: [Node] = []
    for operation in structure.operations {
      nodes.append(
        Node(
          operation.primitive, operation.inputs.map { $0 < 0 ? placeholders[~$0] : nodes[$0] }, shape: operation.shape,
          scalarType: operation.scalarType))
    }
    self.init(
      placeholders, strides: structure.leaves.map(\.strides), results.map { nodes[$0] }, factoring: false,
      sweeping: true, .full)
  }

  private init(
    _ placeholders: [Node], strides: [[Int]?], _ roots: [Node], factoring: Bool, sweeping: Bool,
    _ precision: ProductPrecision
  ) {
    (shapes, types) = (placeholders.map(\.shape), placeholders.map(\.scalarType))
    self.strides = strides
    results = roots.map { ($0.shape, $0.scalarType) }
    var draft = PlanDraft(precision)
    let given = zip(placeholders, strides).map { draft.makeArgument($0.shape, $0.scalarType, strides: $1) }
    let outputs = Self.lower(roots, placeholders, at: given, into: &draft, factoring: factoring)
    plan = Plan(draft, outputs: outputs, sweeping: sweeping)
  }

  /// Adds the kernel calls that compute `roots` from placeholders that lie at given places, and returns where they lie;
  /// products may be re-associated where `factoring` says so.
  static func lower(
    _ roots: [Node], _ placeholders: [Node], at given: [Location], into draft: inout PlanDraft, factoring: Bool = true
  ) -> [Location] {
    var (shapes, types) = (placeholders.map(\.shape), placeholders.map(\.scalarType))
    var slot: [ObjectIdentifier: Int] = [:]
    for (index, node) in placeholders.enumerated() { slot[ObjectIdentifier(node)] = index }
    // Below a node that does not depend on the arguments nothing needs to be kept.
    func walked(_ roots: [Node]) -> [Node] {
      postOrder(roots) { $0.isSymbolic ? $0.plain.map { [$0] } ?? $0.inputs : [] }.map(\.node)
    }
    evaluatePending(walked(roots).filter { !$0.isSymbolic })
    let roots = factoring ? FactoredProducts.rewrite(roots) : roots
    let order = walked(roots)
    evaluatePending(order.filter { !$0.isSymbolic })
    var known: [Int: View] = [:]
    var operations: [Int: Operation] = [:]
    var same: [Operation: Int] = [:]
    for node in order where slot[ObjectIdentifier(node)] == nil {
      if node.isSymbolic, let plain = node.plain {
        slot[ObjectIdentifier(node)] = slot[ObjectIdentifier(plain)]
        continue
      }
      let operation = Operation(
        primitive: node.primitive, inputs: node.isSymbolic ? node.inputs.map { slot[ObjectIdentifier($0)] ?? -1 } : [],
        shape: node.shape, scalarType: node.scalarType)
      // Equal operations on equal inputs are one; so are equal constants, but not other leaves, which hold numbers.
      let isMergeable = node.isSymbolic || operation.isConstant
      if isMergeable, let before = same[operation] {
        slot[ObjectIdentifier(node)] = before
        continue
      }
      if isMergeable { same[operation] = shapes.count }
      slot[ObjectIdentifier(node)] = shapes.count
      if let view = node.view { known[shapes.count] = view } else { operations[shapes.count] = operation }
      shapes.append(node.shape)
      types.append(node.scalarType)
    }
    let outputs = roots.map { slot[ObjectIdentifier($0)] ?? -1 }

    var locations = Dictionary(uniqueKeysWithValues: given.enumerated().map { ($0, $1) })
    for (index, view) in known.sorted(by: { $0.key < $1.key }) {
      locations[index] = draft.addKnown(view, shapes[index], types[index])
    }
    let spread = known.filter { $1.storage.byteCount * 4 <= shapes[$0].elementCount * types[$0].byteCount }
    let work = Recomputation(
      Schedule(operations, shapes: shapes), of: operations, shapes, types, outputs: Set(outputs),
      spread: Set(spread.keys))
    var readers: [Int: [Int]] = [:]
    for (slot, operation) in work.operations {
      for input in operation.inputs { readers[input, default: []].append(slot) }
    }
    for group in work.groups {
      let first = group.slots[0]
      guard group.isAlone(work.operations[first]), let operation = work.operations[first] else {
        let chain = Chain(group, of: work.operations, work.types, readBy: readers, outputs: Set(outputs))
        chain.lower(into: &draft, &locations)
        continue
      }
      if case .scan(let scan) = operation.primitive {
        let read = work.operations.values.compactMap { reader -> Int? in
          if case .part(let index) = reader.primitive, reader.inputs[0] == first { index } else { nil }
        }
        locations[first] = draft.lower(scan, operation.inputs.compactMap { locations[$0] }, parts: Set(read))
      } else {
        locations[first] = draft.lower(
          operation.primitive, operation.inputs.compactMap { locations[$0] }, shape: operation.shape,
          scalarType: operation.scalarType)
      }
    }
    return outputs.compactMap { locations[$0] }
  }

  /// The number of kernels that a run calls.
  package var stepCount: Int { plan.callCount }

  /// The bytes that a run needs for what lies between arguments and results.
  package var arenaSize: Int { plan.arenaSize }

  /// Computes the results for other arguments, of the shapes and types that the program was traced with.
  ///
  /// The workers of `pool`, if one is given, share the large steps; the results have the same bits.
  package func run(_ arguments: [Tensor], on pool: WorkerPool? = nil) -> [Tensor] {
    if arguments.contains(where: \.node.isPending) { evaluatePending(arguments.map(\.node)) }
    let start = Profile.begin()
    defer { Profile.end(.run, since: start) }
    let views = arguments.enumerated().map { index, argument in
      guard argument.shape == shapes[index], argument.scalarType == types[index], let view = argument.node.view else {
        stop(
          "argument \(index) is \(argument.scalarType) of shape \(argument.shape), but the program was traced with "
            + "\(types[index]) of shape \(shapes[index])")
      }
      return view.strides == nil
        ? view : Computation.dense(view, shape: argument.shape, scalarType: argument.scalarType)
    }
    return zip(plan.run(views, types: types, on: pool), results).map { view, kind in
      Tensor(Node(.source, [], shape: kind.shape, scalarType: kind.scalarType, view: view))
    }
  }

  /// Computes the results from arguments that lie as the program was made for.
  func run(_ arguments: [View]) -> [View] {
    precondition(arguments.map(\.strides) == strides, "the arguments lie as the program was made for")
    let start = Profile.begin()
    defer { Profile.end(.run, since: start) }
    return plan.run(arguments, types: types, on: nil)
  }
}

extension Program {
  /// Traces a function of trees. `run(_:)` then takes the leaves of all arguments in order.
  package static func trace<each A: TensorTree>(
    _ arguments: repeat each A, precision: ProductPrecision = .full,
    returning function: (repeat each A) throws -> [Tensor]
  ) rethrows -> Program {
    var leaves: [Tensor] = []
    repeat leaves += (each arguments).leaves.map(\.tensor)
    return try Program(like: leaves, precision: precision) { placeholders in
      var rest = placeholders[...]
      return try function(repeat (each arguments).replacingLeaves(from: &rest))
    }
  }
}
