import Foundation

/// What a run has learned, ready to adapt to pictures of new classes.
///
/// ```swift
/// let learner = try TrainedLearner(contentsOf: run)
/// let model = try learner.adapted(to: learner.pictures(in: folder))
/// print(model.predict(try DecodedImage(contentsOf: file)))
/// ```
public struct TrainedLearner: Sendable {
  /// How a picture becomes what the model takes.
  public var preparation: ImagePreparation
  /// The most classes that it can tell apart at a time.
  public var ways: Int { configuration.shape.ways }
  /// The steps of adaptation that it was trained with.
  public var steps: Int { configuration.innerSteps }

  private let configuration: MetaConfiguration
  private let model: ExperimentNet
  private let learner: any MetaLearner

  /// Reads the folder of a run of `metalearn train` on pictures, without its data.
  ///
  /// - Throws: a `UserError` that says what is missing or wrong.
  public init(contentsOf url: URL) throws {
    let folder = try RunFolder(opening: url.path)
    configuration = try MetaConfiguration(of: folder)
    guard !configuration.dataset.isRegression else {
      throw UserError("The run in '\(url.path)' is of \(configuration.dataset.rawValue), which are not pictures.")
    }
    preparation = configuration.imagePreparation
    let untrained = try ExperimentNet(
      configuration, exampleShape: preparation.exampleShape, outputs: configuration.shape.ways)
    model = try untrained.loading(weightsFrom: folder.file("weights.safetensors"))
    learner = try configuration.learner(of: folder, for: untrained)
  }

  /// Reads a support set: a folder with a folder of pictures for each class.
  ///
  /// - Throws: a `UserError` that names a folder or file that is missing or damaged.
  public func pictures(in folder: URL) throws -> LabeledImages { try ImageFolder(folder).load(preparation).images }

  /// The model adapted to a support set of two classes or more, up to `ways`.
  ///
  /// - Parameters:
  ///   - support: pictures of the shape that `preparation` gives, any number of each class.
  ///   - steps: the steps of adaptation; by default those of the training.
  /// - Throws: a `UserError` where there are too few classes or too many.
  public func adapted(to support: LabeledImages, steps: Int? = nil) throws -> AdaptedModel {
    guard (2...ways).contains(support.classCount) else {
      throw UserError(
        "The support set has \(support.classCount) class\(support.classCount == 1 ? "" : "es"); the run tells from 2 to "
          + "\(ways) apart at a time.")
    }
    guard support.exampleShape == preparation.exampleShape else {
      throw UserError("The pictures have the shape \(support.exampleShape); the run takes \(preparation.exampleShape).")
    }
    let inputs = support.inputs(of: Array(0..<support.count))
    let batch = Batch(inputs: inputs, targets: Tensor(support.labels))
    func adapt(_ learner: some MetaLearner) -> ExperimentNet {
      learner.adapt(model, to: batch, steps: steps, objective: .classification)
    }
    let net = adapt(learner)
    let result = AdaptedModel(
      net: net, support: inputs, classNames: support.classNames, preparation: preparation, configuration: configuration)
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
