/// The part of the graph between the variables of a transform and a function's outputs, inputs first.
///
/// Found and walked in loops, so that deep graphs do not overflow the stack.
struct Tape {
  private var order: [Node] = []
  private var inputs: [[Node]] = []
  private var position: [ObjectIdentifier: Int] = [:]

  /// Collects the nodes below `outputs` that depend on one of `variables`, which `scope` has made.
  init(from variables: [Node], to outputs: [Node], scope: Scope) {
    // −1: does not depend on a variable, or is being visited.
    var stack: [(node: Node, inputs: [Node], next: Int)] = []
    for variable in variables { append(variable, []) }

    func mayDepend(_ node: Node) -> Bool { node.newestScope >= scope.ordinal }
    for output in outputs where mayDepend(output) && position[ObjectIdentifier(output)] == nil {
      position[ObjectIdentifier(output)] = -1
      stack.append((output, output.inputs, 0))
      while let top = stack.last {
        if top.next < top.inputs.count {
          stack[stack.count - 1].next += 1
          let input = top.inputs[top.next]
          if mayDepend(input), position[ObjectIdentifier(input)] == nil {
            position[ObjectIdentifier(input)] = -1
            stack.append((input, input.inputs, 0))
          }
        } else {
          stack.removeLast()
          if top.inputs.contains(where: { self[$0] != nil }) { append(top.node, top.inputs) }
        }
      }
    }
  }

  private mutating func append(_ node: Node, _ inputs: [Node]) {
    position[ObjectIdentifier(node)] = order.count
    order.append(node)
    self.inputs.append(inputs)
  }

  private subscript(node: Node) -> Int? {
    guard let place = position[ObjectIdentifier(node)], place >= 0 else { return nil }
    return place
  }

  /// Reverse: the cotangents of `variables`, given those of the outputs; nil where nothing flows back.
  func pullBack(_ cotangents: [(Node, Tensor)], to variables: [Node]) -> [Tensor?] {
    var sums = [Tensor?](repeating: nil, count: order.count)
    func add(_ cotangent: Tensor, at place: Int) { sums[place] = sums[place].map { $0 + cotangent } ?? cotangent }
    for (node, cotangent) in cotangents { if let place = self[node] { add(cotangent, at: place) } }
    for place in order.indices.reversed() where place >= variables.count {
      guard let g = sums[place] else { continue }
      sums[place] = nil
      let places = inputs[place].map { self[$0] }
      let at = Primitive.Application(inputs: inputs[place].map(Tensor.init), output: Tensor(order[place]))
      let flowing = order[place].primitive.pullBack(g, at, needed: places.map { $0 != nil })
      for (input, cotangent) in zip(places, flowing) { if let input, let cotangent { add(cotangent, at: input) } }
    }
    return Array(sums.prefix(variables.count))
  }

  /// Forward: the tangents of `outputs`, given those of the variables; nil where they are zero.
  func pushForward(_ tangents: [Tensor], to outputs: [Node]) -> [Tensor?] {
    var moved: [Tensor?] = tangents
    for place in order.indices.dropFirst(tangents.count) {
      let at = Primitive.Application(inputs: inputs[place].map(Tensor.init), output: Tensor(order[place]))
      moved.append(order[place].primitive.pushForward(inputs[place].map { self[$0].flatMap { moved[$0] } }, at))
    }
    return outputs.map { self[$0].flatMap { moved[$0] } }
  }
}
