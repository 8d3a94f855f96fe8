import Foundation

/// A model that has been adapted to a few pictures of some classes, and tells which of them a new picture belongs to.
///
/// It keeps its support set: where the net normalizes by statistics of a batch, those of the support set are used, so what
/// comes out for a picture does not depend on others that are asked for at the same time (inductive).
public struct AdaptedModel: Model {
  var net: ExperimentNet
  /// The support set, [pictures, height, width, channels].
  @Buffer var support: Tensor
  /// The names of the classes.
  public let classNames: [String]
  /// How a picture becomes what the model takes.
  public let preparation: ImagePreparation
  let configuration: MetaConfiguration

  init(
    net: ExperimentNet, support: Tensor, classNames: [String], preparation: ImagePreparation,
    configuration: MetaConfiguration
  ) {
    self.net = net
    self.support = support
    self.classNames = classNames
    self.preparation = preparation
    self.configuration = configuration
  }

  /// What a model says of a picture.
  public struct Prediction: Sendable, Codable, Equatable {
    /// The most probable class.
    public var className: String
    /// Its probability.
    public var probability: Double
    /// The probability of each class, in the order of `classNames`.
    public var probabilities: [Double]
  }

  /// The class of a picture.
  public func predict(_ image: DecodedImage) -> Prediction { predict([image])[0] }

  /// The classes of several pictures, each as if it came alone.
  public func predict(_ images: [DecodedImage]) -> [Prediction] {
    images.isEmpty ? [] : predictions(for: stack(images.map(preparation.tensor)))
  }

  /// The classes of pictures [pictures, height, width, channels] with values from 0 to 1.
  public func predictions(for inputs: Tensor) -> [Prediction] {
    let count = support.shape[0]
    let outputs = net.normalizing(by: .first(count))(concatenate([support, inputs]))
      .sliced(count..<(count + inputs.shape[0]), axis: 0)
    // Outputs that no class was given to say nothing.
    let probabilities = softmax(outputs.sliced(0..<classNames.count, axis: 1)).cast(to: .float64).doubles
    return (0..<inputs.shape[0]).map { picture in
      let own = Array(probabilities[picture * classNames.count..<(picture + 1) * classNames.count])
      let best = own.indices.max { own[$0] < own[$1] } ?? 0
      return Prediction(className: classNames[best], probability: own[best], probabilities: own)
    }
  }

  private static let format = "metalearn adapted model 1"

  private struct Description: Codable {
    var classNames: [String]
    var preparation: ImagePreparation
    var configuration: MetaConfiguration
    var pictures: Int
  }

  /// Writes the model, its support set and its classes to one safetensors file.
  ///
  /// - Throws: a `UserError` that names the file where it cannot be written.
  public func write(to url: URL) throws {
    let description = Description(
      classNames: classNames, preparation: preparation, configuration: configuration, pictures: support.shape[0])
    try writeWeights(
      to: url,
      metadata: [
        "format": Self.format, "model": String(decoding: try RunJSON.line(description), as: UTF8.self),
      ])
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// - Throws: a `UserError` that names the file and says what is wrong with it.
  public init(contentsOf url: URL) throws {
    let metadata = try SafeTensors.read(from: url).metadata
    guard metadata["format"] == Self.format, let text = metadata["model"] else {
      throw UserError("\(url.path) is not an adapted model; 'metalearn adapt RUN --support DIR --out FILE' makes one")
    }
    let description: Description
    do {
      description = try RunJSON.decode(Description.self, from: Data(text.utf8))
    } catch {
      throw UserError("\(url.path) is a damaged model: \(RunJSON.reason(error))")
    }
    let (configuration, preparation) = (description.configuration, description.preparation)
    guard description.pictures > 0, ImagePreparation.sizes.contains(preparation.size),
      (2...configuration.shape.ways).contains(description.classNames.count)
    else { throw UserError("\(url.path) is a damaged model: its numbers make no sense") }
    try configuration.validate()
    let untrained = AdaptedModel(
      net: try ExperimentNet(
        configuration, exampleShape: preparation.exampleShape, outputs: configuration.shape.ways),
      support: .zeros([description.pictures] + preparation.exampleShape), classNames: description.classNames,
      preparation: preparation, configuration: configuration)
    self = try untrained.loading(weightsFrom: url)
  }
}
