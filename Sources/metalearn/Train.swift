import ArgumentParser
import Foundation
import MetaLearning

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Meta-train: find weights from which a few steps learn a new task.",
    discussion: """
      With no arguments: MAML, 5-way 1-shot, on characters made from random strokes.
      Rates are rates on the mean loss. (MAML's published code divides the summed loss by the shots, so its inner rates
      are smaller by the number of ways.)

      EXAMPLES:
        metalearn train
        metalearn train --dataset omniglot --data ../shared/data/omniglot --seed 1
        metalearn train --dataset sinusoid --iterations 20000 --out runs/sines
        metalearn train --resume runs/sines
      """)

  @Option(help: "sinusoid, alphabet, omniglot, mnist or fashion-mnist.") var dataset: String?
  @Option(help: "The folder with the data set's files.") var data: String?
  @Option(help: "maml, or joint: the joint-training baseline.") var algorithm: String?
  @Option(parsing: .unconditional, help: "Classes in an episode.") var ways: Int?
  @Option(parsing: .unconditional, help: "Support examples of each class.") var shots: Int?
  @Option(parsing: .unconditional, help: "Query examples of each class, in training.") var queries: Int?
  @Option(parsing: .unconditional, help: "The learning rate of the inner loop.") var innerRate: Double?
  @Option(parsing: .unconditional, help: "The learning rate of the outer loop (Adam).") var outerRate: Double?
  @Option(parsing: .unconditional, help: "Steps of adaptation in training.") var innerSteps: Int?
  @Option(parsing: .unconditional, help: "Tasks in an outer step.") var metaBatch: Int?
  @Option(parsing: .unconditional, help: "Outer steps.") var iterations: Int?
  @Option(parsing: .unconditional, help: "What all randomness comes from.") var seed: UInt64?
  @Flag(help: "First-order MAML: inner gradients count as constants.") var firstOrder = false
  @Option(help: "Sizes of the hidden layers, such as 256,128,64,64.") var hidden: String?
  @Option(help: "How the outer rate goes: constant or cosine.") var schedule: String?
  @Option(parsing: .unconditional, help: "Shift training images by up to so many pixels.") var shift: Int?
  @Option(help: "Of Omniglot: vinyals, vinyalsTrainval or background.") var split: String?
  @Option(help: "Of Omniglot: nearest or antialiased.") var resampling: String?
  @Option(parsing: .unconditional, help: "Tasks of the test at the end.") var tasks: Int?
  @Option(parsing: .unconditional, help: "The most steps of adaptation in the test.") var testSteps: Int?
  @Option(parsing: .unconditional, help: "Threads; the result does not depend on it. (default: all cores)")
  var workers: Int?
  @Option(help: "The run's folder. (default: a new one under runs/)") var out: String?
  @Option(help: "Go on with the run in this folder; its settings hold.") var resume: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    if let workers, workers < 1 { throw UserError("--workers must be at least 1; given was \(workers).") }
    let interruption = Interruption()
    let experiment: MetaExperiment
    let folder: RunFolder
    if let resume {
      folder = try RunFolder(opening: resume)
      experiment = try MetaExperiment(resuming: folder, workers: workers)
    } else {
      let configuration = try settings()
      try configuration.validate()
      experiment = try MetaExperiment(configuration, workers: workers)
      folder = try RunFolder(creating: out ?? RunFolder.unusedPath(named: configuration.name))
    }
    let settings = experiment.configuration
    output.say(settings.summary)
    output.say("\(settings.options.iterations) iterations; the run's folder is \(folder.path)")

    let start = Date()
    var progress = ProgressDisplay(total: settings.options.iterations, isSilent: output.json)
    let metric: Metric = settings.dataset.isRegression ? .meanSquaredError : .accuracy
    let outcome = try experiment.train(
      in: folder, resuming: resume != nil, isInterrupted: { interruption.isRequested }
    ) { iteration, loss, score, record in
      progress.show(iteration, "loss \(String(format: "%.3f", loss))  \(metric.title) \(metric.text(score, nil))")
      guard let record else { return }
      try? output.emit(record)
      guard let validation = record.validationScore else { return }
      progress.note(
        iteration,
        "loss \(String(format: "%.4f", record.loss))  \(metric.title) \(metric.text(record.score, nil))  "
          + "validation \(metric.text(validation, record.validationCI95))")
    }
    progress.finish()
    if outcome == .interrupted {
      FileHandle.standardError.write(
        Data("Interrupted. What was reached is saved; go on with: metalearn train --resume \(folder.path)\n".utf8))
      throw ExitCode(130)
    }
    let model = try experiment.model(of: folder)
    let report = experiment.evaluate(
      model, tasks: settings.testTasks, steps: settings.testSteps, seed: settings.seed)
    var pictures = try experiment.drawCurves(in: folder)
    pictures += try experiment.drawReport(report, in: folder)
    pictures += try experiment.drawTasks(model, seed: settings.seed, in: folder)
    try conclude(report, steps: settings.innerSteps, folder, pictures, since: start, output)
  }

  private func settings() throws -> MetaConfiguration {
    var settings = MetaConfiguration(defaultsFor: try DatasetName(named: dataset ?? "alphabet"))
    settings.data = data
    settings.algorithm = try choice(algorithm, "--algorithm") ?? settings.algorithm
    settings.shape.ways = ways ?? settings.shape.ways
    settings.shape.shots = shots ?? settings.shape.shots
    settings.shape.queries = queries ?? settings.shape.queries
    settings.innerRate = innerRate ?? settings.innerRate
    settings.outerRate = outerRate ?? settings.outerRate
    settings.innerSteps = innerSteps ?? settings.innerSteps
    settings.options.metaBatch = metaBatch ?? settings.options.metaBatch
    settings.options.iterations = iterations ?? settings.options.iterations
    settings.seed = seed ?? settings.seed
    settings.isFirstOrder = firstOrder
    settings.shift = shift ?? settings.shift
    settings.split = try choice(split, "--split") ?? settings.split
    settings.resampling = try choice(resampling, "--resampling") ?? settings.resampling
    settings.testTasks = tasks ?? settings.testTasks
    settings.testSteps = testSteps ?? settings.testSteps
    if let hidden { settings.hidden = try sizes(hidden) }
    switch schedule ?? (settings.dataset.isRegression ? "constant" : "cosine") {
    case "constant": settings.options.schedule = .constant
    case "cosine": settings.options.schedule = .cosine(steps: settings.options.iterations, to: 0.01)
    case let other: throw UserError("--schedule is constant or cosine; given was '\(other)'.")
    }
    return settings
  }
}

