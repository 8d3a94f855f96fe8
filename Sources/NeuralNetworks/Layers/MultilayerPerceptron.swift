/// A multilayer perceptron: hidden layers of dense → normalization → activation, then a dense output.
///
/// ```swift
/// // The classifier of 28×28 images of the MAML paper (Finn et al., 2017).
/// let model = MultilayerPerceptron(
///   inputs: 784, hidden: [256, 128, 64, 64], outputs: 5, normalization: .batch, key: key)
/// let logits = model(images)  // [batch, 28, 28] → [batch, 5]
/// ```
///
/// Its parameters are named `hidden.0.dense.weight`, …, `output.bias`. `\.output` is the head.
public struct MultilayerPerceptron: Layer {
  /// What stands between a dense layer and its activation.
  public enum Normalization: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nothing.
    case none
    /// Batch normalization by the batch's own statistics.
    case batch
  }

  /// One hidden layer. [batch, inputs] → [batch, outputs].
  public struct Hidden: Layer {
    /// The linear part, without an activation of its own.
    public var dense: Dense
    /// The batch normalization, if there is one.
    public var norm: BatchNorm?
    /// What follows the normalization.
    public var activation: Activation

    /// activation(norm(dense(x))). [batch, inputs] → [batch, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
      activation(norm.map { $0(dense.beforeNorm(x)) } ?? dense(x))
    }
  }

  /// The hidden layers, first to last.
  public var hidden: [Hidden]
  /// The last layer, without normalization and activation.
  public var output: Dense

  /// A perceptron with drawn weights and biases of zeros.
  ///
  /// - Parameters:
  ///   - inputs: The number of numbers in one example, over all its axes.
  ///   - hidden: The number of units of each hidden layer; none makes a linear model.
  ///   - outputs: The number of outputs.
  ///   - activation: The activation of every hidden layer.
  ///   - normalization: What stands before these activations.
  ///   - initializer: How the hidden weights are drawn.
  ///   - outputInitializer: How the weights of the output are drawn; as the hidden ones by default.
  ///   - key: Hidden layer i draws from `key[i]`, the output from the key after these.
  public init(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation = .relu, normalization: Normalization = .none,
    initializer: Initializer = .glorotUniform, outputInitializer: Initializer? = nil, key: RandomKey
  ) {
    let widths = [inputs] + hidden
    self.hidden = hidden.indices.map { i in
      Hidden(
        dense: Dense(widths[i], widths[i + 1], weight: initializer, key: key[i]),
        norm: normalization == .batch ? BatchNorm(widths[i + 1]) : nil, activation: activation)
    }
    output = Dense(
      widths[hidden.count], outputs, weight: outputInitializer ?? initializer, key: key[hidden.count])
  }

  /// The outputs for a batch of examples of any shape. [batch, ..] → [batch, outputs].
  public func callAsFunction(_ x: Tensor) -> Tensor {
    output(hidden.reduce(x.flattenedRows()) { x, layer in layer(x) })
  }
}
