import Foundation
import Testing

@testable import NeuralNetworks

/// The backbones have the sizes that were published.
@Suite struct BackboneTests {
  static let key = RandomKey(seed: 13)

  @Test func convNet4() {
    let omniglot = ConvNet4.strided(outputs: 5, key: Self.key)
    #expect(omniglot.parameterCount - omniglot.head.parameterCount == 111_936)
    #expect(omniglot.parameterCount == 112_261)
    #expect(
      omniglot.parameters.map(\.name).prefix(4).joined(separator: " ")
        == "blocks.0.convolution.weight blocks.0.convolution.bias blocks.0.norm.scale blocks.0.norm.shift")
    let grey = Tensor.randomUniform([3, 28, 28], in: 0..<1, key: Self.key)
    #expect(omniglot(grey).shape == [3, 5])
    #expect(omniglot(grey).floats == omniglot(grey.expandingAxis(at: -1)).floats)
    #expect(omniglot.features(of: grey).shape == [3, 64])
    #expect(omniglot.blocks[0](grey.expandingAxis(at: -1)).shape == [3, 14, 14, 64])
    let flat = ConvNet4.strided(outputs: 5, summary: .flattened, key: Self.key)
    #expect(flat.features(of: grey).shape == [3, 256] && flat(grey).shape == [3, 5])

    let miniImageNet = ConvNet4.maxPooled(outputs: 5, key: Self.key)
    #expect(miniImageNet.parameterCount == 32_901)
    #expect(miniImageNet(Tensor.ones([2, 84, 84, 3])).shape == [2, 5])
    let mean = ConvNet4.maxPooled(64, image: 28, channels: 1, outputs: 5, summary: .spatialMean, key: Self.key)
    #expect(mean(grey).shape == [3, 5])
    // ANIL's part.
    let slope = gradient(at: omniglot, by: \.head) {
      softmaxCrossEntropy(logits: $0(grey), labels: Tensor([Int32(0), 1, 2]))
    }
    #expect(slope.weight.shape == [64, 5] && slope.globalNorm.item() > 0)
  }

  @Test func convNet4OfSeveralWidths() throws {
    let net = ConvNet4.strided([4, 6, 8, 10], outputs: 5, key: Self.key)
    #expect(
      net.blocks.map(\.convolution.weight.shape) == [[3, 3, 1, 4], [3, 3, 4, 6], [3, 3, 6, 8], [3, 3, 8, 10]])
    #expect(net.features(of: Tensor.ones([2, 28, 28])).shape == [2, 10])
    #expect(
      ConvNet4.maxPooled([4, 6, 8, 10], outputs: 5, key: Self.key)(Tensor.ones([2, 84, 84, 3])).shape == [2, 5])
    for widths: ConvNet4.Widths in [64, [4, 6, 8, 10]] {
      let text = try JSONEncoder().encode([widths])
      #expect(try JSONDecoder().decode([ConvNet4.Widths].self, from: text) == [widths])
    }
    #expect(String(decoding: try JSONEncoder().encode([64 as ConvNet4.Widths]), as: UTF8.self) == "[64]")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([ConvNet4.Widths].self, from: Data("[[1,2,3]]".utf8))
    }
  }

  @Test func resNet12() {
    let net = ResNet12(outputs: 5, key: Self.key)
    #expect(net.parameterCount - net.head.parameterCount == 12_424_320)
    let small = ResNet12(widths: [4, 8], outputs: 5, key: Self.key)
    let x = Tensor.randomUniform([2, 9, 9, 3], in: 0..<1, key: Self.key)
    #expect(small.features(of: x).shape == [2, 8])
    #expect(small(x).shape == [2, 5])
    let slope = gradient(at: small) { square($0(x)).sum() }
    #expect(slope.globalNorm.item() > 0)
  }

  @Test func wideResNet28() {
    let net = WideResNet28(outputs: 10, key: Self.key)
    #expect(net.parameterCount == 36_479_194)
    #expect(net.parameterCount - net.head.parameterCount == 36_472_784)
    let small = WideResNet28(width: 1, outputs: 5, key: Self.key)
    let x = Tensor.randomUniform([2, 8, 8, 3], in: 0..<1, key: Self.key)
    #expect(small.features(of: x).shape == [2, 64])
    #expect(small(x).shape == [2, 5])
  }

  /// A bias before a normalization by the batch's mean changes nothing, so blocks leave it out; its gradient is 0.
  @Test func biasesBeforeNormalizations() {
    let key = Self.key
    func nets(_ bias: (Shape, Int) -> Tensor) -> (ConvNet4, ConvNet4, MultilayerPerceptron) {
      var nets = (
        ConvNet4.strided(4, outputs: 3, key: key), ConvNet4.maxPooled(4, image: 16, channels: 1, outputs: 3, key: key),
        MultilayerPerceptron(inputs: 256, hidden: [6, 5], outputs: 3, normalization: .batch, key: key)
      )
      for i in 0..<4 {
        nets.0.blocks[i].convolution.bias = bias([4], i)
        nets.1.blocks[i].convolution.bias = bias([4], i)
      }
      for i in 0..<2 { nets.2.hidden[i].dense.bias = bias(nets.2.hidden[i].dense.bias.shape, i) }
      return nets
    }
    let images = Tensor.randomUniform([6, 16, 16], key: key[1])
    let (without, with) = (nets { shape, _ in .zeros(shape) }, nets { .randomNormal($0, key: key[$1 + 2]) })
    #expect(with.0(images).floats == without.0(images).floats && with.1(images).floats == without.1(images).floats)
    #expect(with.2(images).floats == without.2(images).floats)
    // By the formula, with the bias.
    let block = with.0.blocks[0]
    let formula = relu(block.norm(block.convolution(images.expandingAxis(at: -1))))
    expectClose(block(images.expandingAxis(at: -1)), formula, 1e-5)
    let pooled = with.1.blocks[0]
    let (y, pool) = (pooled.convolution(images.expandingAxis(at: -1)), pooled.pool ?? MaxPool(2))
    expectClose(pooled(images.expandingAxis(at: -1)), relu(pool(pooled.norm(y))), 1e-5)
    // With an activation before the norm, a bias counts.
    var bent = block
    bent.convolution.activation = .relu
    expectClose(
      bent(images.expandingAxis(at: -1)), relu(bent.norm(bent.convolution(images.expandingAxis(at: -1)))), 1e-5)
    let slope = gradient(at: with.0) { net in square(net(images)).sum() }
    #expect(slope.blocks.allSatisfy { $0.convolution.bias?.floats.allSatisfy { $0 == 0 } ?? false })
    #expect(slope.blocks[0].convolution.weight.floats.contains { $0 != 0 })
    #expect(
      gradient(at: with.2) { net in square(net(images)).sum() }.hidden.allSatisfy {
        $0.dense.bias.floats.allSatisfy { $0 == 0 }
      })
  }
}
