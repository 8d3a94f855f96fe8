import Foundation
import Testing

@testable import NeuralNetworks

// The nets of `Scripts/fixtures/pytorch_weights.py`, of layers from here.

/// Three dense layers with running statistics between them; the names are those of a `torch.nn.Sequential`.
struct DenseNet: Layer {
  var first: Dense
  var firstNorm = BatchNorm(8)
  var firstRunning = BatchNorm.Statistics(features: 8)
  var second: Dense
  var secondNorm = BatchNorm(8)
  var secondRunning = BatchNorm.Statistics(features: 8)
  var third: Dense

  static let names: PyTorchNames = [
    "first": "0", "firstNorm": "1", "firstRunning": "1", "second": "3", "secondNorm": "4", "secondRunning": "4",
    "third": "6",
  ]

  init(_ key: RandomKey) {
    first = Dense(6, 8, key: key[0])
    second = Dense(8, 8, key: key[1])
    third = Dense(8, 8, key: key[2])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let y = relu(firstNorm(first(x), with: firstRunning))
    return third(relu(secondNorm(second(y), with: secondRunning)))
  }
}

/// Two convolutions with running statistics, pooling, and a head on all pixels.
struct ConvolutionalNet: Layer {
  struct Block: Layer {
    var convolution: Convolution2D
    var norm: BatchNorm
    var running = BatchNorm.Statistics(features: 8)

    func callAsFunction(_ x: Tensor) -> Tensor { relu(norm(convolution(x), with: running)) }
  }
  var blocks: [Block]
  var head: Dense

  static let names = PyTorchNames(
    [
      "blocks.0.convolution": "features.0", "blocks.0.norm": "features.1",
      "blocks.0.running": "features.1", "blocks.1.convolution": "features.3", "blocks.1.norm": "features.4",
      "blocks.1.running": "features.4", "head": "classifier",
    ], flattened: ["head": [3, 2, 8]])

  init(_ key: RandomKey) {
    blocks = [
      Block(
        convolution: Convolution2D(3, 8, kernel: 3, strides: 2, padding: .explicit(1), key: key[0]),
        norm: BatchNorm(8)),
      Block(
        convolution: Convolution2D(
          8, 8, kernel: Size2D(height: 3, width: 2), padding: .explicit(top: 2, bottom: 2, left: 0, right: 0),
          dilation: Size2D(height: 2, width: 1), groups: 4, hasBias: false, key: key[1]),
        norm: BatchNorm(8, epsilon: 1e-3)),
    ]
    head = Dense(8 * 3 * 2, 5, key: key[2])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    head(blocks.reduce(x) { x, block in block(x) }.maxPooled(2).flattenedRows())
  }
}

/// Transposed convolutions, whose names are those of a `torch.nn.Sequential` by themselves.
typealias TransposedNet = Sequential<TransposedConvolution2D, Activation, TransposedConvolution2D>

func transposedNet(_ key: RandomKey) -> TransposedNet {
  Sequential {
    TransposedConvolution2D(4, 6, kernel: 3, strides: 2, padding: .explicit(1), groups: 2, key: key[0])
    Activation.relu
    TransposedConvolution2D(
      6, 6, kernel: Size2D(height: 4, width: 2), strides: Size2D(height: 2, width: 1),
      padding: .explicit(top: 1, bottom: 1, left: 0, right: 0), hasBias: false, key: key[1])
  }
}

/// Convolutions of a sequence, with PyTorch's names, and a normalization and a dense layer on all of it.
struct SequenceNet: Layer {
  var conv1: Convolution1D
  var norm1 = GroupNorm(4, groups: 2)
  var conv2: Convolution1D
  var norm2 = BatchNorm(24)
  var running = BatchNorm.Statistics(features: 24)
  var out: Dense

  static let names = PyTorchNames(
    ["running": "norm2"], flattened: ["norm2": [1, 6, 4], "running": [1, 6, 4], "out": [1, 6, 4]])

  init(_ key: RandomKey) {
    let around = Padding2D.explicit(1)
    conv1 = Convolution1D(3, 4, kernel: 5, stride: 2, padding: .explicit(2), key: key[0])
    conv2 = Convolution1D(4, 4, kernel: 3, padding: around, groups: 2, key: key[1])
    out = Dense(24, 24, key: key[2])
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    out(norm2(conv2(relu(norm1(conv1(x)))).flattenedRows(), with: running))
  }
}

/// An embedding, a layer normalization, and a tensor that is in no layer; all with PyTorch's names.
struct WordNet: Model {
  var embedding: Embedding
  var linear: Dense
  var norm = LayerNorm(6)
  var mixing = Tensor.zeros([6, 2])

  init(_ key: RandomKey) {
    embedding = Embedding(7, 6, key: key[0])
    linear = Dense(6, 6, key: key[1])
  }

  func callAsFunction(_ x: Tensor) -> Tensor { matmul(norm(linear(embedding(x))), mixing) }
}
