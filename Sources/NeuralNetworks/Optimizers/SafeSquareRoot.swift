/// √x for moments of gradients: at least 10⁻¹⁵ (10⁻¹⁰⁰ in float64), with a derivative of 0 where it is that, because the
/// derivatives of the root overflow there, to the second order.
///
/// Such roots are divided by after adding an ε that is far greater, so that they do not count.
func safeSquareRoot(_ x: Tensor) -> Tensor { sqrt(maximum(x, x.scalarType == .float64 ? 1e-200 : 1e-30)) }
