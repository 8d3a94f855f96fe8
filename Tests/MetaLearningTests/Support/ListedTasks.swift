@testable import MetaLearning

/// A model that is one number and predicts it for every input.
struct ConstantModel: Layer {
  var value: Tensor

  init(_ value: Double) { self.value = Tensor(value) }

  func callAsFunction(_ x: Tensor) -> Tensor { value + .zeros(like: x) }
}

/// Tasks whose targets are given: the n-th child of the key asks for the n-th constant, everywhere.
///
/// With the mean squared error, a step of rate α brings a `ConstantModel` θ nearer to the target c by the factor 1 − 2α,
/// so that the error after k steps is (1 − 2α)²ᵏ (θ − c)².
struct ListedTasks: TaskDistribution {
  let shape = EpisodeShape(ways: 1, shots: 2, queries: 3)
  private let targets: [RandomKey: Double]

  init(_ targets: [Double], key: RandomKey) {
    self.targets = Dictionary(uniqueKeysWithValues: targets.enumerated().map { (key[$0], $1) })
  }

  func episode(key: RandomKey) -> Episode {
    func batch(_ count: Int) -> Batch {
      Batch(inputs: .ones([count, 1]), targets: .full([count, 1], targets[key]!))
    }
    return Episode(support: batch(shape.shots), query: batch(shape.queries), shape: shape)
  }
}
