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

  private enum Work: Sendable {
    case kernel(Operation, output: Int)
    case chain(Chain)
  }

  private struct Step: Sendable {
    let work: Work
    /// Slots that no later step reads.
    let released: [Int]
  }

  private var steps: [Step] = []
  /// Of every slot: arguments first, then constants and results as they come.
  private var shapes: [Shape] = []
  private var types: [ScalarType] = []
  private var known: [Int: View] = [:]
  private var outputs: [Int] = []
  private let argumentCount: Int

  /// Traces a function of tensors like `arguments`.
  package init(like arguments: [Tensor], _ function: ([Tensor]) throws -> [Tensor]) rethrows {
    let placeholders = arguments.enumerated().map {
      Node(.placeholder($0.offset), [], shape: $0.element.shape, scalarType: $0.element.scalarType)
    }
    argumentCount = placeholders.count
    shapes = placeholders.map(\.shape)
    types = placeholders.map(\.scalarType)
    let results = try function(placeholders.map(Tensor.init)).map(\.node)

    var slot: [ObjectIdentifier: Int] = [:]
    for (index, node) in placeholders.enumerated() { slot[ObjectIdentifier(node)] = index }
    let order = Self.order(below: results)
    evaluatePending(order.filter { !$0.isSymbolic })
    var operations: [Int: Operation] = [:]
    var same: [Operation: Int] = [:]
    for node in order where slot[ObjectIdentifier(node)] == nil {
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
    outputs = results.map { slot[ObjectIdentifier($0)] ?? -1 }
    plan(operations)
  }

  /// Puts the operations in an order, in groups, and finds the last use of each slot.
  private mutating func plan(_ operations: [Int: Operation]) {
    let work: [Work] = Schedule(operations, outputs: Set(outputs)).groups.map { group in
      if group.count == 1, let operation = operations[group[0]] { return .kernel(operation, output: group[0]) }
      return .chain(Chain(group, of: operations, types: types, outputs: Set(outputs)))
    }
    var isRead = Set(outputs)
    isRead.formUnion(known.keys)
    isRead.formUnion(0..<argumentCount)
    for work in work.reversed() {
      let inputs: [Int] =
        switch work {
        case .kernel(let operation, _): operation.inputs
        case .chain(let chain): chain.inputs
        }
      let last = Set(inputs).subtracting(isRead)
      isRead.formUnion(last)
      steps.append(Step(work: work, released: Array(last)))
    }
    steps.reverse()
  }

  /// The number of kernels and views that a run makes.
  package var stepCount: Int { steps.count }

  /// Computes the results for other arguments, of the shapes and types that the program was traced with.
  package func run(_ arguments: [Tensor]) -> [Tensor] {
    evaluatePending(arguments.map(\.node))
    var values = [View?](repeating: nil, count: shapes.count)
    for (index, view) in known { values[index] = view }
    for (index, argument) in arguments.enumerated() {
      guard argument.shape == shapes[index], argument.scalarType == types[index] else {
        stop(
          "argument \(index) is \(argument.scalarType) of shape \(argument.shape), but the program was traced with "
            + "\(types[index]) of shape \(shapes[index])")
      }
      values[index] = argument.node.view
    }
    func value(_ slot: Int) -> View {
      guard let view = values[slot] else { preconditionFailure("a slot is written before it is read") }
      return view
    }
    var operands: [Operand] = []
    for step in steps {
      operands.removeAll(keepingCapacity: true)
      switch step.work {
      case .kernel(let operation, let output):
        for input in operation.inputs {
          operands.append(Operand(view: value(input), shape: shapes[input], scalarType: types[input]))
        }
        values[output] = compute(operation.primitive, operands, shape: operation.shape, scalarType: operation.scalarType)
      case .chain(let chain):
        for input in chain.inputs {
          operands.append(Operand(view: value(input), shape: shapes[input], scalarType: types[input]))
        }
        chain.run(operands) { slot, storage in values[slot] = View(storage: storage) }
      }
      for slot in step.released { values[slot] = nil }
    }
    return outputs.map { Tensor(Node(.source, [], shape: shapes[$0], scalarType: types[$0], view: value($0))) }
  }

  /// All nodes below `roots` that a run needs, inputs first.
  private static func order(below roots: [Node]) -> [Node] {
    var order: [Node] = []
    var seen: Set<ObjectIdentifier> = []
    var stack: [(node: Node, inputs: [Node], next: Int)] = []
    func visit(_ node: Node) {
      guard seen.insert(ObjectIdentifier(node)).inserted else { return }
      // Below a node that does not depend on the arguments nothing needs to be kept.
      stack.append((node, node.isSymbolic ? node.inputs : [], 0))
    }
    for root in roots {
      visit(root)
      while let top = stack.last {
        if top.next < top.inputs.count {
          stack[stack.count - 1].next += 1
          visit(top.inputs[top.next])
        } else {
          stack.removeLast()
          order.append(top.node)
        }
      }
    }
    return order
  }
}

extension Program {
  /// Traces a function of trees. `run(_:)` then takes the leaves of all arguments in order.
  package static func trace<each A: TensorTree>(
    _ arguments: repeat each A, returning function: (repeat each A) throws -> [Tensor]
  ) rethrows -> Program {
    var leaves: [Tensor] = []
    repeat leaves += (each arguments).leaves.map(\.tensor)
    return try Program(like: leaves) { placeholders in
      var rest = placeholders[...]
      return try function(repeat (each arguments).replacingLeaves(from: &rest))
    }
  }
}
