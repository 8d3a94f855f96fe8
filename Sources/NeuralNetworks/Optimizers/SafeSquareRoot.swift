/// √x, whose derivative is 0 where x is 0 or so small that the derivatives of the root overflow, to the second order.
///
/// Roots of moments of gradients are divided by after adding an ε that is far greater than the root at these x, so that
/// the root hardly counts there. The value is exact everywhere (and 0 below 0, where rounding can lead a variance).
func safeSquareRoot(_ x: Tensor) -> Tensor {
  let isTiny = x .< (x.scalarType == .float64 ? 1e-200 : 1e-30)
  // Both branches are computed, and zero times an infinite derivative would be NaN: none passes through the first, and
  // the second does not see the small numbers.
  return select(isTiny, stopGradient(sqrt(maximum(x, 0))), sqrt(select(isTiny, .ones(like: x), x)))
}
