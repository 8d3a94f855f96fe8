/// Draws episodes of different sizes, to train for tasks of any size: the ways and the shots of each are drawn, and where
/// asked for each class has shots of its own.
///
/// The model needs an output for each of the most ways. Episodes of one size are computed together, so a step costs more
/// where there are many sizes.
public struct VariedEpisodes<Dataset: LabeledDataset>: TaskDistribution {
  /// The most ways and shots.
  public let shape: EpisodeShape
  private let ways: ClosedRange<Int>
  private let shots: ClosedRange<Int>
  private let isImbalanced: Bool
  private let sampler: EpisodeSampler<Dataset>

  /// Episodes with ways and shots in some ranges, both ends included.
  ///
  /// - Parameters:
  ///   - imbalanced: whether each class of an episode draws its own shots.
  ///   - takesOneForm: whether an episode takes at most one form of a class, as in `EpisodeSampler`.
  /// - Throws: a ``UserError`` as `EpisodeSampler` for the largest episode.
  public init(
    _ dataset: Dataset, ways: ClosedRange<Int>, shots: ClosedRange<Int>, queries: Int, imbalanced: Bool = false,
    augmentation: Augmentation = .none, takesOneForm: Bool = false
  ) throws {
    guard ways.lowerBound > 0, shots.lowerBound > 0 else {
      throw UserError("ways and shots must be positive; given were \(ways) and \(shots).")
    }
    shape = EpisodeShape(ways: ways.upperBound, shots: shots.upperBound, queries: queries)
    (self.ways, self.shots, isImbalanced) = (ways, shots, imbalanced)
    sampler = try EpisodeSampler(dataset, shape: shape, augmentation: augmentation, takesOneForm: takesOneForm)
  }

  public var hasOneShape: Bool { false }

  public func episode(key: RandomKey) -> Episode {
    var generator = key[0].makeGenerator()
    func drawn(_ range: ClosedRange<Int>) -> Int { range.lowerBound + generator.below(range.count) }
    let ways = drawn(self.ways)
    let common = drawn(shots)
    let shots = (0..<ways).map { _ in isImbalanced ? drawn(self.shots) : common }
    return sampler.episode(key: key[1], shots: shots)
  }
}
