import Foundation
import Testing

@testable import Adaptation
@testable import MetaLearning
@testable import Training

/// From a run to a model that knows new classes, without the run's data.
@Suite struct AdaptedModelTests {
  private static func run(_ algorithm: MetaConfiguration.Algorithm, _ network: MetaConfiguration.Network) throws -> (
    runs: TemporaryRuns, folder: RunFolder, experiment: MetaExperiment
  ) {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.algorithm, configuration.network) = (algorithm, network)
    configuration.hidden = [16, 8]
    configuration.filters = 8
    configuration.options.iterations = 4
    configuration.options.metaBatch = 2
    configuration.options.validateEvery = 4
    configuration.options.validationTasks = 2
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 1)
    _ = try experiment.train(in: folder) { _, _, _, _ in }
    return (runs, folder, experiment)
  }

  private static func drawings(_ classes: Range<Int>, each: Int) -> LabeledImages {
    AlphabetGenerator(key: RandomKey(seed: 77)).dataset(classes: classes, drawingsPerClass: each)
  }

  @Test(
    arguments: [MetaConfiguration.Algorithm.maml, .mamlPlusPlus, .metaSGD], [MetaConfiguration.Network.mlp, .conv4])
  func adaptsWritesAndReads(_ algorithm: MetaConfiguration.Algorithm, _ network: MetaConfiguration.Network) throws {
    let (runs, folder, experiment) = try Self.run(algorithm, network)
    let learner = try TrainedLearner(contentsOf: folder.url)
    let support = Self.drawings(0..<5, each: 2)
    let model = try learner.adapted(to: support)

    // The same net as the experiment's own adaptation, with what the run has learned of its learner.
    let batch = Batch(inputs: support.inputs(of: Array(0..<10)), targets: Tensor(support.labels))
    func adapt(_ own: some MetaLearner) throws -> ExperimentNet {
      own.adapt(try experiment.model(of: folder), to: batch, objective: .classification)
    }
    #expect(bits(model.net) == bits(try adapt(experiment.learner(of: folder))))

    // What is said of a picture does not depend on those beside it.
    let inputs = Self.drawings(0..<5, each: 4).inputs(of: Array(0..<20))
    let together = model.predictions(for: inputs)
    for picture in [0, 7, 19] {
      let alone = model.predictions(for: inputs.sliced(picture..<(picture + 1), axis: 0))[0]
      #expect(zip(alone.probabilities, together[picture].probabilities).allSatisfy { Swift.abs($0 - $1) < 1e-5 })
    }
    #expect(together.allSatisfy { Swift.abs($0.probabilities.reduce(0, +) - 1) < 1e-5 })

    let file = runs.url.appendingPathComponent("model.safetensors")
    try model.write(to: file)
    let read = try AdaptedModel(contentsOf: file)
    #expect(read.classNames == model.classNames)
    #expect(read.form == model.form)
    #expect(read.predictions(for: inputs) == together)
  }

  /// With copies of support images in training, a learner makes them in use and in tests as well.
  @Test func copiesOfSupportImages() throws {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.supportCopies, configuration.trainingCopies) = (2, 1)
    (configuration.hidden, configuration.mirrorsClasses) = ([16, 8], true)
    configuration.augmentation = Augmentation(shift: 2, rotation: 10)
    configuration.options.iterations = 2
    configuration.options.metaBatch = 2
    (configuration.options.validateEvery, configuration.options.validationTasks) = (2, 2)
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 1)
    #expect(experiment.tasks.train.episode(key: RandomKey(seed: 1)).support.count == 10)
    #expect(experiment.judged.episode(key: RandomKey(seed: 1)).support.count == 15)
    #expect(try experiment.testEpisodes(2, seed: 1).episodes[0].support.count == 5)
    _ = try experiment.train(in: folder) { _, _, _, _ in }
    let model = try experiment.model(of: folder)
    let report = experiment.evaluate(model, tasks: 3, steps: 1, seed: 5)
    let other = try MetaExperiment(resuming: folder, workers: 1) { $0.supportCopies = 0 }
    let without = other.evaluate(model, tasks: 3, steps: 1, seed: 5)
    #expect(other.configuration.supportCopies == 0 && report.after(0).estimate.value == without.after(0).estimate.value)
    let list = try experiment.testEpisodes(3, seed: 5)
    #expect(try experiment.reports(model, on: list, steps: 1)[0].after(1).estimate.value > 0)

    let support = Self.drawings(0..<5, each: 1)
    let batch = configuration.copiesOfSupport.added(
      to: support.batch(of: Array(0..<5)), key: RandomKey(seed: configuration.seed)[4])
    let adapted = try TrainedLearner(contentsOf: folder.url).adapted(to: support)
    #expect(bits(adapted.net) == bits(configuration.maml.adapt(model, to: batch, objective: .classification)))
  }

  /// What is said of a query is the mean over it and its copies: in tests, and of an adapted model, of each picture as if it
  /// came alone.
  @Test(arguments: QueryStatistics.allCases) func copiesOfQueries(statistics: QueryStatistics) throws {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.network, configuration.filters, configuration.queryCopies) = (.conv4, 8, 2)
    configuration.augmentation = Augmentation(shift: 2, rotation: 10)
    configuration.options.iterations = 1
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 1)
    _ = try experiment.train(in: folder) { _, _, _, _ in }
    let model = try experiment.model(of: folder)

    let key = MetaExperiment.testKey(seed: 5)[0]
    let (judged, plain) = (experiment.judged.episode(key: key), experiment.tasks.test.episode(key: key))
    let queries = plain.query.count
    #expect(judged.query.count == 3 * queries && experiment.tasks.train.episode(key: key).queryCopies == 0)
    var alone = judged
    alone.queryCopies = 0
    let all = softmax(experiment.objective.outputs(of: model, for: alone, by: statistics)).floats
    let mean = exp(experiment.objective.outputs(of: model, for: judged, by: statistics)).floats
    for place in mean.indices {
      let own = stride(from: place, to: all.count, by: mean.count).map { all[$0] }
      #expect(own.count == 3 && abs(own.reduce(0, +) / 3 - mean[place]) < 1e-5)
    }
    let report = experiment.reports(model, tasks: 2, steps: 1, seed: 5)[0]
    #expect(report.answers[0].truth.count == queries && report.answers[0].predictions.count == queries)

    // A picture shows each query once, and whether the mean is right.
    let sheet = experiment.sheet(of: experiment.adapt(model, steps: 1, seed: 5))
    let perClass = queries / 5
    let shown = (0..<queries).filter { $0 % perClass < configuration.shape.queries }
    let size = 28 * 28
    let drawn = plain.query.inputs.floats
    #expect(sheet.queries.map(\.image.ink) == shown.map { Array(drawn[($0 * size)..<(($0 + 1) * size)]) })
    let truth = report.answers[0].truth
    let classes = experiment.tasks.test.classNames(key)
    #expect(sheet.queries.map(\.truth) == shown.map { classes[Int(truth[$0])] })
    let predicted = report.answers[0].predictions
    #expect(sheet.queries.map(\.prediction) == shown.map { classes[Int(predicted[$0])] })

    let support = Self.drawings(0..<5, each: 1)
    let adapted = try TrainedLearner(contentsOf: folder.url).adapted(to: support)
    let inputs = plain.query.inputs.sliced(0..<3, axis: 0)
    let together = adapted.predictions(for: inputs)
    for place in 0..<3 {
      let one = adapted.predictions(for: inputs.sliced(place..<(place + 1), axis: 0))[0]
      #expect(zip(one.probabilities, together[place].probabilities).allSatisfy { Swift.abs($0 - $1) < 1e-5 })
    }
    // The mean differs from what is said of the picture itself.
    var without = try RunJSON.decode(MetaConfiguration.self, from: Data(contentsOf: folder.file("config.json")))
    without.queryCopies = 0
    try folder.write(without, to: "config.json")
    let itself = try TrainedLearner(contentsOf: folder.url).adapted(to: support).predictions(for: inputs)
    #expect(itself != together)
  }

  @Test func fewerClassesAndMistakes() throws {
    let (runs, folder, _) = try Self.run(.maml, .mlp)
    let learner = try TrainedLearner(contentsOf: folder.url)
    let two = try learner.adapted(to: Self.drawings(0..<2, each: 1))
    #expect(two.predictions(for: .zeros([1, 28, 28, 1]))[0].probabilities.count == 2)
    expectUserError("1 class;", "2 to 5") { _ = try learner.adapted(to: Self.drawings(0..<1, each: 1)) }
    expectUserError("6 classes") { _ = try learner.adapted(to: Self.drawings(0..<6, each: 1)) }
    let small = try LabeledImages(height: 2, width: 2, pixels: Array(0..<8), labels: [0, 1], classNames: ["a", "b"])
    expectUserError("[2, 2, 1]", "[28, 28, 1]") { _ = try learner.adapted(to: small) }
    expectUserError("no run") { _ = try TrainedLearner(contentsOf: runs.url) }
    expectUserError("not an adapted model") { _ = try AdaptedModel(contentsOf: folder.file("weights.safetensors")) }

    let file = runs.url.appendingPathComponent("model.safetensors")
    try two.write(to: file)
    let whole = try Data(contentsOf: file)
    for length in [0, 7, 100, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: file)
      expectUserError("model.safetensors") { _ = try AdaptedModel(contentsOf: file) }
    }
  }
}
