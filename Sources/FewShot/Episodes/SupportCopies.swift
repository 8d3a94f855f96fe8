/// Copies of the examples to learn from, each changed at random in its own way: a few examples look like more (shot
/// augmentation: Ni et al., "Data augmentation for meta-learning", 2021).
///
/// ```swift
/// let copies = SupportCopies(7, changedBy: Augmentation(shift: 2, rotation: 10))
/// let model = learner.adapt(model, to: copies.added(to: support, key: key), objective: .classification)
/// ```
public struct SupportCopies: Hashable, Sendable, Codable {
  /// How many of each example.
  public var count: Int
  /// How they are changed.
  public var augmentation: Augmentation

  public init(_ count: Int, changedBy augmentation: Augmentation) {
    (self.count, self.augmentation) = (count, augmentation)
  }

  /// Images [examples, height, width, channels] as they are, and behind them the copies of all, round after round, with their
  /// targets. → [examples · (1 + count), …]
  ///
  /// The same key gives the same copies.
  public func added(to support: Batch, key: RandomKey) -> Batch {
    guard count > 0 else { return support }
    let shape = support.inputs.shape
    guard shape.count == 4 else { stop("SupportCopies: images have four axes; given was \(shape)") }
    let images = support.inputs.floats
    let rounds = (0..<count).map { round in
      augmentation.applied(to: images, height: shape[1], width: shape[2], channels: shape[3], key: key[round])
    }
    let all = images + rounds.joined()
    return Batch(
      inputs: Tensor(all, shape: [shape[0] * (1 + count)] + shape.dropFirst()),
      targets: concatenate([Tensor](repeating: support.targets, count: 1 + count), axis: 0))
  }

  /// The episode with such a support set; its shape goes on counting the examples themselves.
  public func added(to episode: Episode, key: RandomKey) -> Episode {
    var episode = episode
    episode.support = added(to: episode.support, key: key)
    return episode
  }
}
