/// Batch normalization over features: (x − mean) / √(variance + ε) · scale + shift, for every axis but the last
/// (Ioffe and Szegedy, 2015).
///
/// There is no training mode. Which statistics are used is said by the layer's `source` (those of the batch itself, as
/// MAML does, unless it says something else), or in the call, by statistics that the caller keeps:
///
/// ```swift
/// let y = norm(x)
/// running = running.updated(with: norm.statistics(of: x))
/// let z = norm(x, with: running)
/// ```
///
/// With `steps`, it has a scale and a shift for each step of an inner loop (MAML++), and `step` says which are used:
/// `model.at(step: 2)` gives the model with those of step 2. Running statistics of each step are an array of them.
public struct BatchNorm: Layer, StepDependent, HeldInAdaptation {
  /// [features], or [steps, features].
  public var scale: Tensor
  /// [features], or [steps, features].
  public var shift: Tensor
  /// Added to the variance.
  public var epsilon: Double
  /// Of what the statistics are, where the call does not give them.
  public var source = Source.batch
  /// The step whose scale and shift are used, counted from 0; beyond the last those of the last.
  public var step = 0

  /// A normalization that starts as scale 1 and shift 0, for each of some steps if they are given.
  public init(_ features: Int, steps: Int? = nil, epsilon: Double = 1e-5) {
    if let steps, steps < 1 { stop("BatchNorm: the steps must be at least 1, not \(steps)") }
    let shape = (steps.map { [$0] } ?? []) + [features]
    scale = .ones(shape)
    shift = .zeros(shape)
    self.epsilon = epsilon
  }

  /// The examples whose statistics are used.
  public enum Source: Hashable, Sendable, Codable {
    /// All of the batch: what comes out for an example depends on the others (transductive).
    case batch
    /// The first so many of the batch, such as a support set with the queries after it: what comes out for a query does
    /// not depend on other queries (inductive).
    case first(Int)
  }

  /// The same normalization with its scale and shift for each of some steps.
  public func perStep(_ steps: Int) -> BatchNorm {
    guard scale.rank == 1 else { return self }
    var norm = BatchNorm(scale.count, steps: steps, epsilon: epsilon)
    // Sums, for what a broadcast gives has the same numbers in all rows.
    norm.scale = .zeros(norm.scale.shape, scale.scalarType) + scale
    norm.shift = .zeros(norm.shift.shape, shift.scalarType) + shift
    (norm.source, norm.step) = (source, step)
    return norm
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
    requireFeatures(x, scale.shape.last ?? 1, "BatchNorm")
    let axes = Array(0..<(x.rank - 1))
    let (mean, variance) = x.moments(axes)
    return Statistics(mean: mean, variance: variance, count: x.shape.dropLast().reduce(1, *))
  }

  /// Normalizes by the statistics of the batch, or of what `source` says. [batch.., features].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(x, with: sourceStatistics(of: x)) }

  /// The greatest of each window of normalized images, `pool(self(x))`, computed the other way round: a normalization rises or
  /// falls with its argument, so that only the greatest or the least of a window need be normalized.
  /// [batch.., height, width, features] → [batch.., height′, width′, features].
  ///
  /// Statistics are those of all pixels. Where a scale is exactly 0 all elements of a window tie, and the derivative goes to
  /// the greatest of them before the normalization instead of to all.
  public func callAsFunction(_ x: Tensor, maxPooledBy pool: MaxPool) -> Tensor {
    let statistics = sourceStatistics(of: x)
    return self(x.extremePooled(pool.window, strides: pool.strides, signs: used(scale)), with: statistics)
  }

  /// The statistics of what `source` says.
  private func sourceStatistics(of x: Tensor) -> Statistics {
    switch source {
    case .batch: return statistics(of: x)
    case .first(let count):
      guard (1...Swift.max(x.shape[0], 1)).contains(count) else {
        stop("BatchNorm: the first \(count) examples are asked for in a batch of \(x.shape[0])")
      }
      return statistics(of: x.sliced(0..<count, axis: 0))
    }
  }

  /// Normalizes by given statistics.
  public func callAsFunction(_ x: Tensor, with statistics: Statistics) -> Tensor {
    requireFeatures(x, scale.shape.last ?? 1, "BatchNorm")
    return (x - statistics.mean) * (rsqrt(statistics.variance + epsilon) * used(scale)) + used(shift)
  }

  /// The row of the step, where there are several.
  private func used(_ tensor: Tensor) -> Tensor {
    guard tensor.rank == 2 else { return tensor }
    guard step >= 0 else { stop("BatchNorm: steps count from 0; \(step) was given") }
    return tensor[Swift.min(step, tensor.shape[0] - 1)]
  }
}
