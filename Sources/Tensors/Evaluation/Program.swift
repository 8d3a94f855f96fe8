/// A traced computation from tensors to tensors that can be run again and again, from several threads at once.
///
/// The function is called once, on placeholders; what it builds is ordered, the part that does not depend on the
/// arguments is computed, and each intermediate result is given a slot and a last use. Running it makes no graph.
package struct Program: Sendable {
  private struct Step: Sendable {
    let primitive: Primitive
    let shape: Shape
    let scalarType: ScalarType
    let inputs: [Int]
    let output: Int
    /// Slots that no later step reads.
    let released: [Int]
  }

  private struct Kind: Sendable {
    let shape: Shape
    let scalarType: ScalarType
  }

  private var steps: [Step] = []
  /// Of every slot: arguments first, then constants and results as they come.
  private var kinds: [Kind] = []
  private var known: [Int: View] = [:]
  private var outputs: [Int] = []
  private let argumentCount: Int

  /// Traces a function of tensors like `arguments`.
  package init(like arguments: [Tensor], _ function: ([Tensor]) throws -> [Tensor]) rethrows {
    let placeholders = arguments.enumerated().map {
      Node(.placeholder($0.offset), [], shape: $0.element.shape, scalarType: $0.element.scalarType)
    }
    argumentCount = placeholders.count
    kinds = placeholders.map { Kind(shape: $0.shape, scalarType: $0.scalarType) }
    let results = try function(placeholders.map(Tensor.init)).map(\.node)

    var slot: [ObjectIdentifier: Int] = [:]
    for (index, node) in placeholders.enumerated() { slot[ObjectIdentifier(node)] = index }
    let order = Self.order(below: results)
    evaluatePending(order.filter { !$0.isSymbolic })
    var drafts: [(node: Node, inputs: [Int], output: Int)] = []
    for node in order where slot[ObjectIdentifier(node)] == nil {
      let output = kinds.count
      slot[ObjectIdentifier(node)] = output
      kinds.append(Kind(shape: node.shape, scalarType: node.scalarType))
      if let view = node.view {
        known[output] = view
      } else {
        drafts.append((node, node.inputs.map { slot[ObjectIdentifier($0)] ?? -1 }, output))
      }
    }
    outputs = results.map { slot[ObjectIdentifier($0)] ?? -1 }

    var isRead = Set(outputs)
    isRead.formUnion(known.keys)
    isRead.formUnion(0..<argumentCount)
    for draft in drafts.reversed() {
      let last = Set(draft.inputs).subtracting(isRead)
      isRead.formUnion(last)
      steps.append(
        Step(
          primitive: draft.node.primitive, shape: draft.node.shape, scalarType: draft.node.scalarType,
          inputs: draft.inputs, output: draft.output, released: Array(last)))
    }
    steps.reverse()
  }

  /// The number of kernels that a run calls.
  package var stepCount: Int { steps.count }

  /// Computes the results for other arguments, of the shapes and types that the program was traced with.
  package func run(_ arguments: [Tensor]) -> [Tensor] {
    evaluatePending(arguments.map(\.node))
    var values = [View?](repeating: nil, count: kinds.count)
    for (index, view) in known { values[index] = view }
    for (index, argument) in arguments.enumerated() {
      guard argument.shape == kinds[index].shape, argument.scalarType == kinds[index].scalarType else {
        stop("argument \(index) has the shape \(argument.shape), but the program was traced with \(kinds[index].shape)")
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
      for input in step.inputs {
        operands.append(Operand(view: value(input), shape: kinds[input].shape, scalarType: kinds[input].scalarType))
      }
      values[step.output] = compute(step.primitive, operands, shape: step.shape, scalarType: step.scalarType)
      for slot in step.released { values[slot] = nil }
    }
    return outputs.map {
      Tensor(Node(.source, [], shape: kinds[$0].shape, scalarType: kinds[$0].scalarType, view: value($0)))
    }
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
