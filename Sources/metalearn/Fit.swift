import ArgumentParser
import Foundation
import MetaLearning

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train one network on labelled examples, as usual, without meta-learning.",
    discussion: """
      With the defaults: dense 784-128-10 for MNIST, Adam 1e-3, batches of 32, 10 epochs, 20 % for validation.

      EXAMPLES:
        metalearn fit --dataset mnist --data ../shared/data/mnist
        metalearn fit --dataset mnist --data DIR --dropout 0.2 --shift 2 --falling-rate --epochs 40
      """)

  @Option(help: "mnist, fashion-mnist, omniglot, alphabet or sinusoid.") var dataset = "alphabet"
  @Option(help: "The folder with the data set's files.") var data: String?
  @Option(help: "Sizes of the hidden layers, such as 128 or 256,128.") var hidden: String?
  @Option(parsing: .unconditional, help: "How often each example is met.") var epochs = 10
  @Option(parsing: .unconditional, help: "Examples in a step.") var batchSize = 32
  @Option(parsing: .unconditional, help: "The share held out for validation.") var validation = 0.2
  @Option(parsing: .unconditional, help: "The learning rate (Adam).") var rate = 1e-3
  @Option(parsing: .unconditional, help: "The share of hidden units left out in training.") var dropout = 0.0
  @Option(parsing: .unconditional, help: "Shift training images by up to so many pixels.") var shift = 0
  @Flag(help: "Let the learning rate fall to 0 along half a cosine.") var fallingRate = false
  @Option(parsing: .unconditional, help: "What all randomness comes from.") var seed: UInt64 = 0
  @Option(help: "The run's folder. (default: a new one under runs/)") var out: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    var settings = FitConfiguration(dataset: try DatasetName(named: dataset))
    settings.data = data
    if let hidden { settings.hidden = try sizes(hidden) }
    settings.epochs = epochs
    settings.batchSize = batchSize
    settings.validation = validation
    settings.learningRate = rate
    settings.dropout = dropout
    settings.shift = shift
    settings.isFalling = fallingRate
    settings.seed = seed
    let start = Date()
    let experiment = try FitExperiment(settings)
    let folder = try RunFolder(creating: out ?? RunFolder.unusedPath(named: "\(settings.dataset.rawValue)-fit"))
    output.say("\(settings.dataset.rawValue): \(epochs) epochs; the run's folder is \(folder.path)")
    var progress = ProgressDisplay(total: epochs, isSilent: output.json)
    let metric = settings.dataset.metric
    let interruption = Interruption()
    let outcome = try experiment.run(in: folder, isInterrupted: { interruption.isRequested }) { epoch in
      try? output.emit(epoch)
      let held = epoch.validationScore.map { "  validation \(metric.text($0, nil))" } ?? ""
      progress.note(
        epoch.epoch,
        "loss \(String(format: "%.4f", epoch.loss))  \(metric.title) \(metric.text(epoch.score, nil))\(held)")
    }
    output.say("\n\(metric.title) on the test set: \(metric.text(outcome.test.score.value, outcome.test.score.ci95))")
    output.list(outcome.pictures, in: folder)
    let result = RunResult(
      metric: metric, value: JSONNumber(outcome.test.score.value), ci95: JSONNumber(outcome.test.score.ci95), tasks: 1,
      seconds: Date().timeIntervalSince(start), run: folder.path)
    try folder.write(result, to: "result.json")
    try output.emit(result)
    if outcome.wasInterrupted { throw ExitCode(130) }
  }
}
