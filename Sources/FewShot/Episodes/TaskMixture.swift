/// Tasks from several distributions: each episode is one of a distribution that is drawn by its weight.
public struct TaskMixture: TaskDistribution {
  private let parts: [any TaskDistribution]
  /// The sums of the weights up to each part.
  private let ends: [Double]

  /// A mixture of distributions whose episodes have one shape.
  ///
  /// Throws a ``UserError`` where there is none, a weight is not positive, or their shapes differ.
  public init(_ parts: [(tasks: any TaskDistribution, weight: Double)]) throws {
    guard let first = parts.first else { throw UserError("A mixture needs a distribution.") }
    for part in parts {
      guard part.weight > 0, part.weight.isFinite else {
        throw UserError("The weights of a mixture must be positive; given was \(part.weight).")
      }
      guard part.tasks.shape == first.tasks.shape else {
        throw UserError(
          "The episodes of a mixture must have one shape; there are \(first.tasks.shape) and \(part.tasks.shape).")
      }
    }
    self.parts = parts.map(\.tasks)
    var sum = 0.0
    ends = parts.map { part in
      sum += part.weight
      return sum
    }
  }

  public var shape: EpisodeShape { parts[0].shape }
  public var hasOneShape: Bool { parts.allSatisfy(\.hasOneShape) }

  public func episode(key: RandomKey) -> Episode {
    var generator = key[0].makeGenerator()
    let place = generator.uniform() * (ends.last ?? 1)
    let part = ends.firstIndex { place < $0 } ?? parts.count - 1
    return parts[part].episode(key: key[1])
  }
}
