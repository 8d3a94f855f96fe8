import ArgumentParser
import Foundation
import MetaLearning

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Meta-train: find weights from which a few steps learn a new task.",
    discussion: """
      Rates are for the mean loss. (MAML's published code divides the sum by the
      shots, so its inner rates are smaller by the number of ways.)

      EXAMPLES:
        metalearn train
        metalearn train --dataset omniglot --data DIR --shots 5 --seed 1
        metalearn train --dataset sinusoid --iterations 20000 --out runs/sines
        metalearn train --recipe omniglot-5way-1shot --data DIR
        metalearn train --data DIR      # pictures, a folder for each class
        metalearn train --data FILE.csv # rows of regression tasks
        metalearn train --data FILE.csv --dataset class-table --ways 3
        metalearn train --data FILE.npz # arrays of examples and labels
        metalearn train --resume runs/sines
      """)

  @Option(
    help: .init(
      "A recipe's name or file; other options override it. ('metalearn recipes' lists the names)",
      valueName: "recipe"))
  var recipe: String?
  @Option(
    help: .init(
      "sinusoid, alphabet, omniglot, mnist, fashion-mnist, cifar-fs, fc100, folder: a folder of pictures for each class, table: rows of regression tasks, class-table: rows of classification tasks, or arrays: of NumPy or safetensors. (default: by the ending of --data: table, arrays or folder; without --data alphabet)",
      valueName: "name"))
  var dataset: String?
  @Option(help: .init("The folder with the data set's files.", valueName: "folder")) var data: String?
  @Option(
    help: .init(
      "maml, maml++, meta-sgd, anil, or joint: the joint-training baseline. (default: maml)", valueName: "name"))
  var algorithm: String?
  @Option(parsing: .unconditional, help: .init("Classes in an episode. (default: 5)", valueName: "n")) var ways: Int?
  @Option(
    parsing: .unconditional, help: .init("Support examples of each class. (default: 1, sinusoid 10)", valueName: "n"))
  var shots: Int?
  @Option(
    parsing: .unconditional,
    help: .init("Query examples of each class in training. (default: 5, sinusoid 10)", valueName: "n"))
  var queries: Int?
  @Option(
    parsing: .unconditional, help: .init("The inner learning rate. (default: 0.5, sinusoid 0.01)", valueName: "rate"))
  var innerRate: Double?
  @Option(
    help: .init(
      "What moves the initial weights: adam or muon. (default: adam)", valueName: "name"))
  var outerOptimizer: String?
  @Option(parsing: .unconditional, help: .init("The outer learning rate. (default: 0.001)", valueName: "rate"))
  var outerRate: Double?
  @Option(
    help: .init(
      "What convolutions multiply in training: full, or bfloat16, which pays on processors that have AVX-512 BF16. (default: full)",
      valueName: "name"))
  var precision: String?
  @Option(parsing: .unconditional, help: .init("Steps of adaptation in training. (default: 1)", valueName: "n"))
  var innerSteps: Int?
  @Option(parsing: .unconditional, help: .init("Tasks in an outer step. (default: 32, sinusoid 25)", valueName: "n"))
  var metaBatch: Int?
  @Option(
    parsing: .unconditional,
    help: .init("Outer steps. (default: 2500 for alphabet, 70000 for sinusoid, else 20000)", valueName: "n"))
  var iterations: Int?
  @Option(parsing: .unconditional, help: .init("What all randomness comes from. (default: 0)", valueName: "n"))
  var seed: UInt64?
  @Flag(help: "First-order MAML: inner gradients count as constants.") var firstOrder = false
  @Option(
    parsing: .unconditional,
    help: .init("Sizes of the hidden layers. (default: 256,128,64,64, sinusoid 40,40)", valueName: "sizes"))
  var hidden: String?
  @Option(help: .init("mlp, or conv4: four blocks of convolution. (default: mlp)", valueName: "name"))
  var model: String?
  @Option(
    parsing: .unconditional,
    help: .init("Filters of the blocks of conv4: one number, or four. (default: 64)", valueName: "n"))
  var filters: String?
  @Option(
    parsing: .unconditional,
    help: .init("MAML++: iterations in which the losses after all steps count. (default: a tenth)", valueName: "n"))
  var multiStepIterations: Int?
  @Option(
    parsing: .unconditional, help: .init("MAML++: iterations of first order at the start. (default: 0)", valueName: "n")
  )
  var firstOrderIterations: Int?
  @Flag(help: "MAML++: inner rates stay as they are.") var fixedRates = false
  @Flag(help: "MAML++: one scale and shift of normalizations for all steps.") var sharedNorm = false
  @Option(
    help: .init(
      "MAML++: the layers that alone are adapted, separated by commas. (default: all)", valueName: "names"))
  var adaptedLayers: String?
  @Flag(help: "MAML++: the inner loop adapts normalizations too.") var adaptedNorm = false
  @Option(
    help: .init(
      "How the outer rate goes: constant, cosine or steps: halved four times. (default: cosine, sinusoid constant)",
      valueName: "name"))
  var schedule: String?
  @Option(
    parsing: .unconditional, help: .init("With --schedule: iterations in which the outer rate rises.", valueName: "n"))
  var warmUp: Int?
  @Option(parsing: .unconditional, help: .init("Train on episodes of this many ways up to --ways.", valueName: "n"))
  var leastWays: Int?
  @Option(
    parsing: .unconditional,
    help: .init("Train on episodes of this many shots up to the most. (default: the most)", valueName: "n"))
  var leastShots: Int?
  @Option(
    parsing: .unconditional,
    help: .init("Train on episodes of at most this many shots. (default: --shots)", valueName: "n"))
  var mostShots: Int?
  @Flag(help: "With --least-shots: each class of an episode has shots of its own.") var imbalanced = false
  @Flag(help: "Quarter turns of training classes are classes of their own.") var turnClasses = false
  @Flag(help: "Mirror images of training classes are classes of their own.") var mirrorClasses = false
  @Flag(help: "A task takes at most one form of a class: it, a turn, or a mirror image; as MAML's tasks do.")
  var oneForm = false
  @Option(
    parsing: .unconditional,
    help: .init("Randomly changed copies of each support image in tests and in use. (default: 0)", valueName: "n"))
  var supportCopies: Int?
  @Option(
    parsing: .unconditional,
    help: .init(
      "Randomly changed copies of each image that is judged, in tests and in use; their mean counts. (default: 0)",
      valueName: "n"))
  var queryCopies: Int?
  @Option(
    parsing: .unconditional,
    help: .init(
      "How often to adapt to a task in tests and in use, with classes at other outputs; the mean counts. (default: 1)",
      valueName: "n"))
  var labelTurns: Int?
  @Option(
    parsing: .unconditional,
    help: .init("How often to adapt so to a task in training; the mean loss counts. (default: 1)", valueName: "n"))
  var trainingTurns: Int?
  @Option(
    parsing: .unconditional, help: .init("Copies of each support image in training. (default: 0)", valueName: "n"))
  var trainingCopies: Int?
  @Option(
    help: .init(
      "Own data: test on these domains, which training does not see: what stands before the last / of a class's name.",
      valueName: "names"))
  var testDomains: String?
  @Option(help: .init("With --test-domains: those to validate on.", valueName: "names")) var validationDomains: String?
  @OptionGroup(title: "Random changes of training images") var augmentation: AugmentationOptions
  @Option(parsing: .unconditional, help: .init("Folder: height and width of an example. (default: 28)", valueName: "n"))
  var size: Int?
  @Option(help: .init("Folder: grey or rgb. (default: grey)", valueName: "name")) var color: String?
  @Flag(help: "Folder: dark becomes 1 and light 0, as for ink on paper.") var invert = false
  @Option(
    help: .init("Folder: refuse or skip files that cannot be read. (default: refuse)", valueName: "what"))
  var damaged: String?
  @Option(
    help: .init("Arrays: the name of that with the examples. (default: inputs, x, images or data)", valueName: "name"))
  var inputs: String?
  @Option(
    help: .init(
      "Arrays: the name of that with the labels (default: labels, y, targets or classes), or an .npy file.",
      valueName: "name"))
  var labels: String?
  @Option(help: .init("Table: the column with a row's task. (default: task)", valueName: "name"))
  var taskColumn: String?
  @Option(help: .init("Table: the column with a row's target. (default: target)", valueName: "name"))
  var targetColumn: String?
  @Option(help: .init("Omniglot: vinyals, vinyalsTrainval or background. (default: vinyals)", valueName: "name"))
  var split: String?
  @Option(help: .init("Omniglot: nearest or antialiased. (default: antialiased)", valueName: "name"))
  var resampling: String?
  @Option(parsing: .unconditional, help: .init("Tasks of the test at the end. (default: 600)", valueName: "n"))
  var tasks: Int?
  @Option(parsing: .unconditional, help: .init("Most steps of adaptation in the test. (default: 10)", valueName: "n"))
  var testSteps: Int?
  @Option(parsing: .unconditional, help: .init("Threads; results are the same. (default: all cores)", valueName: "n"))
  var workers: Int?
  @Option(parsing: .unconditional, help: .init("Clip the meta-gradient to such a norm.", valueName: "norm"))
  var clipNorm: Double?
  @Option(parsing: .unconditional, help: .init("Outer steps between validations.", valueName: "n"))
  var validateEvery: Int?
  @Option(
    parsing: .unconditional,
    help: .init("End early when so many validations in a row were no better. (default: never)", valueName: "n"))
  var patience: Int?
  @Option(
    help: .init(
      "The weights that are tested and used: last, or best by validation. (default: last)", valueName: "which"))
  var finalWeights: String?
  @OptionGroup var saving: SavingOptions
  @Option(help: .init("The run's folder. (default: a new one in runs/)", valueName: "folder")) var out: String?
  @Option(help: .init("Go on with the run in this folder.", valueName: "folder")) var resume: String?
  @Option(help: .init("With --resume: the checkpoint in the run's folder. (default: the newest)", valueName: "file"))
  var from: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    output.startProfile()
    try checkWorkers(workers)
    var checkpoints = try saving.options()
    let start = Date()
    let experiment: MetaExperiment
    let folder: RunFolder
    if let resume {
      guard recipe == nil, out == nil, try settings() == MetaConfiguration(defaultsFor: .alphabet) else {
        throw UserError(
          "--resume goes on with the settings of the run; only --workers, --save-every, --keep, --from, --json and --profile can be given with it."
        )
      }
      folder = try RunFolder(opening: resume)
      checkpoints.resumed = from ?? checkpoints.resumed
      experiment = try MetaExperiment(resuming: folder, workers: workers)
    } else {
      if from != nil { throw UserError("--from names a checkpoint of a run that is resumed; it goes with --resume.") }
      let configuration = try settings()
      experiment = try MetaExperiment(configuration, workers: workers)
      folder = try RunFolder(creating: out ?? RunFolder.unusedPath(named: configuration.name))
      try folder.write(Metalearn.origin, to: "origin.json")
    }
    let settings = experiment.configuration
    output.say(settings.summary)
    if !settings.precision.isNative {
      output.say("This processor has no products of bfloat16; they are computed in float32, from rounded numbers.")
    }
    output.sayList("Left out:", experiment.skippedFiles)
    if let split = settings.pictures.split ?? settings.arrays.split {
      output.say(
        "\(split.train.count) classes to train, \(split.validation.count) to validate, \(split.test.count) to test; "
          + "their names are in config.json")
    }
    if let split = settings.table.split, let scaling = settings.table.scaling {
      let errors =
        " Errors are shares of the target's variance, \(scaling.targetDeviation * scaling.targetDeviation): its mean alone "
        + "would have 1."
      output.say(
        "\(split.train.count) tasks to train, \(split.validation.count) to validate, \(split.test.count) to test."
          + (settings.dataset.isRegression ? errors : ""))
      if let classes = settings.table.classes {
        output.say("All tasks have the classes \(classes.joined(separator: ", ")), which keep their labels.")
      }
    }
    output.say("\(settings.options.iterations) iterations; the run's folder is \(folder.path)")
    guard try train(experiment, in: folder, checkpoints) == .finished else {
      FileHandle.standardError.write(
        Data("Interrupted. What was reached is saved; go on with: metalearn train --resume \(folder.path)\n".utf8))
      throw ExitCode(130)
    }
    if let last = folder.metrics(MetaHistory.Record.self).last, let waited = last.waited, last.seconds > 0 {
      output.say(String(format: "Waited for tasks to be drawn: %.1f %% of the time.", 100 * waited / last.seconds))
    }
    let (model, learner) = (try experiment.model(of: folder), try experiment.learner(of: folder))
    let seed = settings.testSeed ?? settings.seed
    let reports = experiment.reports(
      model, as: learner, tasks: settings.testTasks, steps: settings.testSteps, seed: seed)
    let mistakes = experiment.mistakes(of: reports[0], seed: seed)
    let pictures =
      try experiment.drawCurves(in: folder) + experiment.drawReports(reports, in: folder)
      + (mistakes.map { try experiment.write($0, in: folder) } ?? [])
      + experiment.drawTasks(
        model, adapting: learner, seed: seed, as: settings.dataset.isRegression ? "tasks" : "sheet", in: folder)
    try folder.log(pictures, step: settings.options.iterations)
    try conclude(reports, settings, folder, pictures, mistakes: mistakes, since: start, output)
  }

  /// Ctrl-C is only caught in here, where there is something to save.
  private func train(_ experiment: MetaExperiment, in folder: RunFolder, _ saving: CheckpointOptions) throws
    -> MetaExperiment.Outcome
  {
    let interruption = Interruption()
    let settings = experiment.configuration
    let metric = settings.dataset.metric
    var progress = ProgressDisplay(total: settings.options.iterations, isSilent: output.json)
    defer { progress.finish() }
    return try experiment.train(
      in: folder, resuming: resume != nil, saving: saving, isInterrupted: { interruption.isRequested }
    ) { iteration, loss, score, record in
      progress.show(iteration, metric.figures(loss: loss, score: score))
      guard let record else { return }
      try? output.emit(record)
      let options = experiment.configuration.options
      guard iteration % options.validateEvery == 0 || iteration == options.iterations else { return }
      let validation = record.validationScore.map { "  validation \(metric.text($0, record.validationCI95))" } ?? ""
      progress.note(iteration, metric.figures(loss: record.loss, score: record.score) + validation)
    }
  }
}
