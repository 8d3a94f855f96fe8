import Foundation
import Testing

@testable import MetaLearning

/// A tensor of a fixture; whole numbers (labels) are read as int32 by those who know that they are labels.
struct FixtureTensor: Decodable {
  let shape: [Int]
  let values: [Double]

  var float64: Tensor { Tensor(values, shape: shape, .float64) }
  var labels: Tensor { Tensor(values, shape: shape, .int32) }
}

/// One case of `maml_mlp.json`: meta-gradients through three inner steps, by JAX and PyTorch in double precision.
struct MAMLFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Settings: Decodable {
    let learningRate: Double
    let momentum: Double?
    let betas: [Double]?
    let epsilon: Double?
  }

  struct Task: Decodable {
    let supportInputs: FixtureTensor
    let queryInputs: FixtureTensor
    let supportTargets: FixtureTensor?
    let queryTargets: FixtureTensor?
    let supportLabels: FixtureTensor?
    let queryLabels: FixtureTensor?
    /// Before the first step and after each.
    let supportLosses: [Double]
    let queryLosses: [Double]
    let adapted: [FixtureTensor]

    var episode: Episode {
      Episode(
        support: Batch(inputs: supportInputs.float64, targets: supportTargets?.float64 ?? supportLabels!.labels),
        query: Batch(inputs: queryInputs.float64, targets: queryTargets?.float64 ?? queryLabels!.labels),
        shape: EpisodeShape(ways: 1, shots: supportInputs.shape[0], queries: queryInputs.shape[0]))
    }
  }

  let name: String
  let loss: String
  let steps: Int
  let optimizer: String
  let settings: Settings
  let parameters: [FixtureTensor]
  let tasks: [Task]
  let outerLoss: Double
  let gradient: [FixtureTensor]
  let learningRateGradient: Double
  let firstOrderGradient: [FixtureTensor]
  let firstOrderLearningRateGradient: Double

  var testDescription: String { name }

  var episodes: [Episode] { tasks.map(\.episode) }

  var inner: any Optimizer {
    let rate = settings.learningRate
    guard optimizer == "adam" else { return SGD(learningRate: rate, momentum: settings.momentum ?? 0) }
    return Adam(
      learningRate: rate, beta1: settings.betas![0], beta2: settings.betas![1], epsilon: settings.epsilon!)
  }

  static let all: [MAMLFixture] = {
    struct File: Decodable { let cases: [MAMLFixture] }
    let url = Bundle.module.url(forResource: "maml_mlp", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }()
}

/// A model whose tensors are laid out as a case of the fixture.
protocol FixtureModel: Layer {
  init(_ tensors: [Tensor])
  static var objective: Objective<Self> { get }
}

/// The network of the regressions: 1-8-8-1 with tanh.
struct FixtureRegressor: FixtureModel {
  var w1, b1, w2, b2, w3, b3: Tensor

  init(_ tensors: [Tensor]) {
    (w1, b1, w2) = (tensors[0], tensors[1], tensors[2])
    (b2, w3, b3) = (tensors[3], tensors[4], tensors[5])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    matmul(tanh(matmul(tanh(matmul(x, w1) + b1), w2) + b2), w3) + b3
  }

  static var objective: Objective<Self> { .regression }
}

/// The network of the classification: 6-7-5-4 with batch normalization on the batch's own statistics.
struct FixtureClassifier: FixtureModel {
  var first: Dense
  var firstNorm: BatchNorm
  var second: Dense
  var secondNorm: BatchNorm
  var output: Dense

  init(_ tensors: [Tensor]) {
    first = Dense(weight: tensors[0], bias: tensors[1])
    firstNorm = BatchNorm(tensors[2].count)
    (firstNorm.scale, firstNorm.shift) = (tensors[2], tensors[3])
    second = Dense(weight: tensors[4], bias: tensors[5])
    secondNorm = BatchNorm(tensors[6].count)
    (secondNorm.scale, secondNorm.shift) = (tensors[6], tensors[7])
    output = Dense(weight: tensors[8], bias: tensors[9])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    output(relu(secondNorm(second(relu(firstNorm(first(x)))))))
  }

  static var objective: Objective<Self> { .classification }
}
