// The derivative of a gradient is a Hessian, and Hessians are symmetric: pulling a cotangent v back through a gradient is
// moving the gradient along v. So what is reverse over reverse in the formula (the gradient of a gradient step) is
// computed forward over reverse, which needs less time and keeps less.

/// The cotangents found by a transform as a tuple that is known to be a gradient, if anything may differentiate it.
func asGradient(_ slopes: [Tensor?], at points: [Node], inside scope: Scope) -> [Tensor?] {
  let found = slopes.indices.filter { index in
    guard let slope = slopes[index] else { return false }
    if case .constant = slope.node.primitive { return false }
    return slope.node.isSymbolic || slope.node.isWalkable(outside: scope)
  }
  guard !found.isEmpty else { return slopes }
  let inputs = found.map { points[$0] } + found.compactMap { slopes[$0]?.node }
  let tuple = Tensor(Node.make(.gradient(found.count), inputs, shape: [], scalarType: .float32))
  var result = slopes
  for (part, index) in found.enumerated() {
    result[index] = Tensor(
      .part(part), [tuple], shape: points[index].shape, scalarType: points[index].scalarType)
  }
  return result
}

extension Tape {
  /// The cotangents of the inputs of a `gradient` node, given those of its parts.
  func pullBackGradient(_ given: [Int: Tensor], _ inputs: [Node]) -> [Tensor?] {
    let count = inputs.count / 2
    let (points, slopes) = (Array(inputs.prefix(count)), Array(inputs.dropFirst(count)))
    // Where the slopes depend on more that is differentiated than on the points, the Hessian is not all that is needed.
    guard let between = part(between: points, and: slopes) else {
      return points.map { _ in nil } + slopes.indices.map { given[$0] }
    }
    // What only some points move, such as the head of a net, costs what these cost.
    return between.pushForward(points.indices.map { given[$0] }, to: slopes) + slopes.map { _ in nil }
  }
}

extension Node {
  /// Whether a transform around that of `scope` may still walk through this node.
  func isWalkable(outside scope: Scope) -> Bool {
    self.scope.map { $0.isOpen && $0.ordinal < scope.ordinal } ?? false
  }
}
