import Foundation
import Testing

@testable import Adaptation

/// What a device needs is here, without the modules that train, draw and report: this target imports none of them.
@Suite struct UseWithoutTrainingTests {
  /// A run's folder as training leaves it, with weights that have learned nothing.
  private static func run(_ algorithm: MetaConfiguration.Algorithm, turns: Int = 1) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("use-\(UUID().uuidString)")
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    (configuration.network, configuration.filters, configuration.algorithm) = (.conv4, 8, algorithm)
    configuration.shape.ways = 3
    configuration.labelTurns = LabelTurns(turns)
    let run = try RunFolder(creating: folder.path)
    try run.write(configuration, to: "config.json")
    let net = try ExperimentNet(configuration, exampleShape: [28, 28, 1], outputs: 3)
    try net.writeWeights(to: run.file("weights.safetensors"))
    return folder
  }

  /// Pictures of three classes: a bar at the left, in the middle, and at the right, each with its own noise.
  private static func bars(_ count: Int, seed: UInt64) throws -> LabeledImages {
    var generator = RandomKey(seed: seed).makeGenerator()
    var (pixels, labels): ([UInt8], [Int32]) = ([], [])
    for label in 0..<3 {
      for _ in 0..<count {
        for place in 0..<28 * 28 {
          let isBar = abs(place % 28 - (6 + 8 * label)) < 2
          pixels.append(UInt8((isBar ? 200 : 0) + generator.below(50)))
        }
        labels.append(Int32(label))
      }
    }
    return try LabeledImages(
      height: 28, width: 28, pixels: pixels, labels: labels, classNames: ["left", "middle", "right"])
  }

  @Test func aRunAdaptsAndTellsClassesApart() throws {
    let folder = try Self.run(.maml)
    defer { try? FileManager.default.removeItem(at: folder) }
    let learner = try TrainedLearner(contentsOf: folder)
    let model = try learner.adapted(to: Self.bars(4, seed: 1), steps: 20)
    let new = try Self.bars(5, seed: 2)
    let predictions = model.predictions(for: new.inputs(of: Array(0..<new.count)))
    let right = zip(predictions, new.labels).count { $0.className == new.classNames[Int($1)] }
    #expect(right == new.count)

    let file = folder.appendingPathComponent("model.safetensors")
    try model.write(to: file)
    let again = try AdaptedModel(contentsOf: file)
    #expect(again.predictions(for: new.inputs(of: Array(0..<new.count))) == predictions)
  }

  /// With turned labels as many models are adapted, written and read, and what they say together counts.
  @Test func labelsAreTurned() throws {
    let (folder, plain) = (try Self.run(.maml, turns: 3), try Self.run(.maml))
    defer { for folder in [folder, plain] { try? FileManager.default.removeItem(at: folder) } }
    let support = SupportSet(try Self.bars(2, seed: 1))
    let model = try TrainedLearner(contentsOf: folder).adapted(to: support)
    let inputs = try Self.bars(3, seed: 2).inputs(of: Array(0..<9))
    let predictions = model.predictions(for: inputs)

    var mean = [[Double]](repeating: [0, 0, 0], count: 9)
    for turn in 0..<3 {
      var renamed = support
      renamed.batch.targets = Tensor((support.batch.targets.scalars() as [Int32]).map { ($0 + Int32(turn)) % 3 })
      let said = try TrainedLearner(contentsOf: plain).adapted(to: renamed).predictions(for: inputs)
      for row in 0..<9 { for c in 0..<3 { mean[row][c] += said[row].probabilities[(c + turn) % 3] / 3 } }
    }
    for (prediction, mean) in zip(predictions, mean) {
      #expect(zip(prediction.probabilities, mean).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    let file = folder.appendingPathComponent("model.safetensors")
    try model.write(to: file)
    #expect(try AdaptedModel(contentsOf: file).predictions(for: inputs) == predictions)

    // Two classes of three outputs: the third says nothing in any turn.
    let two = try TrainedLearner(contentsOf: folder).adapted(
      to: Self.bars(2, seed: 1).restricted(toClasses: 0..<2), steps: 20)
    let asked = try Self.bars(3, seed: 2)
    let answers = two.predictions(for: asked.inputs(of: Array(0..<6)))
    #expect(answers.allSatisfy { abs($0.probabilities.reduce(0, +) - 1) < 1e-5 && $0.probabilities.count == 2 })
    #expect(zip(answers, asked.labels).allSatisfy { $0.className == asked.classNames[Int($1)] })
  }

  @Test func aRunWithoutWhatItsLearnerHasLearnedIsRefused() throws {
    let folder = try Self.run(.metaSGD)
    defer { try? FileManager.default.removeItem(at: folder) }
    let error = #expect(throws: UserError.self) { try TrainedLearner(contentsOf: folder) }
    #expect(error.map { "\($0)" }?.contains("learner.safetensors") == true)
  }
}
