import Foundation

/// Adapts to pictures and tells new ones apart, for many callers: what `metalearn serve` answers with, without the HTTP.
///
/// It keeps the models of its latest callers. Everything that a caller sends is bounded, and a mistake is a `UserError`.
public actor AdaptationService {
  /// The most that a caller may send, and that is kept.
  public struct Limits: Sendable, Codable, Equatable {
    /// The pictures of all classes together, or of a question.
    public var pictures = 100
    /// The pixels of a picture.
    public var pixels = 1 << 22
    /// The steps of adaptation.
    public var steps = 20
    /// The models that are kept; with each further one the oldest goes.
    public var models = 256

    public init() {}
  }

  /// A class to adapt to.
  public struct Example: Sendable, Codable {
    public var name: String
    /// PNG or JPEG files in base64, with or without `data:image/png;base64,` before it.
    public var pictures: [String]
  }

  public struct AdaptRequest: Sendable, Codable {
    public var classes: [Example]
    public var steps: Int?
  }

  public struct AdaptReply: Sendable, Codable {
    /// What to ask by.
    public var model: String
    public var classes: [String]
    public var milliseconds: Double
    /// The share of the pictures given that the model tells right.
    public var supportAccuracy: Double
  }

  public struct PredictRequest: Sendable, Codable {
    public var model: String
    /// As in `Example`.
    public var pictures: [String]
  }

  public struct PredictReply: Sendable, Codable {
    public var classes: [String]
    public var predictions: [AdaptedModel.Prediction]
  }

  /// What a caller has to know.
  public struct Description: Sendable, Codable {
    public var run: String
    /// The most classes at a time.
    public var ways: Int
    public var preparation: ImagePreparation
    public var limits: Limits
  }

  public nonisolated let description: Description
  private let learner: TrainedLearner
  private var models: [String: AdaptedModel] = [:]
  /// The oldest first.
  private var order: [String] = []

  /// Throws a `UserError` where the run is not of pictures.
  public init(_ learner: TrainedLearner, run: String, limits: Limits = Limits()) throws {
    guard let preparation = learner.preparation else {
      throw UserError("The run '\(run)' is not of pictures, which are what can be drawn and sent.")
    }
    self.learner = learner
    description = Description(run: run, ways: learner.ways, preparation: preparation, limits: limits)
  }

  /// Adapts a model, and keeps it.
  public func adapt(_ request: AdaptRequest) throws -> AdaptReply {
    let limits = description.limits
    let names = request.classes.map(\.name)
    guard Set(names).count == names.count else { throw UserError("Two classes have the same name.") }
    if let empty = request.classes.first(where: \.pictures.isEmpty) {
      throw UserError("The class '\(empty.name)' has no picture.")
    }
    let steps = request.steps ?? learner.steps
    guard (0...limits.steps).contains(steps) else {
      throw UserError("The steps must be from 0 to \(limits.steps); given were \(steps).")
    }
    let images = try decoded(request.classes.flatMap(\.pictures))
    let labels = request.classes.enumerated().flatMap { label, entry in entry.pictures.map { _ in Int32(label) } }
    let preparation = description.preparation
    let support = try LabeledImages(
      height: preparation.size, width: preparation.size, channels: preparation.channels,
      pixels: images.flatMap(preparation.bytes), labels: labels, classNames: names)
    let start = Date()
    let model = try learner.adapted(to: support, steps: steps)
    let milliseconds = 1000 * Date().timeIntervalSince(start)
    let right = zip(model.predictions(for: support.inputs(of: Array(0..<support.count))), labels)
      .count { $0.className == names[Int($1)] }
    let name = UUID().uuidString
    models[name] = model
    order.append(name)
    if order.count > limits.models { models[order.removeFirst()] = nil }
    return AdaptReply(
      model: name, classes: names, milliseconds: milliseconds, supportAccuracy: Double(right) / Double(labels.count))
  }

  /// Tells the classes of pictures by a model that is kept; nil where there is none of that name, or none any more.
  public func predict(_ request: PredictRequest) throws -> PredictReply? {
    guard let model = models[request.model] else { return nil }
    return PredictReply(classes: model.classNames, predictions: model.predict(try decoded(request.pictures)))
  }

  private func decoded(_ pictures: [String]) throws -> [DecodedImage] {
    let limits = description.limits
    guard (1...limits.pictures).contains(pictures.count) else {
      throw UserError("There must be from 1 to \(limits.pictures) pictures; given were \(pictures.count).")
    }
    return try pictures.enumerated().map { number, text in
      let base64 = text.hasPrefix("data:") ? text.split(separator: ",", maxSplits: 1).last.map(String.init) ?? "" : text
      guard let data = Data(base64Encoded: base64) else { throw UserError("Picture \(number) is not base64.") }
      return try DecodedImage([UInt8](data), name: "Picture \(number)", mostPixels: limits.pixels)
    }
  }
}
