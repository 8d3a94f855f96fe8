import ArgumentParser
import Foundation
import MetaLearning

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train one network on labelled examples, without meta-learning.",
    discussion: """
      EXAMPLES:
        metalearn fit --dataset mnist --data DIR
        metalearn fit --dataset mnist --data DIR --dropout 0.2 --shift 2
      """)

  @Option(
    help: .init(
      "mnist, fashion-mnist, omniglot, cifar-fs (all 100 classes), folder, alphabet or sinusoid.", valueName: "name"))
  var dataset = "alphabet"
  @Option(help: .init("The folder with the data set's files.", valueName: "folder")) var data: String?
  @Option(parsing: .unconditional, help: .init("Sizes of the hidden layers, such as 256,128.", valueName: "sizes"))
  var hidden = "128"
  @Option(parsing: .unconditional, help: .init("How often each example is met.", valueName: "n")) var epochs = 10
  @Option(parsing: .unconditional, help: .init("Examples in a step.", valueName: "n")) var batchSize = 32
  @Option(parsing: .unconditional, help: .init("The share held out for validation.", valueName: "share"))
  var validation = 0.2
  @Option(parsing: .unconditional, help: .init("The learning rate, of Adam.", valueName: "rate")) var rate = 1e-3
  @Option(parsing: .unconditional, help: .init("The share of hidden units left out.", valueName: "share"))
  var dropout = 0.0
  @OptionGroup(title: "Random changes of training images") var augmentation: AugmentationOptions
  @Flag(help: "Let the learning rate fall to 0 along half a cosine.") var fallingRate = false
  @Option(parsing: .unconditional, help: .init("What all randomness comes from.", valueName: "n"))
  var seed: UInt64 = 0
  @Option(help: .init("The run's folder. (default: a new one in runs/)", valueName: "folder")) var out: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    output.startProfile()
    var settings = FitConfiguration(dataset: try DatasetName(named: dataset))
    settings.data = data
    settings.hidden = try sizes(hidden, "--hidden")
    settings.epochs = epochs
    settings.batchSize = batchSize
    settings.validation = validation
    settings.learningRate = rate
    settings.dropout = dropout
    augmentation.change(&settings.augmentation)
    settings.isFalling = fallingRate
    settings.seed = seed
    let start = Date()
    let experiment = try FitExperiment(settings)
    let folder = try RunFolder(creating: out ?? RunFolder.unusedPath(named: "\(settings.dataset.rawValue)-fit"))
    try folder.write(Metalearn.origin, to: "origin.json")
    output.say("\(settings.dataset.rawValue): \(epochs) epochs; the run's folder is \(folder.path)")
    var progress = ProgressDisplay(total: epochs, isSilent: output.json)
    let metric = settings.dataset.metric
    let interruption = Interruption()
    let outcome = try experiment.run(in: folder, isInterrupted: { interruption.isRequested }) { epoch in
      try? output.emit(epoch)
      let held = epoch.validationScore.map { "  validation \(metric.text($0, nil))" } ?? ""
      progress.note(epoch.epoch, metric.figures(loss: epoch.loss, score: epoch.score) + held)
    }
    output.say("\n\(metric.title) on the test set: \(metric.text(outcome.test.score.value, outcome.test.score.ci95))")
    output.list(outcome.pictures, in: folder)
    let result = RunResult(
      metric: metric, value: outcome.test.score.value, ci95: outcome.test.score.ci95, tasks: 1,
      seconds: Date().timeIntervalSince(start), run: folder.path, command: RunOrigin.command(CommandLine.arguments))
    try folder.write(result, to: "result.json")
    try output.emit(result)
    guard outcome.wasInterrupted else { return }
    let reached = outcome.history.epochs.count
    FileHandle.standardError.write(
      Data("Interrupted. Saved are the weights after epoch \(reached) of \(epochs).\n".utf8))
    throw ExitCode(130)
  }
}
