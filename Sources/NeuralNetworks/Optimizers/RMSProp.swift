/// RMSProp (Tieleman and Hinton, 2012), by PyTorch's definition.
///
/// g ← g + weightDecay · θ;  v ← αv + (1 − α)g²;  d = g / (√v + ε);  b ← momentum · b + d;  θ ← θ − rate · b.
/// Centered, it keeps the mean m ← αm + (1 − α)g too and divides by √(v − m²) + ε (Graves, 2013).
///
/// At a gradient of zero the derivative of the root is taken as 0, which is right, for it is multiplied by g = 0.
public struct RMSProp: Optimizer {
  /// A float64 scalar.
  public var learningRate: Tensor
  /// α, how much of the mean of the squared gradients is kept.
  public var alpha: Double
  /// ε.
  public var epsilon: Double
  /// How much of the last step is kept.
  public var momentum: Double
  /// Whether the gradients' variance takes the place of their mean square.
  public var isCentered: Bool
  /// The weight of θ in the gradient.
  public var weightDecay: Double

  /// RMSProp with PyTorch's settings.
  public init(
    learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
    isCentered: Bool = false, weightDecay: Double = 0
  ) {
    self.learningRate = Tensor(learningRate, .float64)
    self.alpha = alpha
    self.epsilon = epsilon
    self.momentum = momentum
    self.isCentered = isCentered
    self.weightDecay = weightDecay
  }

  /// The mean square; the mean, where it is centered; the last step, where there is a momentum.
  public func initialSlots(for parameter: Tensor) -> [Tensor] {
    let count = 1 + (isCentered ? 1 : 0) + (momentum == 0 ? 0 : 1)
    return (0..<count).map { _ in .zeros(like: parameter) }
  }

  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
  public func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) {
    let gradient = weightDecay == 0 ? gradient : gradient + weightDecay * parameter
    let v = alpha * slots[0] + (1 - alpha) * square(gradient)
    var (new, moment) = ([v], v)
    if isCentered {
      let mean = alpha * slots[1] + (1 - alpha) * gradient
      new.append(mean)
      moment = v - square(mean)
    }
    var direction = gradient / (safeSquareRoot(moment) + epsilon)
    if momentum != 0, let last = slots.last {
      direction = momentum * last + direction
      new.append(direction)
    }
    return (parameter - rate(for: parameter) * direction, new)
  }
}
