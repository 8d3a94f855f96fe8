// Random tensors. The key is an input of the node, so that a plan can run again with another key.

extension Tensor {
  private static func random(_ kind: RandomKind, _ shape: Shape, _ type: ScalarType, _ key: RandomKey) -> Tensor {
    guard type.isFloating || kind == .permutation else { stop("random numbers are floating, not \(type); cast them") }
    let (words, path) = key.node
    return Tensor(.random(kind, path: path), [words], shape: shape, scalarType: type)
  }

  /// Numbers drawn evenly from a range, its upper end left out.
  public static func randomUniform(
    _ shape: Shape, in range: Range<Double> = 0..<1, key: RandomKey, _ type: ScalarType = .float32
  ) -> Tensor {
    let unit = random(.uniform, shape, type, key)
    if range == 0..<1 { return unit }
    // Rounding may carry the greatest numbers up to the bound that is left out.
    let last = type == .float32 ? Double(Float(range.upperBound).nextDown) : range.upperBound.nextDown
    return minimum(unit * (range.upperBound - range.lowerBound) + range.lowerBound, last)
  }

  /// Normally distributed numbers.
  public static func randomNormal(
    _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, key: RandomKey, _ type: ScalarType = .float32
  ) -> Tensor {
    random(.normal, shape, type, key) * standardDeviation + mean
  }

  /// The numbers 0, 1, …, `count` − 1 (int32) in random order.
  public static func randomPermutation(_ count: Int, key: RandomKey) -> Tensor {
    random(.permutation, [count], .int32, key)
  }

  /// True with a probability.
  public static func randomBernoulli(_ shape: Shape, probability: Double, key: RandomKey) -> Tensor {
    random(.uniform, shape, .float32, key) .< probability
  }

  /// Classes (int32) drawn with probabilities softmax(`logits`) along the last axis, by the Gumbel-max trick.
  /// [.., classes] → [..].
  public static func randomCategorical(logits: Tensor, key: RandomKey) -> Tensor {
    let uniform = random(.uniform, logits.shape, logits.scalarType, key)
    // A uniform number can be 0, whose logarithm is not finite.
    let gumbel = -log(-log(maximum(uniform, 1e-30)))
    return (logits + gumbel).argmax(-1)
  }
}
