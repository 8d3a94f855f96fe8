import Foundation
import Testing

@testable import MetaLearning

@Suite struct RecipeTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("recipes")

  /// What is compiled in is what lies in the folder: the plugin `EmbedRecipes` makes it so, if need be after `touch recipes`.
  @Test func theBuiltInOnesAreThoseOfTheFolder() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".yaml") }
    #expect(files.map { String($0.dropLast(5)) }.sorted() == Recipe.names)
    for file in files {
      let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
      #expect(builtInRecipes[String(file.dropLast(5))] == text, "\(file)")
    }
  }

  @Test(arguments: Recipe.names) func theBuiltInOnesMakeSense(name: String) throws {
    var configuration = try Recipe(name).configuration
    if configuration.dataset.needsFiles {
      expectUserError("--data") { try configuration.validate() }
      configuration.data = "folder"
    }
    try configuration.validate()
    #expect(configuration.testTasks == 1000 && configuration.testSeed == 0)
    #expect(configuration.expected != nil)
    let from = try Recipe(Self.folder.appendingPathComponent("\(name).yaml").path).configuration
    configuration.data = nil
    #expect(from == configuration)
    #expect(
      try JSONDecoder().decode(MetaConfiguration.self, from: JSONEncoder().encode(configuration)) == configuration)
  }

  @Test func everySettingArrives() throws {
    let configuration = try Recipe("omniglot-20way-5shot").configuration
    #expect(configuration.shape == EpisodeShape(ways: 20, shots: 5, queries: 2))
    #expect(configuration.network == .conv4 && configuration.filters == 64 && configuration.pooling == .max)
    #expect(configuration.algorithm == .mamlPlusPlus && configuration.innerSteps == 1)
    #expect(configuration.plusPlus.multiStepIterations == 0)
    #expect(configuration.augmentation == Augmentation(shift: 2, rotation: 10, scale: 0.15, shear: 0.15))
    #expect(configuration.split == .vinyalsTrainval && configuration.rotations)
    #expect(configuration.expected?.value == 99.33)
    // The 6e-3 of Muon ends at 1e-5.
    #expect(configuration.options.schedule == .cosine(steps: 24_000, to: 1e-5 / 6e-3))
    #expect(configuration.variation.mostShots == 1)
    let all = """
      iterations: 10
      schedule: constant
      dataset: alphabet
      hidden: [3, 4]
      filters: [4, 6, 8, 10]
      least-shots: 2
      most-shots: 3
      clip-norm: 2
      adapted-layers: [output, hidden.1]
      outer-optimizer: muon
      precision: bfloat16
      mirror-classes: true
      one-form: true
      support-copies: 3
      query-copies: 2
      training-copies: 1
      label-turns: 5
      training-turns: 2
      outer-rate: 0.5
      first-order: true
      learned-rates: false
      seed: 7
      rotate: 10
      scale: 0.1
      shear: 0.2
      flip: true
      noise: 0.3
      cutout: 4
      patience: 3
      final-weights: best
      """
    let other = try Recipe(text: all, name: "test").configuration
    #expect(other.options.iterations == 10 && other.options.schedule == .constant && other.options.clipNorm == 2)
    #expect(other.hidden == [3, 4] && other.outerRate == 0.5 && other.isFirstOrder && other.seed == 7)
    #expect(
      other.augmentation == Augmentation(rotation: 10, scale: 0.1, shear: 0.2, flip: true, noise: 0.3, cutout: 4))
    #expect(other.options.patience == 3 && other.finalWeights == .best)
    #expect(
      other.precision == .bfloat16 && other.mirrorsClasses && other.takesOneForm && other.supportCopies == 3
        && other.queryCopies == 2
        && other.trainingCopies == 1 && other.labelTurns.count == 5 && other.trainingTurns.count == 2)
    #expect(other.filters == [4, 6, 8, 10] && other.variation.leastShots == 2 && other.variation.mostShots == 3)
    #expect(other.outerOptimizer == .muon && other.plusPlus.adaptedLayers == ["output", "hidden.1"])
    #expect(!other.plusPlus.learnsRates && other.testSeed == nil && other.expected == nil)
  }

  @Test func coursesOfTheOuterRate() throws {
    func schedule(_ text: String) throws -> LearningRateSchedule {
      try Recipe(text: "dataset: alphabet\niterations: 100\nouter-rate: 0.1\n" + text, name: "test").configuration
        .options
        .schedule
    }
    #expect(try schedule("schedule: cosine\nouter-rate-floor: 0.025") == .cosine(steps: 100, to: 0.25))
    #expect(try schedule("schedule: steps") == .step(every: 20, factor: 0.5))
    #expect(
      try schedule("schedule: steps\nwarm-up: 10\ndecay-every: 30\ndecay-factor: 0.1")
        == .warmUp(steps: 10, then: .step(every: 30, factor: 0.1)))
    var configuration = try Recipe(
      text: "dataset: alphabet\niterations: 100\nschedule: cosine\nwarm-up: 10", name: "test"
    ).configuration
    #expect(configuration.options.schedule == .warmUp(steps: 10, then: .cosine(steps: 90, to: 0.01)))
    configuration.options.iterations = 500
    configuration.stretchSchedule()
    #expect(configuration.options.schedule == .warmUp(steps: 10, then: .cosine(steps: 490, to: 0.01)))
    configuration.options.iterations = 5
    configuration.stretchSchedule()
    #expect(configuration.options.schedule == .warmUp(steps: 5, then: .cosine(steps: 1, to: 0.01)))
    expectUserError("--warm-up", "100") { _ = try schedule("warm-up: 101") }
    expectUserError("decay-factor") { _ = try schedule("schedule: steps\ndecay-factor: 0") }
  }

  static let mistakes: [(text: String, parts: [String])] = [
    (
      "dataset: alphabet\niner-rate: 0.1", ["'test', line 2", "'iner-rate' is not a known", "did you mean inner-rate?"]
    ),
    ("dataset: alphabet\n\nways: five", ["line 3", "'ways' must be a whole number; given was 'five'"]),
    ("dataset: alphabet\ninner-rate: [1]", ["line 2", "'inner-rate' must be a number", "a list or a mapping"]),
    ("dataset: alphabet\nlearned-rates: 3", ["line 2", "true or false"]),
    ("dataset: alphabet\nhidden: [3, x]", ["line 2", "a list of whole numbers"]),
    ("dataset: alphabet\nfilters: [3, 4]", ["line 2", "a whole number such as 64, or four"]),
    ("dataset: alphabet\nfilters: many", ["line 2", "a whole number such as 64, or four"]),
    (
      "dataset: alphabet\nalgorithm: mamlpp",
      ["line 2", "one of maml, maml++, meta-sgd, anil, joint; given was 'mamlpp'"]
    ),
    ("dataset: alphabt", ["line 1", "'dataset' must be one of sinusoid, alphabet"]),
    ("dataset: alphabet\nexpected: {value: 3}", ["line 2", "'expected' must have a value and a source"]),
    ("dataset: alphabet\nexpected: {valu: 3}", ["line 2", "'expected.valu'", "did you mean value?"]),
    ("dataset: alphabet\nseed: -1", ["line 2", "not negative"]),
    ("ways: 5", ["has no 'dataset'"]),
    ("", ["holds no settings"]), ("- a", ["holds no settings"]),
    ("dataset: [alphabet", ["is not YAML: line"]), ("ways: 1\nways: 2", ["not YAML", "ways"]),
  ]

  @Test(arguments: mistakes.indices) func mistakesAreNamedWithTheirLine(index: Int) {
    let (text, parts) = Self.mistakes[index]
    let error = #expect(throws: UserError.self) { _ = try Recipe(text: text, name: "test") }
    for part in parts { #expect(error?.description.contains(part) == true, "\(error?.description ?? "none")") }
  }

  @Test func namesAndFilesThatAreNotThere() {
    expectUserError("no recipe 'omniglot-quik'", "did you mean omniglot-quick?") { _ = try Recipe("omniglot-quik") }
    expectUserError("'nowhere/x.yaml' does not exist") { _ = try Recipe("nowhere/x.yaml") }
  }

  /// A configuration that an older run wrote, without the settings that have come since.
  @Test func olderConfigurationsAreRead() throws {
    var configuration = MetaConfiguration(defaultsFor: .sinusoid)
    configuration.seed = 3
    var object = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration)) as? [String: Any])
    for key in ["rotations", "network", "filters", "pooling", "plusPlus", "testSeed", "expected"] {
      object[key] = nil
    }
    let old = try JSONSerialization.data(withJSONObject: object)
    #expect(try JSONDecoder().decode(MetaConfiguration.self, from: old) == configuration)
  }

  /// MAML++ and Meta-SGD from start to end, with batch normalization: interrupted, resumed, tested from the folder.
  @Test(arguments: [MetaConfiguration.Algorithm.mamlPlusPlus, .metaSGD])
  func learnersWithParametersFromStartToEnd(algorithm: MetaConfiguration.Algorithm) throws {
    let runs = try TemporaryRuns()
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.algorithm, configuration.innerSteps, configuration.innerRate) = (algorithm, 2, 0.1)
    (configuration.hidden, configuration.shape) = ([8, 6], EpisodeShape(ways: 3, shots: 1, queries: 2))
    (configuration.options.iterations, configuration.options.metaBatch) = (6, 2)
    (configuration.options.recordEvery, configuration.options.validateEvery) = (2, 4)
    configuration.options.validationTasks = 4
    configuration.plusPlus.multiStepIterations = 4
    let (straight, stopped) = (try runs.folder("straight"), try runs.folder("stopped"))
    _ = try MetaExperiment(configuration, workers: 1).train(in: straight) { _, _, _, _ in }
    var reached = 0
    _ = try MetaExperiment(configuration, workers: 2).train(in: stopped, isInterrupted: { reached >= 3 }) {
      iteration, _, _, _ in reached = iteration
    }
    let experiment = try MetaExperiment(resuming: stopped, workers: 2)
    #expect(try experiment.train(in: stopped, resuming: true) { _, _, _, _ in } == .finished)
    for name in ["weights.safetensors", "learner.safetensors"] {
      #expect(try stopped.bytes(name) == straight.bytes(name), "\(name)")
    }
    let (model, learner) = (try experiment.model(of: stopped), try experiment.learner(of: stopped))
    let reports = experiment.reports(model, as: learner, tasks: 6, steps: 3, seed: 0)
    #expect(reports.map(\.statistics) == [.batch, .support])
    #expect(reports[0].perStep.count == 4)
    #expect(reports[0].perStep.map(\.estimate) != reports[1].perStep.map(\.estimate))
    let untrained = experiment.evaluate(model, tasks: 6, steps: 3, seed: 0)
    #expect(untrained.perStep[0].estimate == reports[0].perStep[0].estimate)
    let files =
      try experiment.drawReports(reports, in: stopped)
      + experiment.drawTasks(
        model, adapting: learner, seed: 0, as: "sheet", in: stopped)
    for file in files { #expect(FileManager.default.fileExists(atPath: file.path)) }
  }
}
