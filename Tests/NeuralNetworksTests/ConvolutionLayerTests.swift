import Testing

@testable import NeuralNetworks

/// Convolutional layers: shapes, derivatives by parameters and input, and what they equal.
@Suite struct ConvolutionLayerTests {
  static let key = RandomKey(seed: 12)

  func check<L: Layer>(_ layer: L, _ shape: Shape, sourceLocation: SourceLocation = #_sourceLocation) {
    let parameters = layer.trainable.enumerated().map { i, tensor in
      tensor.cast(to: .float64) + Tensor.randomNormal(tensor.shape, standardDeviation: 0.2, key: Self.key[i], .float64)
    }
    let point = Applied(
      layer: layer.replacing(parameters), x: .randomNormal(shape, key: Self.key[-1], .float64))
    expectDerivatives(at: point, tolerance: 1e-6, sourceLocation: sourceLocation) { scalar($0.layer($0.x)) }
  }

  @Test func derivatives() {
    check(Convolution2D(2, 3, kernel: 3, strides: 2, padding: .same, activation: .tanh, key: Self.key), [2, 5, 4, 2])
    check(
      Convolution2D(2, 4, kernel: Size2D(height: 2, width: 1), groups: 2, hasBias: false, key: Self.key), [1, 3, 2, 2])
    check(TransposedConvolution2D(2, 3, kernel: 3, strides: 2, padding: .same, key: Self.key), [1, 2, 3, 2])
    check(Convolution1D(2, 3, kernel: 3, stride: 2, padding: .same, key: Self.key), [2, 5, 2])
    check(MaxPool(2), [1, 5, 4, 2])
    check(MaxPool(3, strides: 2), [1, 5, 5, 1])
    check(AveragePool(2), [1, 4, 5, 2])
    check(GlobalAveragePool(), [2, 3, 2, 2])
    check(Upsample(2), [1, 2, 3, 2])
    check(GroupNorm(4, groups: 2), [2, 3, 4])
  }

  @Test func shapesAndParameters() {
    let x = Tensor.ones([2, 9, 8, 4])
    let layer = Convolution2D(4, 6, kernel: 3, strides: 2, padding: .same, groups: 2, key: Self.key)
    #expect(layer(x).shape == [2, 5, 4, 6])
    #expect(layer.parameters.map(\.name) == ["weight", "bias"])
    #expect(layer.weight.shape == [3, 3, 2, 6])
    #expect(Convolution2D(4, 6, kernel: 3, hasBias: false, key: Self.key).parameters.map(\.name) == ["weight"])
    #expect(
      TransposedConvolution2D(4, 6, kernel: 3, strides: 2, padding: .same, key: Self.key)(x).shape == [2, 18, 16, 6])
    #expect(
      TransposedConvolution2D(4, 6, kernel: 4, strides: 2, padding: .explicit(1), key: Self.key)(x).shape == [
        2, 18, 16, 6,
      ])
    let sequence = Sequential {
      Convolution2D(4, 3, kernel: 3, activation: .relu, key: Self.key)
      MaxPool(2)
      GlobalAveragePool()
      Dense(3, 2, key: Self.key[1])
    }
    #expect(sequence(x).shape == [2, 2])
    #expect(sequence.parameters.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
  }

  @Test func groupNormalization() {
    let x = Tensor.randomNormal([3, 4, 6], standardDeviation: 3, key: Self.key, .float64)
    let each = GroupNorm(6, groups: 1).cast(to: .float64)(x)
    expectClose(each.mean([1, 2]), .zeros([3], .float64), 1e-12)
    expectClose(square(each).mean([1, 2]), .ones([3], .float64), 1e-4)
    // On one place, one group is what layer normalization takes.
    let rows = Tensor.randomNormal([3, 6], key: Self.key, .float64)
    expectClose(
      GroupNorm(6, groups: 1).cast(to: .float64)(rows), LayerNorm(6).cast(to: .float64)(rows), 1e-12)
  }

  /// The fans of filters count their window.
  @Test func initializers() {
    let filters = Initializer.glorotUniform([3, 3, 16, 32], key: Self.key)
    let bound = (6.0 / (9 * 16 + 9 * 32)).squareRoot()
    let greatest = abs(filters).max().item()
    #expect(greatest <= bound && greatest > 0.99 * bound)
    let normal = Initializer.heNormal([3, 3, 16, 64], key: Self.key)
    #expect(Swift.abs(normal.variance().item() / (2.0 / (9 * 16)) - 1) < 0.05)
  }
}
