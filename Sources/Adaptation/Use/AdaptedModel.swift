import Foundation

/// A model that has been adapted to a few examples: it tells which of some classes a new one belongs to, or a number.
///
/// It keeps its support set: where the net normalizes by statistics of a batch, those of the support set are used, so what
/// comes out for an example does not depend on others that are asked for at the same time (inductive).
public struct AdaptedModel: Model {
  var net: ExperimentNet
  /// What is different, by its name, in the same net adapted with the labels turned once and more often.
  private var turned: [[String: Tensor]]
  /// The support set, [examples, …].
  @Buffer var support: Tensor
  /// The names of the classes; empty where numbers are asked for.
  public let classNames: [String]
  /// What the model takes.
  public let form: InputForm
  let configuration: MetaConfiguration

  /// A model of nets that were adapted with the labels turned as often as there are nets.
  init(
    nets: [ExperimentNet], support: Tensor, classNames: [String], form: InputForm, configuration: MetaConfiguration
  ) {
    net = nets[0]
    let own = net.leaves
    turned = nets.dropFirst().map { net in
      let new = zip(net.leaves, own).filter { $0.tensor.floats != $1.tensor.floats }.map { ($0.0.name, $0.0.tensor) }
      return Dictionary(uniqueKeysWithValues: new)
    }
    self.support = support
    self.classNames = classNames
    self.form = form
    self.configuration = configuration
  }

  /// The nets that answer together, one for each turn of the labels; they share what adapting left as it was.
  var nets: [ExperimentNet] {
    [net]
      + turned.map { new in
        var leaves = net.leaves.map { new[$0.name] ?? $0.tensor }[...]
        return net.replacingLeaves(from: &leaves)
      }
  }

  /// What a model says of an example.
  public struct Prediction: Sendable, Codable, Equatable {
    /// The most probable class.
    public var className: String
    /// Its probability.
    public var probability: Double
    /// The probability of each class, in the order of `classNames`.
    public var probabilities: [Double]
  }

  /// The class of a picture; for models that take pictures.
  public func predict(_ image: DecodedImage) -> Prediction { predict([image])[0] }

  /// The classes of several pictures, each as if it came alone; for models that take pictures.
  public func predict(_ images: [DecodedImage]) -> [Prediction] {
    guard case .pictures(let preparation) = form else { stop("AdaptedModel.predict: the model takes no pictures") }
    return images.isEmpty ? [] : predictions(for: stack(images.map(preparation.tensor)))
  }

  /// The classes of examples [examples, …] as the models take them; of pictures, with values from 0 to 1.
  public func predictions(for inputs: Tensor) -> [Prediction] {
    guard !classNames.isEmpty else { stop("AdaptedModel.predictions: the model tells numbers; ask for values(for:)") }
    let (count, all) = (support.shape[0], withCopies(inputs))
    let inputsAfterSupport = concatenate([support, all])
    let turns = LabelTurns(1 + turned.count)
    let ofNets = nets.enumerated().map { turn, net in
      let outputs = turns.turned(
        net.normalizing(by: .first(count))(inputsAfterSupport), by: Tensor(Double(turn), .int32)
      )
      .sliced(count..<(count + all.shape[0]), axis: 0)
      // Outputs that no class was given to say nothing.
      return softmax(outputs.sliced(0..<classNames.count, axis: 1))
    }
    let mean = stack(ofNets).mean(0)
      .reshaped([inputs.shape[0], 1 + configuration.queryCopies, classNames.count]).mean(1)
    let probabilities = mean.cast(to: .float64).doubles
    return (0..<inputs.shape[0]).map { picture in
      let own = Array(probabilities[picture * classNames.count..<(picture + 1) * classNames.count])
      let best = own.indices.max { own[$0] < own[$1] } ?? 0
      return Prediction(className: classNames[best], probability: own[best], probabilities: own)
    }
  }

  /// Behind each example its copies, where there are to be some: the same for an example whatever others come with it.
  private func withCopies(_ inputs: Tensor) -> Tensor {
    let copies = configuration.copiesOfQueries
    guard copies.count > 0 else { return inputs }
    let key = RandomKey(seed: configuration.seed)[5]
    return concatenate(
      (0..<inputs.shape[0]).map { place in
        let one = Batch(inputs: inputs.sliced(place..<(place + 1), axis: 0), targets: .zeros([1]))
        return copies.added(to: one, key: key).inputs
      })
  }

  /// The numbers for examples [examples, …], on the scale of the table that the run learned from; in a regression.
  public func values(for inputs: Tensor) -> [Double] {
    guard classNames.isEmpty else { stop("AdaptedModel.values: the model tells classes; ask for predictions(for:)") }
    let values = net(inputs).cast(to: .float64).doubles
    guard case .rows(let form) = form else { return values }
    return values.map(form.scaling.unscaled)
  }

  private static let format = "metalearn adapted model 2"

  private struct Description: Codable {
    var classNames: [String]
    var form: InputForm
    var configuration: MetaConfiguration
    var examples: Int
    /// What is different in each further turn of the labels; nil where there is one turn.
    var turned: [[String]]?
  }

  /// Writes the model, its support set and its classes to one safetensors file.
  ///
  /// - Throws: a `UserError` that names the file where it cannot be written.
  public func write(to url: URL) throws {
    let description = Description(
      classNames: classNames, form: form, configuration: configuration, examples: support.shape[0],
      turned: turned.isEmpty ? nil : turned.map { $0.keys.sorted() })
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
    let (configuration, form, classNames) = (description.configuration, description.form, description.classNames)
    try configuration.validate()
    let isWhole =
      configuration.dataset.isRegression
      ? classNames.isEmpty : (2...configuration.shape.ways).contains(classNames.count)
    guard isWhole, (1...1_000_000).contains(description.examples), form.makesSense else {
      throw UserError("\(url.path) is a damaged model: its numbers make no sense")
    }
    let net = try ExperimentNet(configuration, exampleShape: form.exampleShape, outputs: configuration.shape.ways)
    let known = Dictionary(uniqueKeysWithValues: net.leaves.map { ($0.name, $0.tensor) })
    let turned = description.turned ?? []
    guard turned.count == configuration.labelTurns.count - 1, turned.joined().allSatisfy({ known[$0] != nil }) else {
      throw UserError("\(url.path) is a damaged model: its turns of the labels make no sense")
    }
    var untrained = AdaptedModel(
      nets: [net], support: .zeros([description.examples] + form.exampleShape), classNames: classNames, form: form,
      configuration: configuration)
    untrained.turned = turned.map { names in known.filter { names.contains($0.key) } }
    self = try untrained.loading(weightsFrom: url)
  }
}

extension InputForm {
  /// Whether the numbers of a form that was read from a file can be those of one.
  fileprivate var makesSense: Bool {
    switch self {
    case .pictures(let preparation): ImagePreparation.sizes.contains(preparation.size)
    case .rows(let form):
      !form.features.isEmpty && form.scaling.mean.count == form.features.count
        && form.scaling.deviation.count == form.features.count
    case .values(let shape):
      (1...4).contains(shape.count) && shape.allSatisfy { (1...1 << 20).contains($0) } && shape.reduce(1, *) < 1 << 30
    }
  }
}
