/// The convolutional network of few-shot learning (Vinyals et al., 2016; Finn et al., 2017): four blocks of 3×3 convolution →
/// batch normalization by the batch's own statistics → ReLU, then a dense head.
///
/// ```swift
/// let omniglot = ConvNet4.strided(64, outputs: 5, key: key)                // [batch, 28, 28] → [batch, 5]
/// let miniImageNet = ConvNet4.maxPooled(32, image: 84, outputs: 5, key: key)  // [batch, 84, 84, 3] → [batch, 5]
/// ```
///
/// Its parameters are named `blocks.0.convolution.weight`, …, `head.bias`. `\.head` is the head, which alone is adapted in
/// ANIL; `features(of:)` is all before it.
public struct ConvNet4: Layer {
  /// One block. [batch, height, width, inputs] → [batch, height′, width′, outputs].
  public struct Block: Layer {
    /// The linear part, without an activation of its own.
    public var convolution: Convolution2D
    /// The batch normalization.
    public var norm: BatchNorm
    /// The pooling after the ReLU, if there is one.
    public var pool: MaxPool?

    /// pool(relu(norm(convolution(x)))), where a ReLU, which never falls, may as well come after the pooling.
    /// [batch, height, width, inputs] → [batch, height′, width′, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
      let y = convolution.beforeNorm(x)
      return relu(pool.map { norm(y, maxPooledBy: $0) } ?? norm(y))
    }
  }

  /// How an image becomes a row of features.
  public enum Summary: String, Hashable, Sendable, Codable, CaseIterable {
    /// The mean over its pixels.
    case spatialMean
    /// All of its pixels.
    case flattened
  }

  /// The filters of the blocks: 64 for all, or `[32, 64, 96, 128]` for one each.
  public struct Widths: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// The filters of each block, first to last.
    public let blocks: [Int]

    /// The same for all blocks.
    public init(_ width: Int) { blocks = [Int](repeating: width, count: 4) }
    /// One width for all blocks or one for each of the four; nil for any other number of them.
    public init?(_ widths: [Int]) {
      guard widths.count == 1 || widths.count == 4 else { return nil }
      blocks = widths.count == 1 ? [Int](repeating: widths[0], count: 4) : widths
    }
    public init(integerLiteral width: Int) { self.init(width) }
    public init(arrayLiteral widths: Int...) {
      guard let known = Self(widths) else { stop("ConvNet4: there are four blocks; given were the widths \(widths)") }
      self = known
    }
  }

  /// The blocks, first to last.
  public var blocks: [Block]
  /// What is made of the last block's image.
  public var summary: Summary
  /// The classifier. [batch, features] → [batch, outputs].
  public var head: Dense

  /// The network for Omniglot: strides of 2 in place of pooling, and the mean over the pixels that are left.
  ///
  /// - Parameters:
  ///   - widths: The filters of the blocks; 64 in the papers, with 111,936 parameters before the head.
  ///   - image: The size of an image, which a head on all pixels has to know.
  ///   - channels: The channels of an image.
  ///   - outputs: The number of outputs.
  ///   - summary: What is made of the last block's image, of 2×2 pixels for images of 28×28.
  ///   - initializer: How filters are drawn.
  ///   - headInitializer: How the head is drawn; as the filters by default.
  ///   - key: Block i draws from `key[i]`, the head from `key[4]`.
  public static func strided(
    _ widths: Widths = 64, image: Size2D = 28, channels: Int = 1, outputs: Int, summary: Summary = .spatialMean,
    initializer: Initializer = .glorotUniform, headInitializer: Initializer? = nil, key: RandomKey
  ) -> ConvNet4 {
    let pixels = summary == .flattened ? ((image.height + 15) / 16) * ((image.width + 15) / 16) : 1
    return ConvNet4(
      widths.blocks, channels, features: pixels * widths.blocks[3], outputs, summary, strides: 2, pool: nil,
      initializer,
      headInitializer ?? initializer, key)
  }

  /// The network for miniImageNet: 2×2 max pooling after every block, and a head on all pixels that are left.
  ///
  /// - Parameters:
  ///   - widths: The filters of the blocks: 32 in MAML, 64 in ProtoNet.
  ///   - image: The size of an image, which a head on all pixels has to know.
  ///   - channels: The channels of an image.
  ///   - outputs: The number of outputs.
  ///   - summary: What is made of the last block's image.
  ///   - initializer: How filters are drawn.
  ///   - headInitializer: How the head is drawn; as the filters by default.
  ///   - key: Block i draws from `key[i]`, the head from `key[4]`.
  public static func maxPooled(
    _ widths: Widths = 32, image: Size2D = 84, channels: Int = 3, outputs: Int, summary: Summary = .flattened,
    initializer: Initializer = .glorotUniform, headInitializer: Initializer? = nil, key: RandomKey
  ) -> ConvNet4 {
    let pixels = summary == .flattened ? (image.height / 16) * (image.width / 16) : 1
    guard image.height >= 16, image.width >= 16 else {
      stop("ConvNet4: four poolings leave nothing of images of \(image)")
    }
    return ConvNet4(
      widths.blocks, channels, features: pixels * widths.blocks[3], outputs, summary, strides: 1, pool: MaxPool(2),
      initializer,
      headInitializer ?? initializer, key)
  }

  private init(
    _ widths: [Int], _ channels: Int, features: Int, _ outputs: Int, _ summary: Summary, strides: Size2D,
    pool: MaxPool?,
    _ initializer: Initializer, _ headInitializer: Initializer, _ key: RandomKey
  ) {
    blocks = (0..<4).map { i in
      Block(
        convolution: Convolution2D(
          i == 0 ? channels : widths[i - 1], widths[i], kernel: 3, strides: strides, padding: .same,
          weight: initializer,
          key: key[i]), norm: BatchNorm(widths[i]), pool: pool)
    }
    self.summary = summary
    head = Dense(features, outputs, weight: headInitializer, key: key[4])
  }

  /// What the head sees. [batch, height, width] or [batch, height, width, channels] → [batch, features].
  public func features(of x: Tensor) -> Tensor {
    let y = blocks.reduce(withChannels(x)) { x, block in block(x) }
    switch summary {
    case .spatialMean: return y.globallyAveragePooled()
    case .flattened: return y.flattenedRows()
    }
  }

  /// The outputs for a batch of images, grey or with channels. [batch, height, width] or [batch, height, width, channels] →
  /// [batch, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor { head(features(of: x)) }
}

/// Images with an axis of channels, which grey ones may lack.
func withChannels(_ x: Tensor) -> Tensor { x.rank == 3 ? x.expandingAxis(at: -1) : x }

extension ConvNet4.Widths: Codable {
  /// Reads a number or a list.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let widths = try (try? container.decode(Int.self)).map { [$0] } ?? container.decode([Int].self)
    guard let known = Self(widths) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "there must be one width or four")
    }
    self = known
  }

  /// Writes a number where all are equal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if Set(blocks).count == 1 { try container.encode(blocks[0]) } else { try container.encode(blocks) }
  }
}
