/// Everything that determines a meta-training run: the same configuration gives the same weights, bit for bit.
public struct MetaConfiguration: Sendable, Codable, Equatable {
  /// How tasks are learned.
  public enum Algorithm: String, Sendable, Codable, CaseIterable {
    case maml
    /// The joint-training baseline.
    case joint
  }

  public var dataset: DatasetName
  /// The folder with the data set's files.
  public var data: String?
  public var algorithm = Algorithm.maml
  public var shape: EpisodeShape
  /// The inner learning rate α, on the mean loss.
  public var innerRate: Double
  public var innerSteps = 1
  public var isFirstOrder = false
  public var outerRate = 1e-3
  public var seed: UInt64 = 0
  /// The units of the hidden layers.
  public var hidden: [Int]
  public var options = MetaTrainingOptions()
  /// By how many pixels training images are shifted at most.
  public var shift = 0
  /// Of Omniglot: which characters are for what.
  public var split = OmniglotSplit.vinyals
  /// Of Omniglot: how drawings become 28×28.
  public var resampling = Resampling.antialiased
  /// The tasks of the test at the end.
  public var testTasks = 600
  /// The most steps of adaptation in the test.
  public var testSteps = 10

  /// The settings that a data set starts from: MAML's own for sinusoids (Finn et al., 2017), a multilayer perceptron
  /// with batch normalization for characters.
  public init(defaultsFor dataset: DatasetName) {
    self.dataset = dataset
    if dataset.isRegression {
      shape = EpisodeShape(ways: 1, shots: 10, queries: 10)
      innerRate = 0.01
      hidden = [40, 40]
      options.iterations = 70_000
      options.metaBatch = 25
      options.recordEvery = 100
      options.validateEvery = 5000
    } else {
      shape = EpisodeShape(ways: 5, shots: 1, queries: 5)
      innerRate = 0.5
      hidden = [256, 128, 64, 64]
      options.iterations = dataset == .omniglot ? 50_000 : 2500
      options.metaBatch = 32
      options.recordEvery = 50
      options.validateEvery = dataset == .omniglot ? 2500 : 500
      if dataset == .omniglot {
        // All 1,200 characters that the test does not use, as in the MAML paper.
        split = .vinyalsTrainval
        shift = 1
      }
      options.schedule = .cosine(steps: options.iterations, to: 0.01)
    }
  }

  /// Throws a `UserError` that names the first setting that makes no sense.
  public func validate() throws {
    let many = 1...1_000_000
    try require("--ways", shape.ways, in: many)
    try require("--shots", shape.shots, in: many)
    try require("--queries", shape.queries, in: many)
    try require("--inner-rate", positive: innerRate)
    try require("--outer-rate", positive: outerRate)
    try require("--inner-steps", innerSteps, in: 0...1000)
    try require("--meta-batch", options.metaBatch, in: many)
    try require("--iterations", options.iterations, in: 1...1_000_000_000)
    try require("--tasks", testTasks, in: Self.testTaskRange)
    try require("--test-steps", testSteps, in: Self.testStepRange)
    try require(hidden: hidden)
    try require(shift: shift, of: dataset)
    try require(!dataset.isRegression || shape.ways == 1, "--ways has no meaning for \(dataset.rawValue).")
    try require(folder: data, of: dataset)
    // No option sets the others, but a configuration is read from a file.
    if let mistake = options.mistake { throw UserError("The setting \(mistake).") }
  }

  /// How many tasks a test may have; an interval needs two.
  public static let testTaskRange = 2...10_000_000
  /// How many steps a test may take.
  public static let testStepRange = 0...1000

  /// A short name for the run's folder.
  public var name: String {
    dataset.isRegression
      ? "\(dataset.rawValue)-\(shape.shots)-shot-\(algorithm.rawValue)"
      : "\(dataset.rawValue)-\(shape.ways)-way-\(shape.shots)-shot-\(algorithm.rawValue)"
  }

  /// One line that says what is done.
  public var summary: String {
    let order = algorithm == .joint ? "joint training" : isFirstOrder ? "first-order MAML" : "MAML, second order"
    let steps = "\(innerSteps) inner step\(innerSteps == 1 ? "" : "s") at \(innerRate)"
    let task = dataset.isRegression ? "\(shape.shots) points" : "\(shape.ways)-way \(shape.shots)-shot"
    return
      "\(dataset.rawValue), \(task): \(order), \(steps), \(options.metaBatch) tasks a step, outer rate \(outerRate)"
  }
}
