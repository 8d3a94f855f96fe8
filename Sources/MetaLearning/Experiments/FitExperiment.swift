import Foundation

/// A supervised training run from its configuration to a folder with weights, figures and pictures: what `metalearn fit`
/// does.
public struct FitExperiment: Sendable {
  public let configuration: FitConfiguration
  private let train: AnySource
  private let test: AnySource
  private let inputs: Int
  private let classNames: [String]

  /// Checks the configuration and loads the data.
  public init(_ configuration: FitConfiguration) throws {
    try configuration.validate()
    self.configuration = configuration
    let folder = URL(fileURLWithPath: configuration.data ?? ".", isDirectory: true)
    let key = RandomKey(seed: configuration.seed)[10]
    var images: (train: LabeledImages, test: LabeledImages)?
    switch configuration.dataset {
    case .sinusoid: images = nil
    case .arrays: throw UserError("'metalearn fit' does not read arrays yet; 'metalearn train' does.")
    case .table, .classTable:
      throw UserError("A table holds tasks, for 'metalearn train'; 'metalearn fit' trains on examples.")
    case .mnist: images = try MNIST.load(from: folder, variant: .digits)
    case .fashionMNIST: images = try MNIST.load(from: folder, variant: .fashion)
    case .cifarFS, .fc100: images = try CIFAR100.load(from: folder)
    case .alphabet:
      let generator = AlphabetGenerator(key: key)
      images = try Self.parted(generator.dataset(classes: 0..<20, drawingsPerClass: 240)) { _ in 40 }
    case .omniglot:
      let split = try Omniglot.load(from: folder, rotations: false, split: .background)
      images = try Self.parted(split.train) { _ in 5 }
    case .folder:
      let pictures = try ImageFolder(folder)
      if let parts = pictures.parts {
        images = (try parts.train.load(ImagePreparation()).images, try parts.test.load(ImagePreparation()).images)
        guard images?.train.classNames == images?.test.classNames else {
          throw UserError("The folders 'train' and 'test' in \(folder.path) have not the same classes.")
        }
      } else {
        images = try Self.parted(pictures.load(ImagePreparation()).images) { $0 / 5 }
      }
    }
    if let images {
      (train, test) = (AnySource(images.train), AnySource(images.test))
      (inputs, classNames) = (images.train.exampleSize, images.train.classNames)
    } else {
      var curves = CurveTasks(.sinusoids, shots: 1000, queries: 1000)
      curves.noise = 0.1
      let episode = curves.episode(key: key)
      (train, test) = (AnySource(episode.support), AnySource(episode.query))
      (inputs, classNames) = (1, [])
    }
    // Found out before there is a folder.
    try require(trainingCount > 0, "There are no examples to train on; validation takes \(configuration.validation).")
  }

  /// The examples that validation leaves.
  private var trainingCount: Int { train.count - Int((Double(train.count) * configuration.validation).rounded()) }

  private var objective: Objective<RegularizedPerceptron> {
    configuration.dataset.isRegression ? .regression : .classification
  }

  /// What came of a run.
  public struct Outcome: Sendable {
    public var history: History
    public var test: ScoreReport
    public var pictures: [URL]
    public var wasInterrupted: Bool
  }

