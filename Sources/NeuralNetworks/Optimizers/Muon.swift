/// Muon (Jordan et al., 2024) for matrices and filters, ``Adam`` for vectors and scalars.
///
/// The momentum of a matrix is replaced by nearly the closest matrix with orthonormal rows or columns, so that all
/// its directions are learned at one pace; filters are matrices whose columns are their outputs. It learns more from as many
/// steps than Adam often does, for two products with a matrix and 17 of the size of its shorter side a step.
///
/// m ← βm + (1 − β)g;  X ← M / max(‖M‖, ε) with M = βm + (1 − β)g;  five times X ← aX + (bXXᵀ + c(XXᵀ)²)X
/// with (a, b, c) = (3.4445, −4.7750, 2.0315);  θ ← θ − rate · weightDecay · θ − rate · 0.2 √max(rows, columns) · X.
///
/// This is PyTorch's definition with `adjust_lr_fn="match_rms_adamw"`, in the scalar type of the parameter. With that factor
/// a step is as long as one of Adam's (Liu et al., 2025), so that one learning rate serves both.
public struct Muon: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// β, how much of the mean of the gradients of a matrix is kept.
  public var momentum: Double
  /// ε, the least norm that a gradient is divided by.
  public var epsilon: Double
  /// The share of a matrix that is taken away, times the learning rate.
  public var weightDecay: Double

  /// Muon with the settings of its authors, without weight decay.
  public init(
    learningRate: Double = 1e-3, momentum: Double = 0.95, epsilon: Double = 1e-7, weightDecay: Double = 0
  ) {
    self.learningRate = Tensor(learningRate, .float64)
    self.momentum = momentum
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// m, of zeros, and for vectors and scalars Adam's v.
  public func initialSlots(for parameter: Tensor) -> [Tensor] {
    [.zeros(like: parameter), parameter.rank < 2 ? .zeros(like: parameter) : .zeros([], parameter.scalarType)]
  }

  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
  public func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) {
    guard parameter.rank >= 2, parameter.count > 0 else {
      var adam = Adam()
      adam.learningRate = learningRate
      return adam.update(parameter, along: gradient, slots: slots, step: step)
    }
    let m = momentum * slots[0] + (1 - momentum) * gradient
    let ahead = momentum * m + (1 - momentum) * gradient
    let columns = parameter.shape[parameter.rank - 1]
    let rows = parameter.count / columns
    let direction = orthogonalized(ahead.reshaped([rows, columns])).reshaped(parameter.shape)
    let rate = rate(for: parameter)
    let kept = weightDecay == 0 ? parameter : parameter - (weightDecay * rate) * parameter
    return (kept - (0.2 * Double(max(rows, columns)).squareRoot() * rate) * direction, [m, slots[1]])
  }

  /// A matrix whose singular values are between 0.7 and 1.2 instead of what they were. [rows, columns] → the same shape.
  private func orthogonalized(_ matrix: Tensor) -> Tensor {
    let isTall = matrix.shape[0] > matrix.shape[1]
    var x = isTall ? matrix.transposed() : matrix
    x = x / maximum(safeSquareRoot(square(x).sum()), epsilon)
    // All five steps are factors of one small matrix, for XXᵀ becomes A XXᵀ Aᵀ where X becomes AX.
    var gram = matmul(x, x.transposed())
    let identity = Tensor.identity(x.shape[0], x.scalarType)
    var factor = identity
    for step in 0..<5 {
      let next = 3.4445 * identity + (2.0315 * matmul(gram, gram) - 4.7750 * gram)
      factor = step == 0 ? next : matmul(next, factor)
      if step < 4 { gram = matmul(matmul(next, gram), next) }
    }
    x = matmul(factor, x)
    return isTall ? x.transposed() : x
  }
}
