/// A function applied to every element; as a layer, or as the last part of another one.
public enum Activation: String, Layer, CaseIterable {
  /// x.
  case identity
  /// max(x, 0).
  case relu
  /// x · Φ(x), exact (Hendrycks and Gimpel, 2016).
  case gelu
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// log(1 + eˣ).
  case softplus
  /// sin x, as in implicit representations (Sitzmann et al., 2020); there is no factor in it.
  case sine

  /// The function of every element. Any shape is mapped to itself.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .relu: Tensors.relu(x)
    case .gelu: Tensors.gelu(x)
    case .tanh: Tensors.tanh(x)
    case .sigmoid: Tensors.sigmoid(x)
    case .softplus: Tensors.softplus(x)
    case .sine: Tensors.sin(x)
    }
  }
}
