import Foundation

/// What a run has learned, ready to adapt to a few examples of a new task.
///
/// ```swift
/// let learner = try TrainedLearner(contentsOf: run)
/// let model = try learner.adapted(to: learner.support(at: folder))
/// print(model.predict(try DecodedImage(contentsOf: file)))
/// ```
public struct TrainedLearner: Sendable {
  /// What the models take: pictures, rows of a table, or arrays.
  public var form: InputForm
  /// The most classes that it can tell apart at a time; 1 in a regression.
  public var ways: Int { configuration.shape.ways }
  /// The steps of adaptation that it was trained with.
  public var steps: Int { configuration.innerSteps }
  /// Whether numbers are asked for, not classes.
  public var isRegression: Bool { configuration.dataset.isRegression }

  private let configuration: MetaConfiguration
  private let model: ExperimentNet
  private let learner: any MetaLearner

  /// Reads the folder of a run of `metalearn train`, without its data.
  ///
  /// - Throws: a `UserError` that says what is missing or wrong.
  public init(contentsOf url: URL) throws {
    let folder = try RunFolder(opening: url.path)
    configuration = try MetaConfiguration(of: folder)
    guard let form = configuration.inputForm else {
      let what =
        configuration.dataset == .sinusoid ? "sinusoids, which are made" : "data of a form that it does not say"
      throw UserError("The run in '\(url.path)' is of \(what); there is nothing of one's own to adapt it to.")
    }
    self.form = form
    let untrained = try ExperimentNet(
      configuration, exampleShape: form.exampleShape, outputs: configuration.shape.ways)
    model = try untrained.loading(weightsFrom: configuration.finalFile("weights", of: folder))
    learner = try configuration.learner(of: folder, for: untrained)
  }

  /// How a picture becomes what the models take; nil where they take none.
  public var preparation: ImagePreparation? {
    get { if case .pictures(let preparation) = form { preparation } else { nil } }
    set { if preparation != nil, let newValue { form = .pictures(newValue) } }
  }

  /// Reads a support set: a folder with a folder of pictures for each class, a table with the run's columns, or a file of
  /// arrays, as the run's own data.
  ///
  /// - Throws: a `UserError` that names what is missing or damaged.
  public func support(at url: URL) throws -> SupportSet {
    switch form {
    case .pictures(let preparation): SupportSet(try ImageFolder(url).load(preparation).images)
    case .rows(let form): try form.support(of: TableFile(contentsOf: url))
    case .values:
      try SupportSet(
        LabeledArrays.load(url, inputs: configuration.arrays.inputs, labels: configuration.arrays.labels))
    }
  }

  /// The model adapted to a support set of two classes or more, up to `ways`.
  ///
  /// - Parameters:
  ///   - support: examples of the shape that `form` has, any number of each class.
  ///   - steps: the steps of adaptation; by default those of the training.
  /// - Throws: a `UserError` where there are too few classes or too many, or the examples have another shape.
  public func adapted(to support: some LabeledDataset, steps: Int? = nil) throws -> AdaptedModel {
    try adapted(to: SupportSet(support), steps: steps)
  }

  /// The model adapted to a support set: of two classes or more, up to `ways`, or of numbers.
  ///
  /// - Throws: a `UserError` where there are too few classes or too many, or the examples have another shape.
  public func adapted(to support: SupportSet, steps: Int? = nil) throws -> AdaptedModel {
    let count = support.classNames.count
    guard isRegression || (2...ways).contains(count) else {
      throw UserError(
        "The support set has \(count) class\(count == 1 ? "" : "es"); the run tells from 2 to \(ways) apart at a time.")
    }
    let shape = Array(support.batch.inputs.shape.dropFirst())
    guard shape == form.exampleShape else {
      throw UserError("The examples have the shape \(shape); the run takes \(form.exampleShape).")
    }
    let batch = configuration.copiesOfSupport.added(to: support.batch, key: RandomKey(seed: configuration.seed)[4])
    func adapt(_ learner: some MetaLearner) -> [ExperimentNet] {
      learner.adapted(
        model, to: batch, steps: steps, objective: isRegression ? .regression : .classification,
        turns: configuration.labelTurns)
    }
    let result = AdaptedModel(
      nets: adapt(learner), support: batch.inputs, classNames: support.classNames, form: form,
      configuration: configuration)
    Tensor.evaluate(result.leaves.map(\.tensor))
    return result
  }
}

extension DecodedImage {
  /// Reads a PNG or JPEG file; throws a `UserError` that names it where that cannot be done.
  public init(contentsOf url: URL) throws {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw UserError("The picture '\(url.path)' does not exist or cannot be read.")
    }
    try self.init([UInt8](data), name: url.path)
  }
}
