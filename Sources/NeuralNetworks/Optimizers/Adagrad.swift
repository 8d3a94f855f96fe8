/// Adagrad (Duchi, Hazan and Singer, 2011), by PyTorch's definition.
///
/// g ← g + weightDecay · θ;  v ← v + g²;  θ ← θ − rate / (1 + (t − 1) · learningRateDecay) · g / (√v + ε).
///
/// At a gradient of zero the derivative of the root is taken as 0, which is right, for it is multiplied by g = 0.
public struct Adagrad: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// How fast the learning rate falls with the steps.
  public var learningRateDecay: Double
  /// v before the first step.
  public var initialAccumulator: Double
  /// ε.
  public var epsilon: Double
  /// The weight of θ in the gradient.
  public var weightDecay: Double

  /// Adagrad with PyTorch's settings.
  public init(
    learningRate: Double = 0.01, learningRateDecay: Double = 0, initialAccumulator: Double = 0,
    epsilon: Double = 1e-10, weightDecay: Double = 0
  ) {
    self.learningRate = Tensor(learningRate, .float64)
    self.learningRateDecay = learningRateDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// v, everywhere `initialAccumulator`.
  public func initialSlots(for parameter: Tensor) -> [Tensor] {
    [.full(parameter.shape, initialAccumulator, parameter.scalarType)]
  }

  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
  public func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) {
    let gradient = weightDecay == 0 ? gradient : gradient + weightDecay * parameter
    let v = slots[0] + square(gradient)
    let rate = (learningRate / (1 + (step - 1) * learningRateDecay)).cast(to: parameter.scalarType)
    return (parameter - rate * gradient / (safeSquareRoot(v) + epsilon), [v])
  }
}
