import Testing

@testable import NeuralNetworks

/// First and second derivatives of every layer, by its parameters and its input, against finite differences.
@Suite struct LayerDerivativeTests {
  static let key = RandomKey(seed: 4)

  func check<L: Layer>(_ layer: L, _ shape: Shape, sourceLocation: SourceLocation = #_sourceLocation) {
    // Parameters moved off zeros and ones, where some derivatives vanish.
    let parameters = layer.trainable.enumerated().map { i, tensor in
      tensor.cast(to: .float64) + Tensor.randomNormal(tensor.shape, standardDeviation: 0.2, key: Self.key[i], .float64)
    }
    let point = Applied(
      layer: layer.replacing(parameters), x: .randomNormal(shape, key: Self.key[-1], .float64))
    expectDerivatives(at: point, sourceLocation: sourceLocation) { scalar($0.layer($0.x)) }
  }

  @Test(arguments: Activation.allCases) func dense(_ activation: Activation) {
    check(Dense(3, 2, activation: activation, key: Self.key), [4, 3])
  }

  @Test func denseWithManyBatchAxes() { check(Dense(3, 2, key: Self.key), [2, 2, 3]) }
  @Test func batchNorm() { check(BatchNorm(3), [5, 3]) }
  @Test func batchNormOverTwoAxes() { check(BatchNorm(3), [2, 3, 3]) }
  @Test func layerNorm() { check(LayerNorm(4), [3, 4]) }
  @Test func flatten() { check(Flatten(), [2, 2, 3]) }
  @Test func reshape() { check(Reshape([3, -1]), [2, 6]) }
  @Test func sequential() {
    check(
      Sequential {
        Dense(3, 4, activation: .tanh, key: Self.key)
        LayerNorm(4)
        Dense(4, 2, key: Self.key[1])
      }, [3, 3])
  }
  @Test(arguments: MultilayerPerceptron.Normalization.allCases)
  func perceptron(_ normalization: MultilayerPerceptron.Normalization) {
    check(
      MultilayerPerceptron(
        inputs: 3, hidden: [4, 3], outputs: 2, activation: .tanh, normalization: normalization, key: Self.key), [5, 3])
  }

  @Test func batchNormWithGivenStatistics() {
    let statistics = BatchNorm.Statistics(
      mean: Tensor([0.1, -0.2], .float64), variance: Tensor([0.5, 2], .float64), count: 1)
    let point = Applied(
      layer: BatchNorm(2).cast(to: .float64), x: .randomNormal([3, 2], key: Self.key, .float64))
    expectDerivatives(at: point) { scalar($0.layer($0.x, with: statistics)) }
  }

  @Test func dropout() {
    let x = Tensor.randomNormal([4, 5], key: Self.key, .float64)
    expectDerivatives(at: x) { scalar(Dropout(rate: 0.4)($0, key: Self.key)) }
  }

  @Test func embedding() {
    let embedding = Embedding(4, 3, key: Self.key).cast(to: .float64)
    let indices = Tensor([Int32(0), 3, 3, 1])
    expectDerivatives(at: embedding) { scalar($0(indices)) }
  }
}
