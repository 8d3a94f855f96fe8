import ArgumentParser
import Foundation
import MetaLearning

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a run on new tasks, before adapting and after each step.",
    usage: "metalearn evaluate <run> <options>",
    discussion: "EXAMPLE:\n  metalearn evaluate runs/alphabet-5-way-1-shot-maml --tasks 1000")

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(parsing: .unconditional, help: .init("How many tasks.", valueName: "n")) var tasks = 600
  @Option(parsing: .unconditional, help: .init("Most steps of adaptation. (default: as in the run)", valueName: "n"))
  var steps: Int?
  @Option(parsing: .unconditional, help: .init("Which tasks. (default: those of the run's test)", valueName: "n"))
  var seed: UInt64?
  @Option(parsing: .unconditional, help: .init("Threads; results are the same. (default: all cores)", valueName: "n"))
  var workers: Int?
  @OptionGroup var output: OutputOptions

  func run() throws {
    output.startProfile()
    try checkRange(tasks, MetaConfiguration.testTaskRange, "--tasks")
    try checkRange(steps, MetaConfiguration.testStepRange, "--steps")
    try checkWorkers(workers)
    let start = Date()
    let folder = try RunFolder(opening: self.folder)
    let experiment = try MetaExperiment(resuming: folder, workers: workers)
    let settings = experiment.configuration
    output.say(settings.summary)
    let reports = experiment.reports(
      try experiment.model(of: folder), as: try experiment.learner(of: folder), tasks: tasks,
      steps: steps ?? settings.testSteps, seed: seed ?? settings.testSeed ?? settings.seed)
    let pictures = try experiment.drawReports(reports, in: folder)
    try conclude(reports, settings, folder, pictures, since: start, output)
  }
}

struct Adapt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adapt a run's weights to one new task, and draw it.", usage: "metalearn adapt <run> <options>",
    discussion: "EXAMPLE:\n  metalearn adapt runs/alphabet-5-way-1-shot-maml --seed 3 --steps 5")

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(parsing: .unconditional, help: .init("Which task.", valueName: "n")) var seed: UInt64 = 1
  @Option(parsing: .unconditional, help: .init("Steps of adaptation. (default: as trained)", valueName: "n"))
  var steps: Int?
  @OptionGroup var output: OutputOptions

  private struct Adapted: Encodable {
    var metric: Metric
    var perStep: [JSONNumber]
    var milliseconds: Double
    var weights: String
    var run: String
  }

  func run() throws {
    output.startProfile()
    try checkRange(steps, MetaConfiguration.testStepRange, "--steps")
    let folder = try RunFolder(opening: self.folder)
    let experiment = try MetaExperiment(resuming: folder)
    let settings = experiment.configuration
    let metric = settings.dataset.metric
    let model = try experiment.model(of: folder)
    let learner = try experiment.learner(of: folder)
    let adaptation = experiment.adapt(model, as: learner, steps: steps ?? settings.innerSteps, seed: seed)
    let weights = folder.file("adapted-\(seed).safetensors")
    try adaptation.models.last?.writeWeights(to: weights)
    let pictures =
      settings.dataset.isRegression
      ? try experiment.drawTasks(model, adapting: learner, seed: seed, as: "adapted-\(seed)", in: folder)
      : try experiment.drawSheet(adaptation, as: "adapted-\(seed)", in: folder)
    output.say("Adapted in \(String(format: "%.1f", adaptation.milliseconds)) ms. \(metric.title) on the query set:")
    for (step, score) in adaptation.scores.enumerated() {
      output.say("  \(stepLabel(step))\(metric.text(score, nil))")
    }
    output.say("Adapted weights: \(folder.path)/\(weights.lastPathComponent)")
    for picture in pictures { output.say("Picture: \(folder.path)/\(picture.lastPathComponent)") }
    try output.emit(
      Adapted(
        metric: metric, perStep: adaptation.scores.map(JSONNumber.init), milliseconds: adaptation.milliseconds,
        weights: "\(folder.path)/\(weights.lastPathComponent)", run: folder.path))
  }
}
