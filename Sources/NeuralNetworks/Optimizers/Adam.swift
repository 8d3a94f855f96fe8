/// Adam (Kingma and Ba, 2015), by PyTorch's definition; `weightDecay` is added to the gradient (``AdamW``: decoupled).
///
/// g ← g + weightDecay · θ;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;
/// θ ← θ − rate · m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
///
/// Its derivatives are finite at a gradient of zero, where √v has none: there the derivative of the root is taken as 0,
/// which is right, for it is multiplied by m = 0. What is left by the gradient of the first step is −rate / ε.
public struct Adam: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// β₁, how much of the mean of the gradients is kept.
  public var beta1: Double
  /// β₂, how much of the mean of the squared gradients is kept.
  public var beta2: Double
  /// ε.
  public var epsilon: Double
  /// The weight of θ in the gradient.
  public var weightDecay: Double

  /// Adam with PyTorch's settings.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = Tensor(learningRate, .float64)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// m and v, both zeros.
  public func initialSlots(for parameter: Tensor) -> [Tensor] { [.zeros(like: parameter), .zeros(like: parameter)] }

  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
  public func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) {
    let gradient = weightDecay == 0 ? gradient : gradient + weightDecay * parameter
    let m = beta1 * slots[0] + (1 - beta1) * gradient
    let v = beta2 * slots[1] + (1 - beta2) * square(gradient)
    let type = parameter.scalarType
    // The scalars are float64: 1 − β₂ᵗ loses its digits in float32.
    let meanRate = (learningRate / (1 - pow(Tensor(beta1, .float64), step))).cast(to: type)
    let rootScale = rsqrt(1 - pow(Tensor(beta2, .float64), step)).cast(to: type)
    return (parameter - meanRate * m / (safeSquareRoot(v) * rootScale + epsilon), [m, v])
  }
}
