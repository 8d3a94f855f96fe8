/// A fully connected layer: activation(x · weight + bias). [batch.., inputs] → [batch.., outputs].
public struct Dense: Layer {
  /// [inputs, outputs].
  public var weight: Tensor
  /// [outputs].
  public var bias: Tensor
  /// What is applied to the sums.
  public var activation: Activation

  /// A layer with drawn weights and a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, activation: Activation = .identity, weight: Initializer = .glorotUniform,
    key: RandomKey
  ) {
    self.weight = weight([inputs, outputs], key: key)
    bias = .zeros([outputs])
    self.activation = activation
  }

  /// A layer with given weights [inputs, outputs] and bias [outputs].
  public init(weight: Tensor, bias: Tensor, activation: Activation = .identity) {
    self.weight = weight
    self.bias = bias
    self.activation = activation
  }

  /// activation(x · weight + bias). [batch.., inputs] → [batch.., outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor { activation(matmul(x, weight) + bias) }

  /// The layer before a normalization by the batch's mean. A bias would be part of that mean; it and its gradient, 0, are left out.
  func beforeNorm(_ x: Tensor) -> Tensor { activation == .identity ? matmul(x, weight) : self(x) }
}
