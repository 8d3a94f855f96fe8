import Foundation
import Testing

@testable import NeuralNetworks

/// Weights that PyTorch wrote give here what they give there, and go back as they came.
@Suite struct PyTorchWeightsTests {
  struct Example: Decodable { var input, output: Numbers }

  static let key = RandomKey(seed: 21)
  let folder: TemporaryFolder
  let examples: [String: Example]

  init() throws {
    folder = try TemporaryFolder()
    examples = try fixture("pytorch_weights.json")
  }

  /// Loads a net's two files, compares its outputs with PyTorch's, and writes it again.
  func check<M: Model>(
    _ name: String, _ model: M, names: PyTorchNames = [:], sourceLocation: SourceLocation = #_sourceLocation,
    output: (M, Tensor) -> Tensor
  ) throws {
    for (type, tolerance) in [(ScalarType.float64, 1e-10), (.float32, 1e-5)] {
      let label = "\(name)_\(type.rawValue)"
      let example = try #require(examples[label], sourceLocation: sourceLocation)
      let source = try fixtureURL("pytorch_\(label).safetensors")
      let loaded = try model.cast(to: type).loading(pyTorchWeightsFrom: source, names: names)
      let input = name == "words" ? example.input.int32 : example.input.float64.cast(to: type)
      expectClose(
        output(loaded, input), example.output.float64.cast(to: type), tolerance, label, sourceLocation: sourceLocation)
      let copy = folder.file("\(label).safetensors")
      try loaded.writePyTorchWeights(to: copy, names: names)
      let (original, written) = (try SafeTensorsFile(contentsOf: source), try SafeTensorsFile(contentsOf: copy))
      // All that PyTorch wrote but the counters, with its names, shapes and bits, and nothing else.
      let expected = original.header.entries.filter { !$0.key.hasSuffix("num_batches_tracked") }
      #expect(written.header.entries.keys.sorted() == expected.keys.sorted(), sourceLocation: sourceLocation)
      for (tensor, entry) in expected {
        #expect(written.header.entries[tensor]?.shape == entry.shape, "\(tensor)", sourceLocation: sourceLocation)
        #expect(written.header.entries[tensor]?.type == entry.type, "\(tensor)", sourceLocation: sourceLocation)
        let bytes = try [original, written].map { try $0.tensor(named: tensor)?.withDenseBytes { Array($0) } }
        #expect(bytes[0] == bytes[1] && bytes[0] != nil, "\(tensor)", sourceLocation: sourceLocation)
      }
      #expect(written.header.metadata == ["format": "pt"], sourceLocation: sourceLocation)
    }
  }

  @Test func denseLayersAndRunningStatistics() throws {
    try check("mlp", DenseNet(Self.key), names: DenseNet.names) { $0($1) }
  }

  @Test func convolutionsAndAFlattenedHead() throws {
    try check("convolutional", ConvolutionalNet(Self.key), names: ConvolutionalNet.names) { $0($1) }
  }

  @Test func transposedConvolutions() throws { try check("transposed", transposedNet(Self.key)) { $0($1) } }

  @Test func sequences() throws {
    try check("sequence", SequenceNet(Self.key), names: SequenceNet.names) { $0($1) }
  }

  @Test func embeddingsAndBareTensors() throws { try check("words", WordNet(Self.key)) { $0($1) } }

  /// The order of a flattened image matters, so the outputs above would have shown a mistake.
  @Test func withoutItsImageAHeadIsAnother() throws {
    let source = try fixtureURL("pytorch_convolutional_float64.safetensors")
    let example = try #require(examples["convolutional_float64"])
    var names = ConvolutionalNet.names
    names.flattened = [:]
    let model = try ConvolutionalNet(Self.key).cast(to: .float64).loading(pyTorchWeightsFrom: source, names: names)
    #expect(difference(model(example.input.float64), example.output.float64) > 0.1)
    names.flattened = ["head": [8, 3, 2]]
    let turned = try ConvolutionalNet(Self.key).cast(to: .float64).loading(pyTorchWeightsFrom: source, names: names)
    #expect(difference(turned(example.input.float64), example.output.float64) > 0.1)
  }

  @Test func namesAndLayoutsOfOurOwnNets() throws {
    let url = folder.file("conv4.safetensors")
    let model = ConvNet4.maxPooled(8, image: 32, channels: 3, outputs: 5, key: Self.key)
    try model.writePyTorchWeights(
      to: url, names: PyTorchNames(["": "net", "blocks": "encoder"], flattened: ["head": [2, 2, 8]]),
      metadata: ["made by": "a test"])
    let contents = try SafeTensors.read(from: url)
    #expect(contents.metadata == ["made by": "a test"])
    let block = { (i: Int) in
      ["convolution.bias", "convolution.weight", "norm.bias", "norm.weight"].map { "encoder.\(i).\($0)" }
    }
    #expect(contents.tensors.keys.sorted() == (0..<4).flatMap(block) + ["net.head.bias", "net.head.weight"])
    let filters = try #require(contents.tensors["encoder.0.convolution.weight"])
    #expect(filters.shape == [8, 3, 3, 3])
    #expect(filters[5][2][0][1].item() == model.blocks[0].convolution.weight[0][1][2][5].item())
    let head = try #require(contents.tensors["net.head.weight"])
    #expect(head.shape == [5, 32])
    // Channel 3 of the pixel in row 1 and column 0: there 3 · 4 + 2, here (1 · 2 + 0) · 8 + 3.
    #expect(head[4][14].item() == model.head.weight[19][4].item())
  }

  @Test func widerTypesTakeNarrowerNumbers() throws {
    let example = try #require(examples["mlp_float32"])
    let source = try fixtureURL("pytorch_mlp_float32.safetensors")
    let wide = try DenseNet(Self.key).cast(to: .float64).loading(pyTorchWeightsFrom: source, names: DenseNet.names)
    #expect(wide.first.weight.scalarType == .float64)
    expectClose(wide(example.input.float64), example.output.float64, 1e-5)
    // Half precision, too.
    let halves = try SafeTensors.read(from: fixtureURL("pytorch_half.safetensors")).tensors
    #expect(
      halves["half"]?.scalars(as: Float.self).map(\.bitPattern)
        == [1, -2.5, 65504, 0x1p-24, -0.0, .infinity].map {
          (x: Float) in x.bitPattern
        })
    #expect(halves["brain"]?.scalars(as: Float.self) == [1, -2.5, 65536, Float(bitPattern: 0x33810000), 0, .infinity])
    for bits in UInt16.min...UInt16.max {
      let own = Float(half: bits)
      #if arch(arm64) || os(Linux)
        let expected = Float(Float16(bitPattern: bits))
        #expect(own.bitPattern == expected.bitPattern || (own.isNaN && expected.isNaN))
      #endif
    }
  }
}
