import Foundation
import Testing

@testable import MetaLearning

@Suite struct MetaExperimentTests {
  private func configuration(_ dataset: DatasetName, _ algorithm: MetaConfiguration.Algorithm = .maml)
    -> MetaConfiguration
  {
    var configuration = MetaConfiguration(defaultsFor: dataset)
    configuration.algorithm = algorithm
    configuration.hidden = [8, 6]
    configuration.options.iterations = 6
    configuration.options.metaBatch = 2
    configuration.options.recordEvery = 2
    configuration.options.validateEvery = 4
    configuration.options.validationTasks = 4
    return configuration
  }

  private static let finished = [
    "adaptation.png", "adaptation.svg", "best-weights.safetensors", "checkpoint.safetensors", "config.json",
    "curves.png", "curves.svg",
    "metrics.csv", "metrics.jsonl", "weights.safetensors",
  ]

  /// Trains, tests and draws as the command line does.
  private func whole(
    _ experiment: MetaExperiment, in folder: RunFolder, as picture: String
  ) throws -> (report: AdaptationReport, model: MetaExperiment.Net) {
    var seen: [Int] = []
    let outcome = try experiment.train(in: folder) { iteration, loss, _, _ in
      seen.append(iteration)
      #expect(loss.isFinite)
    }
    #expect(outcome == .finished)
    #expect(seen == [1, 2, 3, 4, 5, 6])
    let model = try experiment.model(of: folder)
    let report = experiment.evaluate(model, tasks: 6, steps: 3, seed: 0)
    let files =
      try experiment.drawCurves(in: folder) + experiment.drawReport(report, in: folder)
      + experiment.drawTasks(model, seed: 0, as: picture, in: folder)
    for file in files { #expect(FileManager.default.fileExists(atPath: file.path)) }
    #expect(files.count == 6)
    let expected = (Self.finished + ["\(picture).png", "\(picture).svg"]).sorted()
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    let logs = left.filter { $0.hasPrefix("events.out.tfevents.") }
    #expect(logs.count == 1)
    #expect(left.filter { !logs.contains($0) } == expected)
    return (report, model)
  }

  /// A run trains with other shots than its test has, and is tested with yet others.
  @Test func shotsOfTrainingAndOfTests() throws {
    var configuration = configuration(.alphabet)
    (configuration.shape.shots, configuration.variation.mostShots) = (3, 1)
    configuration.expected = .init(value: 90, source: "a paper")
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 2)
    func shots(_ experiment: MetaExperiment) -> [Int] {
      let key = RandomKey(seed: 1)
      return [experiment.tasks.train, experiment.tasks.test].map { $0.episode(key: key).support.targets.count / 5 }
    }
    #expect(shots(experiment) == [1, 3] && experiment.tasks.train.hasOneShape)
    #expect(try experiment.train(in: folder) { _, _, _, _ in } == .finished)
    let other = try MetaExperiment(resuming: folder) { $0.test(shots: 2) }
    #expect(shots(other) == [1, 2] && other.configuration.expected == nil)
    configuration.shape.shots = 2
    let model = try other.model(of: folder)
    func figures(_ experiment: MetaExperiment) -> [Double] {
      (0...1).map { experiment.evaluate(model, tasks: 20, steps: 1, seed: 0).after($0).estimate.value }
    }
    #expect(figures(other) == figures(try MetaExperiment(configuration, workers: 2)))
    #expect(figures(other) != figures(experiment))
    configuration.shape.shots = 3

    // What was published stays where nothing changes, and a run without --most-shots goes on to train with its own.
    configuration.variation.mostShots = nil
    configuration.test(shots: 3)
    #expect(configuration.expected?.value == 90 && configuration.variation == .init())
    configuration.test(shots: 1)
    #expect(configuration.variation.mostShots == 3)
  }

