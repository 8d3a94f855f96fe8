import Foundation
import Testing

@testable import MetaLearning

/// MAML through convolutions against JAX and PyTorch, in double precision.
@Suite struct ConvNetFixtureTests {
  struct Case: Decodable {
    struct Task: Decodable { let supportInputs, supportLabels, queryInputs, queryLabels: FixtureTensor }
    let name: String
    let pools, size, channels, width, ways: Int
    let rate: Double
    let parameters: [FixtureTensor]
    let tasks: [Task]
    let outerLoss: Double
    let gradient: [FixtureTensor]

    /// Two blocks of the network, with the parameters of the case.
    var model: ConvNet4 {
      let key = RandomKey(seed: 0)
      var model =
        pools == 1
        ? ConvNet4.maxPooled(.init(width), image: 16, channels: channels, outputs: ways, key: key)
        : ConvNet4.strided(.init(width), channels: channels, outputs: ways, key: key)
      model.blocks.removeLast(2)
      var rest = parameters[...]
      return model.mapParameters { _ in rest.removeFirst().float64 }
    }

    var episodes: [Episode] {
      tasks.map { task in
        Episode(
          support: Batch(inputs: task.supportInputs.float64, targets: task.supportLabels.labels),
          query: Batch(inputs: task.queryInputs.float64, targets: task.queryLabels.labels),
          shape: EpisodeShape(ways: ways, shots: 1, queries: 2))
      }
    }
  }

  static func cases() throws -> [Case] {
    struct File: Decodable { let cases: [Case] }
    let url = try #require(
      Bundle.module.url(forResource: "maml_convnet", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }

  @Test func metaGradient() throws {
    for example in try Self.cases() {
      let maml = MAML(inner: SGD(learningRate: example.rate), steps: 1)
      let result = maml.metaGradient(at: example.model, on: example.episodes, objective: .classification)
      expectClose([result.value.item()], [example.outerLoss], 1e-10, "\(example.name): outer loss")
      expectClose(numbers(result.gradient), example.gradient.flatMap(\.values), 1e-9, "\(example.name): gradient")
    }
  }

  /// A step of the trainer, whose tasks are batched: θ − rate · mean gradient.
  @Test func metaTrainer() throws {
    for example in try Self.cases() {
      var trainer = MetaTrainer(
        example.model, learner: MAML(inner: SGD(learningRate: example.rate), steps: 1),
        optimizer: SGD(learningRate: 0.5),
        objective: .classification, workers: 2)
      let result = trainer.step(on: example.episodes)
      expectClose([result.loss], [example.outerLoss], 1e-10, "\(example.name): loss")
      let moved = zip(numbers(example.model), example.gradient.flatMap(\.values)).map { $0 - 0.5 * $1 }
      expectClose(numbers(trainer.model), moved, 1e-9, "\(example.name): model")
    }
  }
}
