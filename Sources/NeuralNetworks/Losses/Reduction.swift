/// How the losses of single elements or examples become one number.
public enum Reduction: String, Hashable, Sendable, Codable, CaseIterable {
  /// Their mean, a scalar.
  case mean
  /// Their sum, a scalar.
  case sum
  /// They stay as they are.
  case none

  /// The losses reduced in this way.
  public func callAsFunction(_ losses: Tensor) -> Tensor {
    switch self {
    case .mean: losses.mean()
    case .sum: losses.sum()
    case .none: losses
    }
  }
}

/// Ends the program unless two tensors have one shape: broadcasting [batch, 1] with [batch] would give a wrong loss.
func requireSameShape(_ prediction: Tensor, _ target: Tensor, _ operation: String) {
  guard prediction.shape == target.shape else {
    stop("\(operation): predictions of shape \(prediction.shape) do not fit targets of shape \(target.shape)")
  }
}
