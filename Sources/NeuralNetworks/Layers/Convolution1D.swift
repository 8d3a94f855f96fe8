/// A convolution along one axis: activation(convolution1D(x, weight) + bias). [batch.., length, inputs] →
/// [batch.., length′, outputs].
public struct Convolution1D: Layer {
  /// [length, inputs / groups, outputs].
  public var weight: Tensor
  /// [outputs], if there is one.
  public var bias: Tensor?
  /// The steps of the window.
  public var stride: Int
  /// The zeros around the sequence; of explicit ones, the left and the right.
  public var padding: Padding2D
  /// The steps between the elements of the window.
  public var dilation: Int
  /// Parts of the channels that do not mix.
  public var groups: Int
  /// What is applied to the sums.
  public var activation: Activation

  /// A layer with drawn filters and a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Padding2D = .valid, dilation: Int = 1,
    groups: Int = 1, hasBias: Bool = true, activation: Activation = .identity, weight: Initializer = .glorotUniform,
    key: RandomKey
  ) {
    requireGroups(inputs, outputs, groups, "Convolution1D")
    self.weight = weight([kernel, inputs / groups, outputs], key: key)
    bias = hasBias ? .zeros([outputs]) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.activation = activation
  }

  /// The sequences of a batch. [batch.., length, inputs] → [batch.., length′, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let sums = convolution1D(x, weight, stride: stride, padding: padding, dilation: dilation, groups: groups)
    return activation(bias.map { sums + $0 } ?? sums)
  }
}
