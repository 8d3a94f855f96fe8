/// Half the sum of the squares of all trained numbers, ½ Σ θ², a scalar.
///
/// Its gradient is the model itself, so that adding `weight * l2Penalty(model)` to a loss is the same as gradient descent
/// with `weightDecay: weight`.
public func l2Penalty<T: TensorTree>(_ tree: T) -> Tensor {
  let squares = tree.trainable.map { square($0).sum() }
  guard var sum = squares.first else { return Tensor(0) }
  for next in squares.dropFirst() { sum += next.cast(to: sum.scalarType) }
  return 0.5 * sum
}
