/// Gradient descent, optionally with momentum (Polyak's or Nesterov's) and weight decay, by PyTorch's definitions.
///
/// g ← g + weightDecay · θ;  v ← momentum · v + (1 − dampening) · g (at the first step v ← g);
/// θ ← θ − rate · (Nesterov: g + momentum · v; else v).
public struct SGD: Optimizer {
  public var learningRate: Tensor
  public var momentum: Double
  public var dampening: Double
  public var isNesterov: Bool
  public var weightDecay: Double

  public init(
    learningRate: Double = 0.01, momentum: Double = 0, dampening: Double = 0, isNesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    self.learningRate = Tensor(learningRate, .float64)
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }

  public func initialSlots(for parameter: Tensor) -> [Tensor] { momentum == 0 ? [] : [.zeros(like: parameter)] }

  public func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) {
    let gradient = weightDecay == 0 ? gradient : gradient + weightDecay * parameter
    guard let velocity = slots.first else { return (parameter - rate(for: parameter) * gradient, []) }
    let damped = momentum * velocity + (1 - dampening) * gradient
    let moved = dampening == 0 ? damped : select(step .<= 1, gradient, damped)
    let direction = isNesterov ? gradient + momentum * moved : moved
    return (parameter - rate(for: parameter) * direction, [moved])
  }
}
