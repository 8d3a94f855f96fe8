import Foundation
import Testing

@testable import MetaLearning

@Suite struct ConfigurationTests {
  @Test func dataSetsAreKnownByNameAndNearOnesSuggested() throws {
    for name in DatasetName.allCases { #expect(try DatasetName(named: name.rawValue.uppercased()) == name) }
    expectUserError("no data set 'omnigolt'", "did you mean omniglot") { _ = try DatasetName(named: "omnigolt") }
    expectUserError("'mnsit'", "did you mean mnist?") { _ = try DatasetName(named: "mnsit") }
    expectUserError("did you mean fashion-mnist?") { _ = try DatasetName(named: "fashionmnist") }
    expectUserError("known are sinusoid, alphabet, omniglot, mnist, fashion-mnist") {
      _ = try DatasetName(named: "zzzzzzz")
    }
    expectUserError("no data set ''") { _ = try DatasetName(named: "") }
  }

  @Test func editDistancesByHand() {
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("abc", "") == 3)
    #expect(editDistance("abc", "abc") == 0)
    #expect(editDistance("abc", "acb") == 2)
  }

  @Test(arguments: DatasetName.allCases) func defaultsAreValid(dataset: DatasetName) throws {
    var configuration = MetaConfiguration(defaultsFor: dataset)
    var fit = FitConfiguration(dataset: dataset)
    if dataset.needsFiles {
      expectUserError(dataset.rawValue, "--data") { try configuration.validate() }
      expectUserError(dataset.rawValue, "--data") { try fit.validate() }
    }
    (configuration.data, fit.data) = ("folder", "folder")
    try configuration.validate()
    try fit.validate()
    #expect(
      try JSONDecoder().decode(MetaConfiguration.self, from: JSONEncoder().encode(configuration)) == configuration)
    #expect(try JSONDecoder().decode(FitConfiguration.self, from: JSONEncoder().encode(fit)) == fit)
    #expect(configuration.name.hasPrefix(dataset.rawValue))
  }

  /// A change that a validation must refuse, with what its sentence must hold.
  struct Mistake<Value>: Sendable, CustomTestStringConvertible {
    let part: String
    let change: @Sendable (inout Value) -> Void
    init(_ part: String, _ change: @escaping @Sendable (inout Value) -> Void) {
      (self.part, self.change) = (part, change)
    }
    var testDescription: String { part }
  }

  static let metaMistakes: [Mistake<MetaConfiguration>] = [
    .init("--ways must be at least 1; given was 0.") { $0.shape.ways = 0 },
    .init("--shots must be at least 1; given was -1.") { $0.shape.shots = -1 },
    .init("--shots must be at most 1000000;") { $0.shape.shots = .max },
    .init("--queries must be at least 1; given was 0.") { $0.shape.queries = 0 },
    .init("--inner-rate must be positive; given was -0.1.") { $0.innerRate = -0.1 },
    .init("--inner-rate must be positive; given was nan.") { $0.innerRate = .nan },
    .init("--outer-rate must be positive; given was 0.0.") { $0.outerRate = 0 },
    .init("--outer-rate must be positive; given was inf.") { $0.outerRate = .infinity },
    .init("--inner-steps must be at least 0; given was -1.") { $0.innerSteps = -1 },
    .init("--inner-steps must be at most 1000;") { $0.innerSteps = .max },
    .init("--meta-batch must be at least 1; given was 0.") { $0.options.metaBatch = 0 },
    .init("--iterations must be at least 1; given was 0.") { $0.options.iterations = 0 },
    .init("--tasks must be at least 2; given was 1.") { $0.testTasks = 1 },
    .init("--test-steps must be at least 0; given was -1.") { $0.testSteps = -1 },
    .init("--hidden sizes must be from 1 to 65536; given were [4, 0].") { $0.hidden = [4, 0] },
    .init("--shift must not be negative; given was -1.") { $0.augmentation.shift = -1 },
    .init("--rotate must be from 0.0 to 180.0; given was 181.0.") { $0.augmentation.rotation = 181 },
    .init("--patience must be at least 1; given was 0.") { $0.options.patience = 0 },
    .init("--clip-norm must be positive; given was -1.0.") { $0.options.clipNorm = -1 },
    .init("Augmentation is for images; sinusoid has none.") { ($0.augmentation.shift, $0.dataset) = (2, .sinusoid) },
    .init("--ways has no meaning for sinusoid.") { $0.dataset = .sinusoid },
    .init("--record-every must be at least 1; given was 0.") { $0.options.recordEvery = 0 },
    .init("--validate-every must be at least 1; given was -5.") { $0.options.validateEvery = -5 },
    .init("--validation-tasks must be at least 1; given was 0.") { $0.options.validationTasks = 0 },
    .init("--clip-norm must be positive; given was 0.0.") { $0.options.clipNorm = 0 },
    .init("--support-copies must be at least 0; given was -1.") { $0.supportCopies = -1 },
    .init("--support-copies needs random changes of images") { $0.supportCopies = 2 },
    .init("--label-turns must be at most 5; given was 6.") { $0.labelTurns.count = 6 },
    .init("--training-turns must be at least 1; given was 0.") { $0.trainingTurns.count = 0 },
    .init("--query-copies needs random changes of images") { $0.queryCopies = 2 },
    .init("--query-copies must be at least 0; given was -1.") { $0.queryCopies = -1 },
    .init("--training-copies must be at least 0; given was -2.") { $0.trainingCopies = -2 },
    .init("--mirror-classes is for images; sinusoid has none.") { ($0.mirrorsClasses, $0.dataset) = (true, .sinusoid) },
    .init("--one-form is for images; sinusoid has none.") { ($0.takesOneForm, $0.dataset) = (true, .sinusoid) },
    .init("--most-shots must be at least 1; given was 0.") { $0.variation.mostShots = 0 },
    .init("--least-shots must be at most 2; given was 3.") {
      ($0.variation.leastShots, $0.variation.mostShots) = (3, 2)
    },
    .init("--filters must be at least 1; given was 0.") { $0.filters = [4, 4, 0, 4] },
    .init("--precision bfloat16 is for --model conv4:") { $0.precision = .bfloat16 },
    .init("--clip-norm must be positive; given was nan.") { $0.options.clipNorm = .nan },
  ]

  @Test(arguments: metaMistakes) func metaSettingsThatMakeNoSense(mistake: Mistake<MetaConfiguration>) throws {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    try configuration.validate()
    mistake.change(&configuration)
    expectUserError(mistake.part) { try configuration.validate() }
    expectUserError(mistake.part) { _ = try MetaExperiment(configuration) }
  }

  @Test func layersThatTheModelLacks() throws {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.algorithm, configuration.hidden) = (.mamlPlusPlus, [8])
    configuration.plusPlus.adaptedLayers = ["output"]
    _ = try MetaExperiment(configuration)
    configuration.plusPlus.adaptedLayers = ["output", "hiden"]
    expectUserError("--adapted-layers: the model has no 'hiden'; it has hidden.0.dense, ", "output.") {
      _ = try MetaExperiment(configuration)
    }
  }

  static let fitMistakes: [Mistake<FitConfiguration>] = [
    .init("--epochs must be at least 1; given was 0.") { $0.epochs = 0 },
    .init("--epochs must be at most 1000000;") { $0.epochs = .max },
    .init("--batch-size must be at least 1; given was -2.") { $0.batchSize = -2 },
    .init("--batch-size must be at most 1000000;") { $0.batchSize = .max },
    .init("--validation must be at least 0 and below 1; given was 1.0.") { $0.validation = 1 },
    .init("--validation must be at least 0 and below 1; given was nan.") { $0.validation = .nan },
    .init("--rate must be positive; given was 0.0.") { $0.learningRate = 0 },
    .init("--dropout must be at least 0 and below 1; given was -0.5.") { $0.dropout = -0.5 },
    .init("--shift must not be negative; given was -1.") { $0.augmentation.shift = -1 },
    .init("--cutout must not be negative; given was -1.") { $0.augmentation.cutout = -1 },
    .init("Augmentation is for images; sinusoid has none.") { ($0.augmentation.shift, $0.dataset) = (2, .sinusoid) },
    .init("--hidden sizes must be from 1 to 65536; given were [-1].") { $0.hidden = [-1] },
  ]

  @Test(arguments: fitMistakes) func fitSettingsThatMakeNoSense(mistake: Mistake<FitConfiguration>) throws {
    var configuration = FitConfiguration(dataset: .alphabet)
    try configuration.validate()
    mistake.change(&configuration)
    expectUserError(mistake.part) { try configuration.validate() }
    expectUserError(mistake.part) { _ = try FitExperiment(configuration) }
  }

  @Test func validationMustLeaveSomethingToTrainOn() {
    var configuration = FitConfiguration(dataset: .sinusoid)
    configuration.validation = 0.9999
    expectUserError("no examples to train on", "0.9999") { _ = try FitExperiment(configuration) }
  }

  @Test func moreWaysOrExamplesThanThereAre() {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    configuration.shape.ways = 1201
    expectUserError("1201 ways", "has 1200") { _ = try MetaExperiment(configuration) }
    configuration.shape = EpisodeShape(ways: 5, shots: 18, queries: 3)
    expectUserError("needs 21 examples", "has 20") { _ = try MetaExperiment(configuration) }
  }

  /// Runs of when images could only be shifted, and of now, are read as they were meant.
  @Test func augmentationsOfFormerRuns() throws {
    func former(_ configuration: some Encodable) throws -> Data {
      var object = try #require(
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(configuration)) as? [String: Any])
      #expect(object.removeValue(forKey: "augmentation") != nil)
      object["shift"] = 2
      return try JSONSerialization.data(withJSONObject: object)
    }
    var meta = MetaConfiguration(defaultsFor: .alphabet)
    meta.augmentation = Augmentation(shift: 2)
    #expect(try JSONDecoder().decode(MetaConfiguration.self, from: former(meta)) == meta)
    var fit = FitConfiguration(dataset: .alphabet)
    fit.augmentation = Augmentation(shift: 2)
    #expect(try JSONDecoder().decode(FitConfiguration.self, from: former(fit)) == fit)
    fit.augmentation = Augmentation(rotation: 5, noise: 0.1)
    (fit.epochs, fit.isFalling, fit.hidden, fit.data, fit.seed) = (3, true, [7], "there", 9)
    (fit.batchSize, fit.validation, fit.learningRate, fit.dropout) = (5, 0.3, 0.01, 0.4)
    #expect(try JSONDecoder().decode(FitConfiguration.self, from: JSONEncoder().encode(fit)) == fit)
  }
}