  /// Trains, tests, and leaves everything in the folder.
  public func run(
    in folder: RunFolder, isInterrupted: () -> Bool = { false }, onEpoch: (History.Epoch) -> Void
  ) throws -> Outcome {
    try folder.write(configuration, to: "config.json")
    let log = try RunLog<History.Epoch>(
      startingIn: folder, metric: configuration.dataset.metric, settings: configuration)
    var model = RegularizedPerceptron(
      MultilayerPerceptron(
        inputs: inputs, hidden: configuration.hidden, outputs: max(classNames.count, 1),
        key: RandomKey(seed: configuration.seed)[0]),
      dropout: configuration.dropout)
    var options = FitOptions()
    options.epochs = configuration.epochs
    options.batchSize = configuration.batchSize
    options.validation = configuration.validation
    options.augmentation = .images(configuration.augmentation)
    let steps = (trainingCount + configuration.batchSize - 1) / configuration.batchSize * configuration.epochs
    options.schedule = configuration.isFalling ? .cosine(steps: steps) : .constant
    var failure: (any Error)?
    let history = try fit(
      &model, train, options, optimizer: Adam(learningRate: configuration.learningRate), objective: objective,
      key: RandomKey(seed: configuration.seed)[1]
    ) { epoch in
      onEpoch(epoch)
      do { try log.append(epoch) } catch { failure = error }
      return !isInterrupted() && failure == nil
    }
    if let failure { throw failure }
    try model.writeWeights(to: folder.file("weights.safetensors"))
    let report = evaluate(model, on: test, objective: objective)
    let pictures = try draw(history, model, in: folder)
    try folder.writeTable(of: History.Epoch.self)
    try folder.log(pictures, step: history.epochs.count)
    return Outcome(
      history: history, test: report, pictures: pictures,
      wasInterrupted: history.epochs.count < configuration.epochs)
  }

  private func draw(_ history: History, _ model: RegularizedPerceptron, in folder: RunFolder) throws -> [URL] {
    let sizes = ([inputs] + configuration.hidden + [max(classNames.count, 1)]).map(String.init)
    let curves = history.curves(
      title: "\(configuration.dataset.rawValue): supervised training",
      subtitle: "dense \(sizes.joined(separator: "–")), Adam \(configuration.learningRate), "
        + "batches of \(configuration.batchSize)")
    let files = try folder.draw(curves, as: "curves")
    guard (2...20).contains(classNames.count) else { return files }
    let examples = test.batch(of: Array(0..<test.count))
    let counts = confusionMatrix(logits: predict(model, examples.inputs), labels: examples.targets)
    let matrix = ConfusionMatrixFigure(
      title: "\(configuration.dataset.rawValue): test set", classes: classNames, counts: counts)
    return files + (try folder.draw(matrix, as: "confusion"))
  }

  /// Sets the last images of every class apart for the test, as many as `testing` says of their number.
  private static func parted(
    _ images: LabeledImages, testing: (Int) -> Int
  ) throws -> (LabeledImages, LabeledImages) {
    func part(_ choose: ([Int]) -> ArraySlice<Int>) throws -> LabeledImages {
      let chosen = images.indicesByClass.flatMap { choose($0) }
      let size = images.exampleSize
      let pixels = chosen.flatMap { images.pixels[($0 * size)..<(($0 + 1) * size)] }
      return try LabeledImages(
        height: images.height, width: images.width, channels: images.channels, pixels: pixels,
        labels: chosen.map { images.labels[$0] },
        classNames: images.classNames)
    }
    return (try part { $0.dropLast(testing($0.count)) }, try part { $0.suffix(testing($0.count)) })
  }
}

/// A perceptron whose hidden outputs are partly left out in training.
public struct RegularizedPerceptron: Layer {
  public var net: MultilayerPerceptron
  public var dropout: Dropout

  public init(_ net: MultilayerPerceptron, dropout: Double) {
    self.net = net
    self.dropout = Dropout(rate: dropout)
  }

  public func callAsFunction(_ x: Tensor) -> Tensor { net(x) }

  public func callAsFunction(_ x: Tensor, key: RandomKey) -> Tensor {
    var x = x.flattenedRows()
    for (index, layer) in net.hidden.enumerated() { x = dropout(layer(x), key: key[index]) }
    return net.output(x)
  }
}

/// Examples of any kind.
struct AnySource: ExampleSource {
  let count: Int
  private let draw: @Sendable ([Int]) -> Batch

  init(_ source: some ExampleSource) {
    count = source.count
    draw = { source.batch(of: $0) }
  }

  func batch(of indices: [Int]) -> Batch { draw(indices) }
}
