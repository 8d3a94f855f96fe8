/// Adam (Kingma and Ba, 2015), by PyTorch's definition; `weightDecay` is added to the gradient (AdamW: decoupled).
///
/// m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  θ ← θ − rate · m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
///
/// Its derivative is finite at a gradient of zero, where √v has none: there the derivative of the root is taken as 0,
/// which is right, for it is multiplied by m = 0.
public struct Adam: Optimizer {
  public var learningRate: Tensor
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double

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

  public func initialSlots(for parameter: Tensor) -> [Tensor] { [.zeros(like: parameter), .zeros(like: parameter)] }

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

/// √x, with the derivative 0 at 0.
func safeSquareRoot(_ x: Tensor) -> Tensor {
  let isZero = x .== 0
  return select(isZero, .zeros(like: x), sqrt(select(isZero, .ones(like: x), x)))
}
