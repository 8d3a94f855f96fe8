/// A function applied to every element; as a layer, or as the last part of another one.
public enum Activation: String, Layer, CaseIterable {
  case identity, relu, gelu, tanh, sigmoid, softplus, sine

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
