import Foundation

/// Draws N-way K-shot episodes from a labelled data set.
///
/// Each episode takes `ways` classes in random order, which get the labels 0, 1, …, and of each `shots` + `queries`
/// different examples, so that support and query never share one. Where classes are forms of one, its quarter turns or mirror
/// images, they can be kept from meeting in an episode, as in MAML's tasks, where each character of Omniglot is turned at random;
/// without that a task may hold a character beside its own turns.
public struct EpisodeSampler<Dataset: LabeledDataset>: TaskDistribution {
  public let dataset: Dataset
  public let shape: EpisodeShape
  /// How each image of an episode is changed at random.
  public let augmentation: Augmentation
  /// How likely each class is, in proportion to the others; nil: all are as likely.
  public let weights: [Double]?
  /// Whether an episode takes at most one form of a class.
  public let takesOneForm: Bool
  /// Where it does: for each class that others are forms of, the numbers of its forms.
  private let forms: [[Int]]

  /// A sampler over all classes of a data set.
  ///
  /// Throws a `UserError` where there are fewer classes than ways, where a class has fewer examples than
  /// shots + queries, or where weights make no sense.
  public init(
    _ dataset: Dataset, shape: EpisodeShape, augmentation: Augmentation = .none, weights: [Double]? = nil,
    takesOneForm: Bool = false
  ) throws {
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
    let byOriginal = Dictionary(grouping: 0..<dataset.classCount) { dataset.classes.originals[$0] }
    guard !takesOneForm || shape.ways <= byOriginal.count else {
      throw UserError(
        "An episode of \(shape.ways) ways, one form of a class each, needs as many classes; the data set has "
          + "\(byOriginal.count) beside their turns and mirror images.")
    }
    self.takesOneForm = takesOneForm
    forms = takesOneForm ? byOriginal.sorted { $0.key < $1.key }.map(\.value) : []
    let needed = shape.shots + shape.queries
    if let (index, examples) = dataset.indicesByClass.enumerated().first(where: { $0.element.count < needed }) {
      throw UserError(
        "An episode needs \(needed) examples of a class (\(shape.shots) shots and \(shape.queries) queries); "
          + "the class '\(dataset.classNames[index])' has \(examples.count).")
    }
    self.dataset = dataset
    self.shape = shape
    self.augmentation = augmentation
    if let weights {
      guard weights.count == dataset.classCount, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
        takesOneForm
          ? forms.count(where: { $0.contains { weights[$0] > 0 } }) >= shape.ways
          : weights.count(where: { $0 > 0 }) >= shape.ways
      else {
        throw UserError(
          "The weights of \(dataset.classCount) classes must be as many numbers of 0 or more, and more than 0 for at least "
            + "\(shape.ways)\(takesOneForm ? ", forms of one class counted once" : "").")
      }
    }
    self.weights = weights
  }

  public func episode(key: RandomKey) -> Episode { drawn(key: key, shots: shots).episode }

  /// The names of the classes of the episode that a key gives, by their label in it.
  public func classNames(key: RandomKey) -> [String] {
    drawn(key: key, shots: shots).classes.map { dataset.classNames[$0] }
  }

  /// An episode with as many classes as there are shots, and so many examples of each to learn from.
  func episode(key: RandomKey, shots: [Int]) -> Episode { drawn(key: key, shots: shots).episode }

  private var shots: [Int] { Array(repeating: shape.shots, count: shape.ways) }

  private func drawn(key: RandomKey, shots: [Int]) -> (episode: Episode, classes: [Int]) {
    var generator = key.makeGenerator()
    let classes = drawnClasses(shots.count, by: &generator)
    var (support, query): ([Int], [Int]) = ([], [])
    for (label, shots) in zip(classes, shots) {
      let examples = dataset.indicesByClass[label]
      let chosen = generator.choose(shots + shape.queries, outOf: examples.count).map { examples[$0] }
      support += chosen.prefix(shots)
      query += chosen.dropFirst(shots)
    }
    func labels(_ counts: [Int]) -> [Int32] {
      counts.enumerated().flatMap { label, count in repeatElement(Int32(label), count: count) }
    }
    let queries = Array(repeating: shape.queries, count: shots.count)
    let episode = Episode(
      support: batch(support, labels(shots), key[0]), query: batch(query, labels(queries), key[1]),
      shape: EpisodeShape(ways: shots.count, shots: shots.max() ?? 0, queries: shape.queries))
    return (episode, classes)
  }

  private func drawnClasses(_ count: Int, by generator: inout KeyedGenerator) -> [Int] {
    if let weights {
      let order = generator.order(weightedBy: weights)
      var taken: Set<Int> = []
      let allowed = order.filter { !takesOneForm || taken.insert(dataset.classes.originals[$0]).inserted }
      return Array(allowed.prefix(count))
    }
    guard takesOneForm else { return generator.choose(count, outOf: dataset.classCount) }
    return generator.choose(count, outOf: forms.count).map { forms[$0][generator.below(forms[$0].count)] }
  }

  private func batch(_ examples: [Int], _ labels: [Int32], _ key: RandomKey) -> Batch {
    let labels = Tensor(labels)
    guard !augmentation.isNone else { return Batch(inputs: dataset.inputs(of: examples), targets: labels) }
    let size = dataset.exampleShape
    let changed = augmentation.applied(
      to: dataset.examples(at: examples), height: size[0], width: size[1], channels: size[2], key: key)
    return Batch(inputs: Tensor(changed, shape: [examples.count] + size), targets: labels)
  }
}

extension KeyedGenerator {
  /// The places of a list in random order, each next one as likely as its weight among those that are left
  /// (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
  fileprivate mutating func order(weightedBy weights: [Double]) -> [Int] {
    let times = weights.map { weight in
      // The time to the first event of a process with this rate; drawn for all, so that one's weight moves no other.
      let time = -log(1 - uniform())
      return weight > 0 ? time / weight : .infinity
    }
    return times.indices.sorted { times[$0] < times[$1] }
  }
}
