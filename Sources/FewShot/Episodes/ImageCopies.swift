/// Copies of images, each changed at random in its own way. Of those to learn from: a few examples look like more (shot
/// augmentation: Ni et al., "Data augmentation for meta-learning", 2021). Of those to tell apart: the mean of what a model
/// says of an image and its copies is right more often than what it says of the image alone.
///
/// ```swift
/// let copies = ImageCopies(7, changedBy: Augmentation(shift: 2, rotation: 10))
/// let model = learner.adapt(model, to: copies.added(to: support, key: key), objective: .classification)
/// ```
public struct ImageCopies: Hashable, Sendable, Codable {
  /// How many of each image.
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
  public func added(to batch: Batch, key: RandomKey) -> Batch {
    guard count > 0 else { return batch }
    let shape = batch.inputs.shape
    guard shape.count == 4 else { stop("ImageCopies: images have four axes; given was \(shape)") }
    let images = batch.inputs.floats
    let rounds = (0..<count).map { round in
      augmentation.applied(to: images, height: shape[1], width: shape[2], channels: shape[3], key: key[round])
    }
    let all = images + rounds.joined()
    return Batch(
      inputs: Tensor(all, shape: [shape[0] * (1 + count)] + shape.dropFirst()),
      targets: concatenate([Tensor](repeating: batch.targets, count: 1 + count), axis: 0))
  }

  /// The episode with copies of its support images; its shape goes on counting the images themselves.
  public func added(toSupportOf episode: Episode, key: RandomKey) -> Episode {
    var episode = episode
    episode.support = added(to: episode.support, key: key)
    return episode
  }

  /// The episode with copies of its queries, of which ``Episode/queryCopies`` tells; its shape goes on counting the images
  /// themselves.
  public func added(toQueriesOf episode: Episode, key: RandomKey) -> Episode {
    guard count > 0 else { return episode }
    guard episode.queryCopies == 0 else { stop("ImageCopies: the episode has copies of its queries already") }
    var episode = episode
    episode.query = added(to: episode.query, key: key)
    episode.queryCopies = count
    return episode
  }
}
