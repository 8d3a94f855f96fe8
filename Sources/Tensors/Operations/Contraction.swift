// Matrix products.

/// The matrix product of the last two axes; axes before them broadcast. [.., m, k] · [.., k, n] = [.., m, n].
///
/// A tensor with one axis counts as a row on the left and as a column on the right, as in NumPy.
public func matmul(_ x: Tensor, _ y: Tensor) -> Tensor {
  guard x.scalarType == y.scalarType, x.scalarType.isFloating else {
    stop("matmul: needs two tensors of one floating type, not \(x.scalarType) and \(y.scalarType)")
  }
  guard x.rank > 0, y.rank > 0 else { stop("matmul: a factor has no axes (shapes \(x.shape) and \(y.shape))") }
  if x.rank == 1 { return matmul(x.expandingAxis(at: 0), y).squeezed(y.rank == 1 ? 0 : -2) }
  if y.rank == 1 { return matmul(x, y.expandingAxis(at: 1)).squeezed(-1) }
  let (m, k, n) = (x.shape[x.rank - 2], x.shape[x.rank - 1], y.shape[y.rank - 1])
  guard k == y.shape[y.rank - 2] else {
    stop("matmul: the shapes \(x.shape) and \(y.shape) do not fit: \(k) columns meet \(y.shape[y.rank - 2]) rows")
  }
  // One matrix on the right for a whole batch on the left: one tall product.
  if y.rank == 2, x.rank > 2 {
    return matmul(x.reshaped([x.shape.dropLast().reduce(1, *), k]), y).reshaped(x.shape.dropLast() + [n])
  }
  guard let batch = Array(x.shape.dropLast(2)).broadcast(with: Array(y.shape.dropLast(2))) else {
    stop("matmul: the leading axes of the shapes \(x.shape) and \(y.shape) do not broadcast")
  }
  return Tensor(
    .matmul, [x.broadcast(to: batch + [m, k]), y.broadcast(to: batch + [k, n])], shape: batch + [m, n],
    scalarType: x.scalarType)
}

extension Tensor {
  /// The inner product of two tensors of one shape: Σ xᵢyᵢ.
  public func dot(_ other: Tensor) -> Tensor { (self * other).sum() }
}
