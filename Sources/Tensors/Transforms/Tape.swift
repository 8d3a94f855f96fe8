/// The part of the graph between the variables of a transform and a function's outputs, inputs first.
///
/// Walked in loops, so that deep graphs do not overflow the stack.
struct Tape {
  private var order: [Node] = []
  private var inputs: [[Node]] = []
  private var position: [ObjectIdentifier: Int] = [:]

  /// Collects the nodes below `outputs` that depend on one of `variables`, which `scope` has made.
  init(from variables: [Node], to outputs: [Node], scope: Scope) {
    for variable in variables { append(variable, []) }
    let own = position
    // What no newer transform than an earlier one has touched cannot depend on this one.
    let below = postOrder(outputs) { node in
      node.newestScope >= scope.ordinal && own[ObjectIdentifier(node)] == nil ? node.inputs : nil
    }
    for (node, inputs) in below where inputs.contains(where: { self[$0] != nil }) { append(node, inputs) }
  }

  private mutating func append(_ node: Node, _ inputs: [Node]) {
    position[ObjectIdentifier(node)] = order.count
    order.append(node)
    self.inputs.append(inputs)
  }

  private subscript(node: Node) -> Int? { position[ObjectIdentifier(node)] }

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
