/// Dropout: in training, each number is set to 0 with the probability `rate` and the others are divided by 1 − `rate`,
/// so that the mean stays (Srivastava et al., 2014; "inverted" dropout).
///
/// Without a key, `dropout(x)` is x; with one, `dropout(x, key: key)` drops, and the same key drops the same numbers.
/// Any shape is mapped to itself.
public struct Dropout: Layer {
  /// The probability with which a number is dropped, in 0..<1.
  public var rate: Double

  /// A layer that drops numbers with a probability in 0..<1.
  public init(rate: Double) {
    guard rate >= 0, rate < 1 else { stop("Dropout: the rate must be in 0..<1, not \(rate)") }
    self.rate = rate
  }

  /// The input itself.
  public func callAsFunction(_ x: Tensor) -> Tensor { x }

  /// The input with some of its numbers dropped and the others scaled up.
  public func callAsFunction(_ x: Tensor, key: RandomKey) -> Tensor {
    if rate == 0 { return x }
    let isKept = Tensor.randomBernoulli(x.shape, probability: 1 - rate, key: key)
    return select(isKept, x * (1 / (1 - rate)), .zeros(like: x))
  }
}
