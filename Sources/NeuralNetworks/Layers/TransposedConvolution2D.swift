/// The transpose of a convolution, which enlarges images by its strides: [batch.., height, width, inputs] →
/// [batch.., height′, width′, outputs].
public struct TransposedConvolution2D: Layer {
  /// [height, width, outputs / groups, inputs]: the filters of the convolution whose transpose this is.
  public var weight: Tensor
  /// [outputs], if there is one.
  public var bias: Tensor?
  /// How much larger images become.
  public var strides: Size2D
  /// The zeros around the image of the convolution whose transpose this is.
  public var padding: Padding2D
  /// Parts of the channels that do not mix.
  public var groups: Int
  /// What is applied to the sums.
  public var activation: Activation

  /// A layer with drawn filters and a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Size2D, strides: Size2D = 1, padding: Padding2D = .valid, groups: Int = 1,
    hasBias: Bool = true, activation: Activation = .identity, weight: Initializer = .glorotUniform, key: RandomKey
  ) {
    requireGroups(inputs, outputs, groups, "TransposedConvolution2D")
    // Drawn as inputs × outputs, of which the initializers know the sizes.
    self.weight = weight([kernel.height, kernel.width, inputs, outputs / groups], key: key).transposed()
    bias = hasBias ? .zeros([outputs]) : nil
    self.strides = strides
    self.padding = padding
    self.groups = groups
    self.activation = activation
  }

  /// The images of a batch. [batch.., height, width, inputs] → [batch.., height′, width′, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let sums = transposedConvolution(x, weight, strides: strides, padding: padding, groups: groups)
    return activation(bias.map { sums + $0 } ?? sums)
  }
}
