import Testing

@testable import NeuralNetworks

@Suite struct LayerTests {
  let key = RandomKey(seed: 7)

  @Test func dropoutKeepsTheMeanAndIsReproducible() {
    let x = Tensor.ones([200, 100])
    let dropout = Dropout(rate: 0.3)
    let dropped = dropout(x, key: key)
    #expect(dropout(x).floats == x.floats)
    let values = Set(dropped.floats)
    #expect(values == [0, Float(1 / 0.7)])
    // The standard deviation of the mean is √(0.3 / 0.7 / 20 000) = 0.0046.
    #expect(Swift.abs(dropped.mean().item() - 1) < 0.02)
    #expect(dropout(x, key: key).floats == dropped.floats)
    #expect(dropout(x, key: key[1]).floats != dropped.floats)
    #expect(Dropout(rate: 0)(x, key: key).floats == x.floats)
  }

  @Test func flattenAndReshape() {
    let x = Tensor.arange(24).reshaped([2, 3, 4])
    #expect(Flatten()(x).shape == [2, 12])
    #expect(Reshape([4, 3])(x).shape == [2, 4, 3])
    #expect(Reshape([2, -1])(x).shape == [2, 2, 6])
    #expect(Reshape([-1])(x).floats == x.floats)
    #expect(Reshape([6, -1])(Tensor.zeros([0, 3, 4])).shape == [0, 6, 2])
    #expect(Flatten()(Tensor.zeros([0, 3, 4])).shape == [0, 12])
  }

  @Test func layerNormNormalizesEachExample() {
    let x = Tensor.randomNormal([2, 3, 64], mean: 5, standardDeviation: 3, key: key, .float64)
    let y = LayerNorm(64, epsilon: 0).cast(to: .float64)(x)
    expectClose(y.mean(-1), .zeros([2, 3], .float64))
    expectClose(y.variance([-1]), .ones([2, 3], .float64))
  }

  @Test func embeddingKeepsTheAxesOfTheIndices() {
    let embedding = Embedding(5, 3, key: key)
    #expect(embedding(Tensor([Int32(4)])).floats == embedding.table[4].floats)
    #expect(embedding(Tensor([Int32(1), 2, 3, 4], shape: [2, 2])).shape == [2, 2, 3])
    #expect(embedding.parameters.map(\.name) == ["table"])
  }

  @Test func batchNormWithoutVarianceIsFinite() {
    let x = Tensor([[3, 1], [3, 2]])
    let (value, slope) = valueAndGradient(at: x) { square(BatchNorm(2)($0)).sum() }
    #expect(value.item().isFinite)
    #expect(slope.floats.allSatisfy { $0.isFinite })
    #expect(BatchNorm(2)(x)[.all, 0].floats == [0, 0])
  }

  @Test func activationsAreTheirFunctions() {
    let x = Tensor([-2, -0.5, 0, 0.5, 2], .float64)
    let expected: [Activation: Tensor] = [
      .identity: x, .relu: relu(x), .gelu: gelu(x), .tanh: tanh(x), .sigmoid: sigmoid(x), .softplus: softplus(x),
      .sine: sin(x),
    ]
    for activation in Activation.allCases { expectClose(activation(x), expected[activation] ?? .zeros([0]), 0) }
    #expect(Set(Activation.allCases.map { $0(x).doubles }).count == Activation.allCases.count)
  }
}
