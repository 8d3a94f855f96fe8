/// The wide residual network of depth 28 (Zagoruyko and Komodakis, 2016): a 3×3 convolution, three stages of four residual
/// blocks with 16, 32 and 64 times the width, batch normalization, ReLU, the mean over the pixels and a dense head.
///
/// With the width 10 it has 36,472,784 parameters before the head. Batch normalization is by the batch's own statistics.
public struct WideResNet28: Layer {
  /// Two 3×3 convolutions, each behind a batch normalization and ReLU, and what they are added to.
  public struct Block: Layer {
    /// The normalizations before the convolutions.
    public var norms: [BatchNorm]
    /// The convolutions.
    public var convolutions: [Convolution2D]
    /// The 1×1 convolution beside them, where the channels change.
    public var shortcut: Convolution2D?

    init(_ inputs: Int, _ outputs: Int, strides: Size2D, key: RandomKey) {
      func layer(_ inputs: Int, kernel: Size2D, strides: Size2D, _ key: RandomKey) -> Convolution2D {
        // As in PyTorch: with strides, the zeros lie on both sides.
        Convolution2D(
          inputs, outputs, kernel: kernel, strides: strides, padding: .explicit(kernel.height / 2), hasBias: false,
          weight: .heNormal, key: key)
      }
      norms = [BatchNorm(inputs), BatchNorm(outputs)]
      convolutions = [
        layer(inputs, kernel: 3, strides: strides, key[0]), layer(outputs, kernel: 3, strides: 1, key[1]),
      ]
      shortcut = inputs == outputs ? nil : layer(inputs, kernel: 1, strides: strides, key[2])
    }

    /// The block's output. [batch, height, width, inputs] → [batch, height′, width′, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
      let first = relu(norms[0](x))
      let sums = convolutions[1](relu(norms[1](convolutions[0](first))))
      return sums + (shortcut.map { $0(first) } ?? x)
    }
  }

  /// The first convolution.
  public var stem: Convolution2D
  /// The blocks of all stages, first to last.
  public var blocks: [Block]
  /// The last normalization.
  public var norm: BatchNorm
  /// The classifier. [batch, features] → [batch, outputs].
  public var head: Dense

  /// A network with drawn weights.
  ///
  /// - Parameters:
  ///   - width: By how much it is wider than a residual network.
  ///   - channels: The channels of an image.
  ///   - outputs: The number of outputs.
  ///   - key: The first convolution draws from `key[0]`, block i from `key[i + 1]`, the head from `key[13]`.
  public init(width: Int = 10, channels: Int = 3, outputs: Int, key: RandomKey) {
    stem = Convolution2D(
      channels, 16, kernel: 3, padding: .explicit(1), hasBias: false, weight: .heNormal, key: key[0])
    let widths = [16] + [16, 32, 64].flatMap { [Int](repeating: $0 * width, count: 4) }
    blocks = (0..<12).map { i in
      Block(widths[i], widths[i + 1], strides: i == 4 || i == 8 ? 2 : 1, key: key[i + 1])
    }
    norm = BatchNorm(64 * width)
    head = Dense(64 * width, outputs, key: key[13])
  }

  /// What the head sees. [batch, height, width, channels] → [batch, features].
  public func features(of x: Tensor) -> Tensor {
    let y = blocks.reduce(stem(withChannels(x))) { x, block in block(x) }
    return relu(norm(y)).globallyAveragePooled()
  }

  /// The outputs for a batch of images, grey or with channels. [batch, height, width, channels] → [batch, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor { head(features(of: x)) }
}
