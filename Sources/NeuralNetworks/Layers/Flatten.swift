/// Every example as one row. [batch, ..] → [batch, features].
public struct Flatten: Layer {
  public init() {}

  public func callAsFunction(_ x: Tensor) -> Tensor { x.flattenedRows() }
}