  /// Mistakes are counted on the tasks of the report, so that what is right comes to its accuracy.
  @Test func mistakesAreThoseOfTheReport() throws {
    let runs = try TemporaryRuns()
    let experiment = try MetaExperiment(configuration(.alphabet), workers: 2)
    let model = experiment.initialModel
    let report = experiment.evaluate(model, tasks: 9, steps: 2, seed: 3)
    let mistakes = try #require(experiment.mistakes(of: report, seed: 3))
    let right = mistakes.classes.reduce(0) { $0 + $1.right }
    let queries = mistakes.classes.reduce(0) { $0 + $1.queries }
    #expect(queries == 9 * 75)
    #expect(abs(Double(right) / Double(queries) - report.after(1).estimate.value) < 1e-6)
    #expect(mistakes.pairs.reduce(0) { $0 + $1.times } == queries - right)
    let folder = try runs.folder("run")
    let pictures = try experiment.write(mistakes, in: folder)
    #expect(pictures.isEmpty == (mistakes.classes.count > 30))
    #expect(try String(decoding: folder.bytes("confusion.csv"), as: UTF8.self) == mistakes.csv)
    let sinusoids = try MetaExperiment(configuration(.sinusoid))
    let errors = sinusoids.evaluate(sinusoids.initialModel, tasks: 1, steps: 1, seed: 3)
    #expect(errors.answers.isEmpty && sinusoids.mistakes(of: errors, seed: 3) == nil)
  }

