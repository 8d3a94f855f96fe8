import ArgumentParser
import Foundation
import MetaLearning

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a run on new tasks, before adapting and after each step.",
    usage: "metalearn evaluate <run> <options>",
    discussion: """
      EXAMPLES:
        metalearn evaluate runs/alphabet-5-way-1-shot-maml --tasks 1000
        metalearn evaluate runs/alphabet-5-way-1-shot-maml --list test.safetensors
      """)

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(
    name: [.long, .customLong("episodes")], parsing: .unconditional, help: .init("How many tasks.", valueName: "n"))
  var tasks = 600
  @Option(parsing: .unconditional, help: .init("Most steps of adaptation. (default: as in the run)", valueName: "n"))
  var steps: Int?
  @Option(parsing: .unconditional, help: .init("Which tasks. (default: those of the run's test)", valueName: "n"))
  var seed: UInt64?
  @Option(parsing: .unconditional, help: .init("Threads; results are the same. (default: all cores)", valueName: "n"))
  var workers: Int?
  @Option(help: .init("Test on the tasks of a file that 'metalearn data episodes' wrote.", valueName: "file"))
  var list: String?
  @Option(parsing: .unconditional, help: .init("Support examples a class. (default: as the run says)", valueName: "n"))
  var shots: Int?
  @Option(
    parsing: .unconditional,
    help: .init("Randomly changed copies of each support image. (default: as the run says)", valueName: "n"))
  var supportCopies: Int?
  @Option(
    parsing: .unconditional,
    help: .init("The same of each query; their mean counts. (default: as the run says)", valueName: "n"))
  var queryCopies: Int?
  @Option(
    parsing: .unconditional,
    help: .init(
      "How often to adapt to a task, with classes at other outputs; the mean counts. (default: as the run says)",
      valueName: "n"))
  var labelTurns: Int?
  @Flag(
    inversion: .prefixedNo,
    help: .init("A task takes at most one form (turn, mirror image) of a class. (default: as the run says)"))
  var oneForm: Bool?
  @Flag(help: "Write the figures after each step to per-step.csv in the run's folder too.") var perStep = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    output.startProfile()
    try checkRange(tasks, MetaConfiguration.testTaskRange, "--tasks")
    try checkRange(steps, MetaConfiguration.testStepRange, "--steps")
    try checkRange(shots, MetaConfiguration.countRange, "--shots")
    if shots != nil, list != nil { throw UserError("--shots is not for --list: the tasks of a file have their own.") }
    try checkWorkers(workers)
    let start = Date()
    let folder = try RunFolder(opening: self.folder)
    let experiment = try MetaExperiment(resuming: folder, workers: workers) {
      if let shots { $0.test(shots: shots) }
      $0.supportCopies = supportCopies ?? $0.supportCopies
      $0.queryCopies = queryCopies ?? $0.queryCopies
      $0.labelTurns.count = labelTurns ?? $0.labelTurns.count
      $0.takesOneForm = oneForm ?? $0.takesOneForm
    }
    let settings = experiment.configuration
    output.say(settings.summary)
    let (model, learner) = (try experiment.model(of: folder), try experiment.learner(of: folder))
    let steps = steps ?? settings.testSteps
    let seed = seed ?? settings.testSeed ?? settings.seed
    let reports =
      try list.map {
        try experiment.reports(
          model, as: learner, on: EpisodeList(contentsOf: URL(fileURLWithPath: $0)), steps: steps)
      }
      ?? experiment.reports(model, as: learner, tasks: tasks, steps: steps, seed: seed)
    // The classes of a list have no names.
    let mistakes = list == nil ? experiment.mistakes(of: reports[0], seed: seed) : nil
    let pictures =
      try experiment.drawReports(reports, in: folder) + (mistakes.map { try experiment.write($0, in: folder) } ?? [])
    try folder.log(pictures, step: settings.options.iterations)
    if perStep { try folder.writeSteps(of: reports) }
    try conclude(reports, settings, folder, pictures, mistakes: mistakes, since: start, output)
  }
}
