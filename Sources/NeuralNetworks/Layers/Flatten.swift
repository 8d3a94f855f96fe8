/// Every example as one row. [batch, ..] → [batch, features].
public struct Flatten: Layer {
  /// A layer without parameters.
  public init() {}

  /// The examples as rows. [batch, ..] → [batch, features].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.flattenedRows() }
}
