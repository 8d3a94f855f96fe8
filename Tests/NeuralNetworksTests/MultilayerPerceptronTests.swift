import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct MultilayerPerceptronTests {
  let key = RandomKey(seed: 10)

  @Test func omniglotClassifier() {
    let model = MultilayerPerceptron(
      inputs: 784, hidden: [256, 128, 64, 64], outputs: 5, normalization: .batch, key: key)
    let dense = 784 * 256 + 256 + 256 * 128 + 128 + 128 * 64 + 64 + 64 * 64 + 64 + 64 * 5 + 5
    #expect(model.parameterCount == dense + 2 * (256 + 128 + 64 + 64))
    #expect(
      model.parameters.prefix(4).map(\.name) == [
        "hidden.0.dense.weight", "hidden.0.dense.bias", "hidden.0.norm.scale", "hidden.0.norm.shift",
      ])
    #expect(model.parameters.suffix(2).map(\.name) == ["output.weight", "output.bias"])
    let images = Tensor.randomUniform([7, 28, 28], key: key)
    #expect(model(images).shape == [7, 5])
    #expect(model(images).floats == model(images.reshaped([7, 784])).floats)
  }

  @Test func orderOfDenseNormalizationAndActivation() {
    let model = MultilayerPerceptron(
      inputs: 2, hidden: [3, 4], outputs: 2, activation: .relu, normalization: .batch, key: key)
    let x = Tensor.randomNormal([6, 2], key: key)
    var y = x
    for layer in model.hidden {
      let sums = matmul(y, layer.dense.weight) + layer.dense.bias
      let normalized = (sums - sums.mean(0)) / sqrt(sums.variance([0]) + 1e-5)
      y = relu(normalized)
    }
    expectClose(model(x), matmul(y, model.output.weight) + model.output.bias, 1e-5)
  }

  @Test func initializers() {
    let model = MultilayerPerceptron(
      inputs: 2, hidden: [3], outputs: 2, initializer: .constant(2), outputInitializer: .zeros, key: key)
    #expect(model.hidden[0].dense.weight.floats.allSatisfy { $0 == 2 })
    #expect(model.output.weight.floats.allSatisfy { $0 == 0 })
    let linear = MultilayerPerceptron(inputs: 2, hidden: [], outputs: 1, initializer: .constant(1), key: key)
    #expect(linear(Tensor([[1, 2]])).floats == [3])
    // Layers of one size do not share their draws.
    let square = MultilayerPerceptron(inputs: 3, hidden: [3, 3], outputs: 3, key: key)
    #expect(square.hidden[0].dense.weight.floats != square.hidden[1].dense.weight.floats)
    #expect(square.hidden[1].dense.weight.floats != square.output.weight.floats)
  }

  @Test func codable() throws {
    for normalization in MultilayerPerceptron.Normalization.allCases {
      let model = MultilayerPerceptron(
        inputs: 2, hidden: [3], outputs: 1, activation: .sine, normalization: normalization, key: key)
      let decoded = try JSONDecoder().decode(MultilayerPerceptron.self, from: JSONEncoder().encode(model))
      let x = Tensor([[0.1, 0.2], [0.3, -0.4]])
      #expect(decoded(x).floats == model(x).floats)
      #expect(decoded.parameters.map(\.name) == model.parameters.map(\.name))
    }
  }

  @Test func gradientOfTheHeadOnly() {
    let model = MultilayerPerceptron(inputs: 2, hidden: [3], outputs: 2, key: key)
    let x = Tensor.randomNormal([6, 2], key: key)
    let head = gradient(at: model, by: \.output) { square($0(x)).sum() }
    let whole = gradient(at: model) { square($0(x)).sum() }
    #expect(head.weight.floats == whole.output.weight.floats)
  }
}
