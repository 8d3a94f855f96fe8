/// A model that maps one tensor to another, so that layers can be put in a row.
public protocol Layer: Model {
  /// The output for a batch, without randomness. [batch, …] → [batch, …].
  func callAsFunction(_ x: Tensor) -> Tensor

  /// The output for a batch in training, where layers such as `Dropout` draw from the key; others ignore it.
  func callAsFunction(_ x: Tensor, key: RandomKey) -> Tensor
}

extension Layer {
  /// The output without randomness, for layers that have none.
  public func callAsFunction(_ x: Tensor, key: RandomKey) -> Tensor { self(x) }
}
