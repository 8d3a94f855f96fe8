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
}
