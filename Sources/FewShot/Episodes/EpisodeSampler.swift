/// Draws N-way K-shot episodes from a labelled data set.
///
/// Each episode takes `ways` classes in random order, which get the labels 0, 1, …, and of each `shots` + `queries`
/// different examples, so that support and query never share one.
public struct EpisodeSampler<Dataset: LabeledDataset>: TaskDistribution {
  public let dataset: Dataset
  public let shape: EpisodeShape
  /// How each image of an episode is changed at random.
  public let augmentation: Augmentation

  /// A sampler over all classes of a data set.
  ///
  /// Throws a `UserError` where there are fewer classes than ways, or where a class has fewer examples than
  /// shots + queries.
  public init(_ dataset: Dataset, shape: EpisodeShape, augmentation: Augmentation = .none) throws {
    if let mistake = augmentation.mistake { throw UserError("Augmentation: \(mistake)") }
    guard augmentation.isNone || dataset.exampleShape.count == 3 else {
      throw UserError("Only images can be augmented; the examples have shape \(dataset.exampleShape).")
    }
    guard shape.ways > 0, shape.shots > 0, shape.queries > 0 else {
      throw UserError(
        "ways, shots and queries must be positive; given were \(shape.ways), \(shape.shots), \(shape.queries).")
    }
    guard shape.ways <= dataset.classCount else {
      throw UserError("An episode of \(shape.ways) ways needs as many classes; the data set has \(dataset.classCount).")
    }
    let needed = shape.shots + shape.queries
    if let (index, examples) = dataset.indicesByClass.enumerated().first(where: { $0.element.count < needed }) {
      throw UserError(
        "An episode needs \(needed) examples of a class (\(shape.shots) shots and \(shape.queries) queries); "
          + "the class '\(dataset.classNames[index])' has \(examples.count).")
    }
    self.dataset = dataset
    self.shape = shape
    self.augmentation = augmentation
  }

  public func episode(key: RandomKey) -> Episode { drawn(key: key).episode }

  /// The names of the classes of the episode that a key gives, by their label in it.
  public func classNames(key: RandomKey) -> [String] { drawn(key: key).classes.map { dataset.classNames[$0] } }

  private func drawn(key: RandomKey) -> (episode: Episode, classes: [Int]) {
    var generator = key.makeGenerator()
    let classes = generator.choose(shape.ways, outOf: dataset.classCount)
    var (support, query): ([Int], [Int]) = ([], [])
    for label in classes {
      let examples = dataset.indicesByClass[label]
      let chosen = generator.choose(shape.shots + shape.queries, outOf: examples.count).map { examples[$0] }
      support += chosen.prefix(shape.shots)
      query += chosen.dropFirst(shape.shots)
    }
    let episode = Episode(
      support: batch(support, perClass: shape.shots, key[0]), query: batch(query, perClass: shape.queries, key[1]),
      shape: shape)
    return (episode, classes)
  }

  private func batch(_ examples: [Int], perClass: Int, _ key: RandomKey) -> Batch {
    let labels = Tensor(examples.indices.map { Int32($0 / perClass) })
    guard !augmentation.isNone else { return Batch(inputs: dataset.inputs(of: examples), targets: labels) }
    let size = dataset.exampleShape
    let changed = augmentation.applied(
      to: dataset.examples(at: examples), height: size[0], width: size[1], channels: size[2], key: key)
    return Batch(inputs: Tensor(changed, shape: [examples.count] + size), targets: labels)
  }
}
