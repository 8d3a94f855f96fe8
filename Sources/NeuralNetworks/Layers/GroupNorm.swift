/// Group normalization: (x − mean) / √(variance + ε) · scale + shift, with the mean and the (biased) variance of each example
/// over all its places and a group of its features (Wu and He, 2018). [batch, .., features] → [batch, .., features].
///
/// It does not look at other examples, so it means the same in the support and in the query set.
public struct GroupNorm: Layer {
  /// [features].
  public var scale: Tensor
  /// [features].
  public var shift: Tensor
  /// The number of groups; as many as features make an instance normalization.
  public var groups: Int
  /// Added to the variance.
  public var epsilon: Double

  /// A normalization that starts as scale 1 and shift 0.
  public init(_ features: Int, groups: Int, epsilon: Double = 1e-5) {
    guard groups > 0, features % groups == 0 else {
      stop("GroupNorm: \(features) features cannot be parted into \(groups) groups")
    }
    scale = .ones([features])
    shift = .zeros([features])
    self.groups = groups
    self.epsilon = epsilon
  }

  /// Normalizes every example by itself. [batch, .., features] → [batch, .., features].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireFeatures(x, scale.count, "GroupNorm")
    guard x.rank >= 2 else { stop("GroupNorm: needs an input of shape [batch, .., \(scale.count)], not \(x.shape)") }
    let places = x.shape.dropFirst().dropLast().reduce(1, *)
    let parts = x.reshaped([x.shape[0], places, groups, scale.count / groups])
    let centered = parts - parts.mean([1, 3], keepingAxes: true)
    let variance = square(centered).mean([1, 3], keepingAxes: true)
    return (centered * rsqrt(variance + epsilon)).reshaped(x.shape) * scale + shift
  }
}
