/// Layer normalization: (x − mean) / √(variance + ε) · scale + shift, with the mean and the (biased) variance of each
/// example over the last axis (Ba, Kiros and Hinton, 2016). [batch.., features] → [batch.., features].
public struct LayerNorm: Layer {
  /// [features].
  public var scale: Tensor
  /// [features].
  public var shift: Tensor
  /// Added to the variance.
  public var epsilon: Double

  /// A normalization that starts as scale 1 and shift 0.
  public init(_ features: Int, epsilon: Double = 1e-5) {
    scale = .ones([features])
    shift = .zeros([features])
    self.epsilon = epsilon
  }

  /// Normalizes every example by itself. [batch.., features] → [batch.., features].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    requireFeatures(x, scale.count, "LayerNorm")
    let centered = x - x.mean(-1, keepingAxes: true)
    let variance = square(centered).mean(-1, keepingAxes: true)
    return centered * rsqrt(variance + epsilon) * scale + shift
  }
}

/// Ends the program unless the last axis of `x` has a size: broadcasting would accept a size of 1 and hide the mistake.
func requireFeatures(_ x: Tensor, _ features: Int, _ layer: String) {
  guard let last = x.shape.last, last == features else {
    stop("\(layer): needs an input of shape [.., \(features)], not \(x.shape)")
  }
}
