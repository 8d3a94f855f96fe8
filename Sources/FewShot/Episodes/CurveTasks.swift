import Foundation

/// A curve that a regression task asks for.
public enum Curve: Hashable, Sendable {
  /// amplitude · sin(x + phase).
  case sinusoid(amplitude: Double, phase: Double)
  /// slope · x + intercept.
  case line(slope: Double, intercept: Double)

  /// The curve's value at a place.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .sinusoid(let amplitude, let phase): amplitude * sin(x + phase)
    case .line(let slope, let intercept): slope * x + intercept
    }
  }
}

/// Regression tasks: a random curve, and noisy or exact points on it at random places.
public struct CurveTasks: TaskDistribution {
  /// Which curves are drawn.
  public enum Family: String, Sendable, Codable, CaseIterable { case sinusoids, lines, mixture }

  public var family: Family
  public var shape: EpisodeShape { didSet { checkShape() } }
  /// Amplitudes of sinusoids.
  public var amplitude: ClosedRange<Double> = 0.1...5
  /// Phases of sinusoids, in radians.
  public var phase: ClosedRange<Double> = 0...Double.pi
  /// Slopes and intercepts of lines.
  public var slope: ClosedRange<Double> = -3...3
  /// Where points are drawn.
  public var inputs: ClosedRange<Double> = -5...5
  /// The standard deviation of the noise on the targets.
  public var noise = 0.0

  /// Curves with `shots` support and `queries` query points, by default with the ranges of MAML's sinusoids
  /// (Finn et al., 2017, section 5.1) and, for lines and mixtures, those of Probabilistic MAML (Finn et al., 2018).
  public init(_ family: Family = .sinusoids, shots: Int = 10, queries: Int = 10) {
    self.family = family
    shape = EpisodeShape(ways: 1, shots: shots, queries: queries)
    checkShape()
  }

  private func checkShape() {
    guard shape.ways == 1, shape.shots > 0, shape.queries > 0 else {
      stop(
        "CurveTasks: a task has one way, and its shots and queries must be positive; given were "
          + "\(shape.ways), \(shape.shots), \(shape.queries)")
    }
  }

  /// The curve of the task that a key gives.
  public func curve(key: RandomKey) -> Curve {
    var generator = key[0].makeGenerator()
    let isLine = family == .lines || (family == .mixture && generator.uniform() < 0.5)
    return isLine
      ? .line(slope: generator.uniform(in: slope), intercept: generator.uniform(in: slope))
      : .sinusoid(amplitude: generator.uniform(in: amplitude), phase: generator.uniform(in: phase))
  }

  public func episode(key: RandomKey) -> Episode {
    let curve = curve(key: key)
    return Episode(
      support: points(shape.shots, on: curve, key: key[1]), query: points(shape.queries, on: curve, key: key[2]),
      shape: shape)
  }

  /// Random points on a curve. Inputs and targets: [count, 1].
  private func points(_ count: Int, on curve: Curve, key: RandomKey) -> Batch {
    var generator = key.makeGenerator()
    let x = (0..<count).map { _ in generator.uniform(in: inputs) }
    var y = x.map(curve.callAsFunction)
    if noise > 0 {
      let errors = Tensor.randomNormal([count], standardDeviation: noise, key: key[0], .float64).doubles
      y = zip(y, errors).map(+)
    }
    return Batch(inputs: Tensor(x, shape: [count, 1]), targets: Tensor(y, shape: [count, 1]))
  }
}

extension KeyedGenerator {
  fileprivate mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }
}
