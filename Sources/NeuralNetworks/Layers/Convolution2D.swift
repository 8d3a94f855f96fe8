/// A convolution: activation(convolution(x, weight) + bias). [batch.., height, width, inputs] →
/// [batch.., height′, width′, outputs].
public struct Convolution2D: Layer {
  /// [height, width, inputs / groups, outputs].
  public var weight: Tensor
  /// [outputs], if there is one.
  public var bias: Tensor?
  /// The steps of the window.
  public var strides: Size2D
  /// The zeros around the image.
  public var padding: Padding2D
  /// The steps between the elements of the window.
  public var dilation: Size2D
  /// Parts of the channels that do not mix.
  public var groups: Int
  /// What is applied to the sums.
  public var activation: Activation

  /// A layer with drawn filters and a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: Size2D, strides: Size2D = 1, padding: Padding2D = .valid,
    dilation: Size2D = 1, groups: Int = 1, hasBias: Bool = true, activation: Activation = .identity,
    weight: Initializer = .glorotUniform, key: RandomKey
  ) {
    requireGroups(inputs, outputs, groups, "Convolution2D")
    self.init(
      weight: weight([kernel.height, kernel.width, inputs / groups, outputs], key: key),
      bias: hasBias ? .zeros([outputs]) : nil, strides: strides, padding: padding, dilation: dilation, groups: groups,
      activation: activation)
  }

  /// A layer with given filters [height, width, inputs / groups, outputs] and bias [outputs].
  public init(
    weight: Tensor, bias: Tensor?, strides: Size2D = 1, padding: Padding2D = .valid, dilation: Size2D = 1,
    groups: Int = 1, activation: Activation = .identity
  ) {
    self.weight = weight
    self.bias = bias
    self.strides = strides
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.activation = activation
  }

  /// The images of a batch. [batch.., height, width, inputs] → [batch.., height′, width′, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let sums = sums(of: x)
    return activation(bias.map { sums + $0 } ?? sums)
  }

  /// The layer before a normalization by the batch's mean. A bias would be part of that mean; it and its gradient, 0, are left out.
  func beforeNorm(_ x: Tensor) -> Tensor { activation == .identity ? sums(of: x) : self(x) }

  private func sums(of x: Tensor) -> Tensor {
    convolution(x, weight, strides: strides, padding: padding, dilation: dilation, groups: groups)
  }
}

/// Ends the program unless channels can be parted into groups.
func requireGroups(_ inputs: Int, _ outputs: Int, _ groups: Int, _ layer: String) {
  guard groups > 0, inputs % groups == 0, outputs % groups == 0 else {
    stop("\(layer): \(inputs) inputs and \(outputs) outputs cannot be parted into \(groups) groups")
  }
}
