/// The residual network of few-shot learning (Oreshkin et al., 2018, "TADAM"; widths of Lee et al., 2019, "MetaOptNet"): four
/// blocks of three 3×3 convolutions with a shortcut, each followed by 2×2 max pooling, then the mean over the pixels and a
/// dense head.
///
/// With the widths 64-160-320-640 it has 12,424,320 parameters before the head. Batch normalization is by the batch's own
/// statistics. Its parameters are named `blocks.0.layers.0.convolution.weight`, …, `head.bias`.
public struct ResNet12: Layer {
  /// A convolution without a bias and its batch normalization.
  public struct Normalized: Layer {
    /// The linear part.
    public var convolution: Convolution2D
    /// The batch normalization.
    public var norm: BatchNorm

    init(_ inputs: Int, _ outputs: Int, kernel: Size2D, key: RandomKey) {
      convolution = Convolution2D(
        inputs, outputs, kernel: kernel, padding: .same, hasBias: false, weight: .heNormal, key: key)
      norm = BatchNorm(outputs)
    }

    /// norm(convolution(x)). [batch, height, width, inputs] → [batch, height, width, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor { norm(convolution(x)) }
  }

  /// One block. [batch, height, width, inputs] → [batch, height / 2, width / 2, outputs].
  public struct Block: Layer {
    /// The three convolutions.
    public var layers: [Normalized]
    /// The 1×1 convolution beside them.
    public var shortcut: Normalized
    /// The pooling behind them.
    public var pool: MaxPool

    init(_ inputs: Int, _ outputs: Int, key: RandomKey) {
      layers = (0..<3).map { Normalized($0 == 0 ? inputs : outputs, outputs, kernel: 3, key: key[$0]) }
      shortcut = Normalized(inputs, outputs, kernel: 1, key: key[3])
      pool = MaxPool(2)
    }

    /// The block's output. [batch, height, width, inputs] → [batch, height / 2, width / 2, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
      let inner = layers.dropLast().reduce(x) { x, layer in leakyReLU(layer(x)) }
      return pool(leakyReLU((layers.last.map { $0(inner) } ?? inner) + shortcut(x)))
    }
  }

  /// The blocks, first to last.
  public var blocks: [Block]
  /// The classifier. [batch, features] → [batch, outputs].
  public var head: Dense

  /// A network with drawn weights.
  ///
  /// - Parameters:
  ///   - widths: The filters of each block.
  ///   - channels: The channels of an image.
  ///   - outputs: The number of outputs.
  ///   - key: Block i draws from `key[i]`, the head from the key after these.
  public init(widths: [Int] = [64, 160, 320, 640], channels: Int = 3, outputs: Int, key: RandomKey) {
    let sizes = [channels] + widths
    blocks = widths.indices.map { Block(sizes[$0], sizes[$0 + 1], key: key[$0]) }
    head = Dense(sizes[widths.count], outputs, key: key[widths.count])
  }

  /// What the head sees. [batch, height, width, channels] → [batch, features].
  public func features(of x: Tensor) -> Tensor {
    blocks.reduce(withChannels(x)) { x, block in block(x) }.globallyAveragePooled()
  }

  /// The outputs for a batch of images, grey or with channels. [batch, height, width, channels] → [batch, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor { head(features(of: x)) }
}

/// x where it is positive, x / 10 elsewhere, which is its derivative at 0 too.
private func leakyReLU(_ x: Tensor) -> Tensor { 0.1 * x + 0.9 * relu(x) }