/// Reads a choice by its name.
func choice<Value: RawRepresentable & CaseIterable>(_ name: String?, _ option: String) throws -> Value?
where Value.RawValue == String {
  guard let name else { return nil }
  guard let value = Value(rawValue: name) else {
    throw UserError("\(option) is one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")); given was '\(name)'.")
  }
  return value
}

/// Reads a list of sizes such as `256,128`.
func sizes(_ text: String) throws -> [Int] {
  try text.split(separator: ",").map { part in
    guard let size = Int(part.trimmingCharacters(in: .whitespaces)) else {
      throw UserError("--hidden is a list of whole numbers such as 256,128; given was '\(text)'.")
    }
    return size
  }
}

/// Prints what a test found: a table for people, or the last line of JSON.
func conclude(
  _ report: AdaptationReport, steps: Int, _ folder: RunFolder, _ pictures: [URL], since start: Date, _ output: OutputOptions
) throws {
  let after = report.after(steps)
  output.say("\n\(report.metric.title) on \(report.tasks) new tasks, mean with its 95 % interval:")
  for step in report.perStep {
    let diverged = step.diverged > 0 ? "   (\(step.diverged) tasks diverged and are left out)" : ""
    let mark = step.step == steps ? "  <- as trained" : ""
    output.say(
      "  after \(step.step) steps".padding(toLength: 18, withPad: " ", startingAt: 0)
        + report.metric.text(step.estimate.value, step.estimate.ci95) + mark + diverged)
  }
  if !pictures.isEmpty {
    output.say("\nPictures:")
    for picture in pictures { output.say("  \(folder.path)/\(picture.lastPathComponent)") }
  }
  let result = RunResult(
    metric: report.metric.rawValue, value: after.estimate.value.finite, ci95: after.estimate.ci95.finite,
    tasks: report.tasks,
    perStep: report.perStep.map {
      .init(step: $0.step, value: $0.estimate.value.finite, ci95: $0.estimate.ci95.finite, diverged: $0.diverged)
    }, seconds: Date().timeIntervalSince(start), peakMemoryMB: Resources.peakMemoryMB, run: folder.path)
  try folder.write(result, to: "result.json")
  try output.emit(result)
}
