/// Gradient descent, optionally with momentum (Polyak's or Nesterov's) and weight decay, by PyTorch's definitions.
///
/// g ← g + weightDecay · θ;  v ← momentum · v + (1 − dampening) · g (at the first step v ← g);
/// θ ← θ − rate · (Nesterov: g + momentum · v; else v).
public struct SGD: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// How much of the velocity is kept.
  public var momentum: Double
  /// How much of the gradient is left out of the velocity.
  public var dampening: Double
  /// Whether the gradient is added to the velocity before the step (Nesterov's momentum, as in Sutskever et al., 2013).
  public var isNesterov: Bool
  /// The weight of θ in the gradient.
  public var weightDecay: Double

  /// Gradient descent, by default without anything more.
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

  /// The velocity, zeros; nothing without a momentum.
  public func initialSlots(for parameter: Tensor) -> [Tensor] { momentum == 0 ? [] : [.zeros(like: parameter)] }

  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
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

  /// Moves a model one step along a gradient by plain gradient descent, which has nothing to remember.
  ///
  /// A momentum needs a state, and ends the program here.
  public func update<M: TensorTree>(_ model: inout M, along gradient: M) {
    guard momentum == 0 else { stop("SGD: a step with momentum needs the state of the steps before it: pass `state`") }
    var state = OptimizerState<M>(slots: [])
    update(&model, along: gradient, state: &state)
  }
}
