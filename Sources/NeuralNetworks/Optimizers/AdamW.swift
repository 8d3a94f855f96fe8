/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), by PyTorch's definition: first
/// θ ← θ − rate · weightDecay · θ, then the step of ``Adam`` along the gradient as it is.
public struct AdamW: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// β₁, how much of the mean of the gradients is kept.
  public var beta1: Double
  /// β₂, how much of the mean of the squared gradients is kept.
  public var beta2: Double
  /// ε.
  public var epsilon: Double
  /// The share of θ that is taken away, times the learning rate.
  public var weightDecay: Double

  /// AdamW with PyTorch's settings.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 1e-2
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
    var adam = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    adam.learningRate = learningRate
    let kept = (1 - weightDecay * learningRate).cast(to: parameter.scalarType)
    return adam.update(parameter * kept, along: gradient, slots: slots, step: step)
  }
}
