/// Batch normalization over features: (x − mean) / √(variance + ε) · scale + shift, for every axis but the last
/// (Ioffe and Szegedy, 2015).
///
/// There is no training mode. Which statistics are used is said in the call: those of the batch itself
/// (`norm(x)`, as MAML does), or given ones (`norm(x, with: running)`), which the caller keeps:
///
/// ```swift
/// running = running.updated(with: norm.statistics(of: x))
/// ```
public struct BatchNorm: Layer {
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

  /// Mean and variance of each feature. They are buffers: a model that keeps running statistics does not train them.
  public struct Statistics: Model {
    /// [features].
    @Buffer public var mean: Tensor
    /// [features]: divided by the count (biased) in a batch's statistics, unbiased in running ones.
    @Buffer public var variance: Tensor
    /// The number of values that each was computed from.
    public var count: Int

    /// Mean 0 and variance 1: where running statistics start.
    public init(features: Int) {
      self.init(mean: .zeros([features]), variance: .ones([features]), count: 0)
    }

    /// Statistics [features] that were computed from `count` values each.
    public init(mean: Tensor, variance: Tensor, count: Int) {
      self.mean = mean
      self.variance = variance
      self.count = count
    }

    /// Running statistics moved towards those of a batch: (1 − momentum) · old + momentum · new, where the batch's
    /// variance is made unbiased, as PyTorch does.
    public func updated(with batch: Statistics, momentum: Double = 0.1) -> Statistics {
      let unbiased = batch.variance * (Double(batch.count) / Double(Swift.max(batch.count - 1, 1)))
      return Statistics(
        mean: mean * (1 - momentum) + batch.mean * momentum,
        variance: variance * (1 - momentum) + unbiased * momentum, count: count + batch.count)
    }
  }

  /// The statistics of a batch. [batch.., features].
  public func statistics(of x: Tensor) -> Statistics {
    requireFeatures(x, scale.count, "BatchNorm")
    let axes = Array(0..<(x.rank - 1))
    return Statistics(
      mean: x.mean(axes), variance: x.variance(axes), count: x.shape.dropLast().reduce(1, *))
  }

  /// Normalizes by the batch's own statistics.
  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, with: statistics(of: x)) }

  /// Normalizes by given statistics.
  public func callAsFunction(_ x: Tensor, with statistics: Statistics) -> Tensor {
    requireFeatures(x, scale.count, "BatchNorm")
    return (x - statistics.mean) * (rsqrt(statistics.variance + epsilon) * scale) + shift
  }
}
