/// The coefficient of determination R² = 1 − Σ (target − prediction)² / Σ (target − mean target)², a scalar: 1 for exact
/// predictions, 0 for such that are as good as the mean, less for worse ones. [..], [..] → scalar.
///
/// Where all targets are equal the quotient is not defined; then it is 1 for exact predictions and 0 else, as in
/// scikit-learn.
public func rSquared(_ prediction: Tensor, _ target: Tensor) -> Tensor {
  requireSameShape(prediction, target, "rSquared")
  let residual = square(target - prediction).sum()
  let total = square(target - target.mean()).sum()
  let isConstant = total .== 0
  let quotient = residual / select(isConstant, .ones(like: total), total)
  return select(isConstant, (residual .== 0).cast(to: residual.scalarType), 1 - quotient)
}
