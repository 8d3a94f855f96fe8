// Losses of predictions of real numbers. Predictions and targets have one shape, which is also that of the unreduced
// losses.

/// The squared errors (prediction − target)². [..], [..] → scalar, or [..] where they are not reduced.
public func meanSquaredError(_ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  requireSameShape(prediction, target, "meanSquaredError")
  return reduction(square(prediction - target))
}

/// The absolute errors |prediction − target|, with the derivative 0 at 0. [..], [..] → scalar, or [..] where they are
/// not reduced.
public func meanAbsoluteError(_ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  requireSameShape(prediction, target, "meanAbsoluteError")
  return reduction(abs(prediction - target))
}

/// Huber's loss of the errors d = prediction − target: d² / 2 where |d| ≤ δ, δ · (|d| − δ / 2) beyond (Huber, 1964).
/// [..], [..] → scalar, or [..] where they are not reduced.
public func huber(
  _ prediction: Tensor, _ target: Tensor, delta: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  guard delta > 0 else { stop("huber: delta must be positive, not \(delta)") }
  requireSameShape(prediction, target, "huber")
  let error = prediction - target
  let size = abs(error)
  return reduction(select(size .<= delta, 0.5 * square(error), delta * (size - 0.5 * delta)))
}