  @Test(arguments: [MetaConfiguration.Algorithm.maml, .joint])
  func sinusoidsFromStartToEnd(algorithm: MetaConfiguration.Algorithm) throws {
    let runs = try TemporaryRuns()
    let configuration = configuration(.sinusoid, algorithm)
    let (first, second) = (try runs.folder("first"), try runs.folder("second"))
    let (report, model) = try whole(MetaExperiment(configuration, workers: 1), in: first, as: "tasks")
    let (again, same) = try whole(MetaExperiment(configuration, workers: 2), in: second, as: "tasks")
    #expect(bits(model) == bits(same))
    #expect(report.perStep.map(\.estimate) == again.perStep.map(\.estimate))
    #expect(try first.bytes("weights.safetensors") == second.bytes("weights.safetensors"))
    #expect(try first.bytes("config.json") == second.bytes("config.json"))
    #expect(report.metric == .meanSquaredError)
    #expect(report.perStep.map(\.step) == [0, 1, 2, 3])
    let records = first.metrics(MetaHistory.Record.self)
    #expect(records.map(\.iteration) == [2, 4, 6])
    #expect(timeless(records) == timeless(second.metrics(MetaHistory.Record.self)))

    // Another process tests and adapts what the folder holds.
    let reopened = try MetaExperiment(resuming: RunFolder(opening: first.path))
    #expect(reopened.configuration == configuration)
    let loaded = try reopened.model(of: first)
    #expect(bits(loaded) == bits(model))
    #expect(
      reopened.evaluate(loaded, tasks: 6, steps: 3, seed: 0).perStep.map(\.estimate) == report.perStep.map(\.estimate))
    #expect(reopened.evaluate(loaded, tasks: 6, steps: 3, seed: 1).perStep[0].estimate != report.perStep[0].estimate)
    let adaptation = reopened.adapt(loaded, steps: 2, seed: 3)
    #expect(adaptation.models.count == 3)
    #expect(bits(adaptation.models[0]) == bits(loaded))
    #expect(bits(adaptation.models[2]) != bits(loaded))
    #expect(adaptation.scores.count == 3 && adaptation.scores.allSatisfy(\.isFinite))
    #expect(adaptation.milliseconds > 0)
  }

  @Test func charactersFromStartToEnd() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    var configuration = configuration(.alphabet)
    configuration.shape = EpisodeShape(ways: 3, shots: 2, queries: 2)
    let experiment = try MetaExperiment(configuration, workers: 2)
    #expect(experiment.tasks.test.shape == EpisodeShape(ways: 3, shots: 2, queries: 15))
    let (report, model) = try whole(experiment, in: folder, as: "sheet")
    #expect(report.metric == .accuracy)
    #expect(report.perStep.allSatisfy { (0...1).contains($0.estimate.value) })
    let adaptation = experiment.adapt(model, steps: 1, seed: 3)
    #expect(adaptation.episode.support.inputs.shape == [6, 28, 28, 1])
    #expect(adaptation.episode.query.inputs.shape == [45, 28, 28, 1])
    let sheet = try experiment.drawSheet(adaptation, as: "adapted-3", in: folder)
    #expect(sheet.map(\.lastPathComponent) == ["adapted-3.png", "adapted-3.svg"])
    #expect(try folder.bytes("adapted-3.svg") != folder.bytes("sheet.svg"))
  }

  /// With Muon, and with one layer adapted, whose rates are all that is learned of the learner.
  @Test func otherOuterOptimizersGoOnToo() throws {
    let runs = try TemporaryRuns()
    var configuration = configuration(.alphabet, .mamlPlusPlus)
    configuration.outerOptimizer = .muon
    configuration.plusPlus.adaptedLayers = ["output"]
    func train(_ folder: RunFolder, until stop: Int = 6) throws {
      let resuming = folder.has("checkpoint.safetensors")
      let experiment =
        try resuming ? MetaExperiment(resuming: folder, workers: 2) : MetaExperiment(configuration, workers: 1)
      var reached = 0
      _ = try experiment.train(in: folder, resuming: resuming, isInterrupted: { reached >= stop }) { step, _, _, _ in
        reached = step
      }
    }
    let (straight, stopped) = (try runs.folder("straight"), try runs.folder("stopped"))
    try train(straight)
    try train(stopped, until: 3)
    try train(stopped)
    for file in ["weights.safetensors", "learner.safetensors"] {
      #expect(try stopped.bytes(file) == straight.bytes(file))
    }
    let learned = try SafeTensors.read(from: straight.file("learner.safetensors")).tensors
    #expect(learned.keys.sorted() == ["rates.output.bias", "rates.output.weight"])
    configuration.outerOptimizer = .adam
    let other = try runs.folder("other")
    try train(other)
    #expect(try other.bytes("weights.safetensors") != straight.bytes("weights.safetensors"))
  }

  /// Interrupted before the first step, within a stretch, and twice.
  @Test(arguments: [[0], [3], [2, 5]]) func interruptedRunsGoOnAsIfNothingHadHappened(stops: [Int]) throws {
    let runs = try TemporaryRuns()
    let configuration = configuration(.sinusoid)
    let (straight, stopped) = (try runs.folder("straight"), try runs.folder("stopped"))
    _ = try MetaExperiment(configuration, workers: 1).train(in: straight) { _, _, _, _ in }

    var isResuming = false
    for stop in stops {
      var reached = isResuming ? -1 : 0
      let experiment =
        try isResuming ? MetaExperiment(resuming: stopped, workers: 1) : MetaExperiment(configuration, workers: 1)
      let outcome = try experiment.train(in: stopped, resuming: isResuming, isInterrupted: { reached >= stop }) {
        iteration, _, _, _ in reached = iteration
      }
      #expect(outcome == .interrupted)
      #expect(stopped.has("checkpoint.safetensors") && stopped.has("weights.safetensors"))
      isResuming = true
    }
    // A crash leaves a record after the checkpoint, and half of another.
    var late = MetaHistory.Record(iteration: 6, loss: 9, score: 9, learningRate: 9, seconds: 9)
    late.validationScore = .nan
    try stopped.append(late)
    let metrics = try stopped.bytes("metrics.jsonl")
    try (metrics + metrics.prefix(20)).write(to: stopped.file("metrics.jsonl"))

    let resumed = try MetaExperiment(resuming: stopped, workers: 2)
    #expect(try resumed.train(in: stopped, resuming: true) { _, _, _, _ in } == .finished)
    #expect(try stopped.bytes("weights.safetensors") == straight.bytes("weights.safetensors"))
    let records = timeless(stopped.metrics(MetaHistory.Record.self))
    #expect(records == timeless(straight.metrics(MetaHistory.Record.self)))
    #expect(records.map(\.iteration) == [2, 4, 6])

    // A finished run has nothing left to do, and keeps what it has.
    #expect(
      try resumed.train(in: stopped, resuming: true) { _, _, _, _ in Issue.record("a step too many") } == .finished)
    #expect(try stopped.bytes("weights.safetensors") == straight.bytes("weights.safetensors"))
    #expect(timeless(stopped.metrics(MetaHistory.Record.self)) == records)
    // Each time that the run went on it began a log of its own.
    let logs = try FileManager.default.contentsOfDirectory(atPath: stopped.url.path).filter { $0.contains("tfevents") }
    #expect(logs.count == stops.count + 2)
  }

  @Test func recordsAreLoggedWithTheirIntervals() {
    var record = MetaHistory.Record(iteration: 7, loss: 0.5, score: 0.25, learningRate: 0.125, seconds: 9)
    #expect(
      record.scalars(.meanSquaredError).map(\.tag) == [
        "training/loss", "training/mean_squared_error", "training/learning_rate",
      ])
    (record.validationScore, record.validationCI95) = (0.75, 0.0625)
    let validation = record.scalars(.accuracy).dropFirst(3)
    #expect(
      validation.map(\.tag) == [
        "validation/accuracy", "validation/accuracy_lower95", "validation/accuracy_upper95",
      ])
    #expect(validation.map(\.value) == [0.75, 0.6875, 0.8125])
    #expect(record.cells == [7, 0.5, 0.25, 0.75, 0.0625, nil, 0.125, 9, nil])
    #expect(record.cells.count == MetaHistory.Record.columns.count)
  }

  @Test func whatWasReachedBeforeAMistakeIsSaved() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    var configuration = configuration(.sinusoid)
    configuration.outerRate = 1e30
    expectUserError("no longer finite at iteration 2", "lower inner or outer rate") {
      _ = try MetaExperiment(configuration).train(in: folder) { _, _, _, _ in }
    }
    let weights = try MetaExperiment(configuration).model(of: folder)
    #expect(numbers(weights).allSatisfy { $0.isFinite })
    #expect(try bits(weights) != bits(MetaExperiment(configuration).initialModel))
  }

  @Test func damagedRunsAreNamed() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration(.sinusoid))
    _ = try experiment.train(in: folder) { _, _, _, _ in }
    for name in ["weights.safetensors", "checkpoint.safetensors"] {
      let whole = try folder.bytes(name)
      try whole.prefix(whole.count / 2).write(to: folder.file(name))
    }
    expectUserError("weights.safetensors is cut off") { _ = try experiment.model(of: folder) }
    expectUserError("checkpoint.safetensors is cut off") {
      _ = try experiment.train(in: folder, resuming: true) { _, _, _, _ in }
    }
    try FileManager.default.removeItem(at: folder.file("weights.safetensors"))
    expectUserError("weights.safetensors does not exist") { _ = try experiment.model(of: folder) }

    let config = String(decoding: try folder.bytes("config.json"), as: UTF8.self)
    for (old, new, part) in [
      ("\"maml\"", "\"reptile\"", "'algorithm' has a value that is not known"),
      ("\"innerRate\"", "\"inner\"", "'innerRate' is missing"), ("}", "", "not JSON"),
      ("\"recordEvery\" : 2", "\"recordEvery\" : 0", "--record-every must be at least 1"),
    ] {
      try Data(config.replacingOccurrences(of: old, with: new).utf8).write(to: folder.file("config.json"))
      expectUserError(part) { _ = try MetaExperiment(resuming: folder) }
    }
    try folder.write(FitConfiguration(dataset: .sinusoid), to: "config.json")
    expectUserError(folder.path, "'metalearn fit'") { _ = try MetaExperiment(resuming: folder) }
  }
}
