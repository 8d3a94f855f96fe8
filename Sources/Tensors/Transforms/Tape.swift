/// The part of the graph between the variables of a transform and a function's outputs, inputs first.
///
/// Walked in loops, so that deep graphs do not overflow the stack.
struct Tape {
  private var order: [Node] = []
  private var inputs: [[Node]] = []
  private var position: [ObjectIdentifier: Int] = [:]
  private let scope: Scope

  /// Collects the nodes below `outputs` that depend on one of `variables`, which `scope` has made.
  init(from variables: [Node], to outputs: [Node], scope: Scope) {
    self.scope = scope
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
    // The cotangents of the parts of a tuple, by its place.
    var parts: [Int: [Int: Tensor]] = [:]
    for place in order.indices.reversed() where place >= variables.count {
      let places = inputs[place].map { self[$0] }
      let flowing: [Tensor?]
      if case .scan(let scan) = order[place].primitive {
        guard let given = parts.removeValue(forKey: place) else { continue }
        flowing = scan.pullBack(given, application(place), needed: places.map { $0 != nil }, inside: scope)
      } else if case .gradient = order[place].primitive {
        guard let given = parts.removeValue(forKey: place) else { continue }
        flowing = pullBackGradient(given, inputs[place])
      } else {
        guard let g = sums[place] else { continue }
        sums[place] = nil
        if case .part(let index) = order[place].primitive {
          // A part may have several nodes.
          if let tuple = places[0] { parts[tuple, default: [:]].merge([index: g]) { $0 + $1 } }
          continue
        }
        flowing = order[place].primitive.pullBack(g, application(place), needed: places.map { $0 != nil })
      }
      for (input, cotangent) in zip(places, flowing) { if let input, let cotangent { add(cotangent, at: input) } }
    }
    return Array(sums.prefix(variables.count))
  }

  /// Forward: the tangents of `outputs`, given those of the variables; nil where they are zero.
  func pushForward(_ tangents: [Tensor?], to outputs: [Node]) -> [Tensor?] {
    var moved = tangents
    // The tangents of the parts of a tuple, by its place.
    var parts: [Int: [Tensor?]] = [:]
    for place in order.indices.dropFirst(tangents.count) {
      let given = inputs[place].map { self[$0].flatMap { moved[$0] } }
      switch order[place].primitive {
      case .scan(let scan):
        let movesHistory = order.indices.contains { reader in
          if case .part(let index) = order[reader].primitive, scan.histories.contains(index) {
            self[inputs[reader][0]] == place
          } else {
            false
          }
        }
        parts[place] = scan.pushForward(given, application(place), movesHistory: movesHistory, inside: scope)
        moved.append(nil)
      case .gradient(let count):
        parts[place] = Array(given.dropFirst(count))
        moved.append(nil)
      case .part(let index): moved.append(self[inputs[place][0]].flatMap { parts[$0]?[index] })
      default: moved.append(order[place].primitive.pushForward(given, application(place)))
      }
    }
    return outputs.map { self[$0].flatMap { moved[$0] } }
  }

  /// The part of this tape that leads from some of its nodes to others; nil where something else on it leads there too.
  func part(between points: [Node], and results: [Node]) -> Tape? {
    let starts = points.compactMap { self[$0] }
    guard Set(starts).count == points.count else { return nil }
    var found = Set(starts)
    var rest = results.compactMap { self[$0] }
    while let place = rest.popLast() {
      if found.insert(place).inserted { rest += inputs[place].compactMap { self[$0] } }
    }
    var part = Tape(scope: scope)
    for point in points { part.append(point, []) }
    for place in found.subtracting(starts).sorted() {
      guard inputs[place].contains(where: { part[$0] != nil }) else { return nil }
      part.append(order[place], inputs[place])
    }
    return part
  }

  private init(scope: Scope) { self.scope = scope }

  private func application(_ place: Int) -> Primitive.Application {
    Primitive.Application(inputs: inputs[place].map(Tensor.init), output: Tensor(order[place]))
  }
}
