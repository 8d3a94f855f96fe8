import ArgumentParser
import Foundation
import MetaLearning

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a run on new tasks, before adapting and after each step, with 95 % intervals.",
    discussion: "EXAMPLE:\n  metalearn evaluate runs/omniglot-5-way-1-shot-maml --tasks 1000 --seed 7")

  @Argument(help: ArgumentHelp("The run’s folder.", valueName: "run")) var folder: String
  @Option(parsing: .unconditional, help: "How many tasks.") var tasks = 600
  @Option(parsing: .unconditional, help: "The most steps of adaptation.") var steps: Int?
  @Option(parsing: .unconditional, help: "Which tasks. (default: those of the run's own test)") var seed: UInt64?
  @Option(parsing: .unconditional, help: "Threads; the result does not depend on it. (default: all cores)")
  var workers: Int?
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard tasks > 1 else { throw UserError("--tasks must be at least 2, for an interval; given was \(tasks).") }
    guard steps ?? 0 >= 0 else { throw UserError("--steps must not be negative; given was \(steps ?? 0).") }
    let start = Date()
    let folder = try RunFolder(opening: self.folder)
    let experiment = try MetaExperiment(resuming: folder, workers: workers)
    let settings = experiment.configuration
    output.say(settings.summary)
    let report = experiment.evaluate(
      try experiment.model(of: folder), tasks: tasks, steps: steps ?? settings.testSteps, seed: seed ?? settings.seed)
    let pictures = try experiment.drawReport(report, in: folder)
    try conclude(report, steps: settings.innerSteps, folder, pictures, since: start, output)
  }
}

struct Adapt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adapt a run's weights to one new task, and draw it.",
    discussion: "EXAMPLE:\n  metalearn adapt runs/alphabet-5-way-1-shot-maml --seed 3 --steps 5")

  @Argument(help: ArgumentHelp("The run’s folder.", valueName: "run")) var folder: String
  @Option(parsing: .unconditional, help: "Which task.") var seed: UInt64 = 1
  @Option(parsing: .unconditional, help: "Steps of adaptation. (default: as trained)") var steps: Int?
  @OptionGroup var output: OutputOptions

  private struct Adapted: Encodable {
    var metric: String
    var perStep: [Double?]
    var milliseconds: Double
    var weights: String
    var run: String
  }

  func run() throws {
    guard steps ?? 0 >= 0 else { throw UserError("--steps must not be negative; given was \(steps ?? 0).") }
    let folder = try RunFolder(opening: self.folder)
    let experiment = try MetaExperiment(resuming: folder)
    let settings = experiment.configuration
    let adaptation = experiment.adapt(
      try experiment.model(of: folder), steps: steps ?? settings.innerSteps, seed: seed)
    let weights = folder.file("adapted-\(seed).safetensors")
    try adaptation.models.last?.writeWeights(to: weights)
    let pictures =
      settings.dataset.isRegression
      ? try experiment.drawTasks(try experiment.model(of: folder), seed: seed, in: folder)
      : try experiment.drawSheet(adaptation, as: "adapted-\(seed)", in: folder)
    let metric: Metric = settings.dataset.isRegression ? .meanSquaredError : .accuracy
    output.say("Adapted in \(String(format: "%.1f", adaptation.milliseconds)) ms. \(metric.title) on the query set:")
    for (step, score) in adaptation.scores.enumerated() { output.say("  after \(step) steps   \(metric.text(score, nil))") }
    output.say("Adapted weights: \(folder.path)/\(weights.lastPathComponent)")
    for picture in pictures { output.say("Picture: \(folder.path)/\(picture.lastPathComponent)") }
    try output.emit(
      Adapted(
        metric: metric.rawValue, perStep: adaptation.scores.map(\.finite), milliseconds: adaptation.milliseconds,
        weights: "\(folder.path)/\(weights.lastPathComponent)", run: folder.path))
  }
}
