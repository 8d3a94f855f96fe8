import Foundation
import Testing

@testable import Adaptation
@testable import MetaLearning

/// `mamlpp_mlp.json`: meta-gradients of MAML++ by JAX and PyTorch in double precision.
struct MAMLPlusPlusFixture: Decodable, Sendable {
  struct Task: Decodable {
    let supportInputs, supportLabels, queryInputs, queryLabels: FixtureTensor

    var episode: Episode {
      Episode(
        support: Batch(inputs: supportInputs.float64, targets: supportLabels.labels),
        query: Batch(inputs: queryInputs.float64, targets: queryLabels.labels),
        shape: EpisodeShape(ways: 4, shots: 1, queries: 2))
    }
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let adaptsNormalization, isFirstOrder: Bool
    let outerLoss: Double
    let gradient, rateGradients: [FixtureTensor]
    let inductiveLosses: [Double]

    var testDescription: String {
      "\(isFirstOrder ? "first" : "second") order, norms \(adaptsNormalization ? "adapted" : "held")"
    }
  }

  let steps: Int
  let weights: [Double]
  let names: [String]
  let parameters, rates: [FixtureTensor]
  let tasks: [Task]
  let cases: [Case]

  static let shared: MAMLPlusPlusFixture = {
    let url = Bundle.module.url(forResource: "mamlpp_mlp", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode(MAMLPlusPlusFixture.self, from: Data(contentsOf: url))
  }()

  var episodes: [Episode] { tasks.map(\.episode) }

  var model: MultilayerPerceptron {
    let net = MultilayerPerceptron(
      inputs: 6, hidden: [7, 5], outputs: 4, normalization: .batch, key: RandomKey(seed: 0))
    var tensors = parameters.map(\.float64)[...]
    return net.normalizingPerStep(steps).replacingTrainable(from: &tensors)
  }

  /// A learner whose losses' weights and rates are those of the fixture.
  func learner(_ fixture: Case) -> MAMLPlusPlus {
    var learner = MAMLPlusPlus(
      innerRate: 9, steps: steps, multiStepLoss: MultiStepLoss(iterations: 10),
      firstOrderIterations: fixture.isFirstOrder ? 1 : 0,
      adapting: fixture.adaptsNormalization ? .everything : .allButNormalization
    ).prepared(for: model)
    for (name, rates) in zip(names, rates) where learner.parameters.rates[name] != nil {
      learner.parameters.rates[name] = rates.float64
    }
    learner.parameters.losses = .init(weights: Tensor(weights, .float64))
    return learner
  }
}
