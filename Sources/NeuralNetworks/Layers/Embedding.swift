/// A table with a vector for each index: [..] (int32) → [.., features].
///
/// It is a `Model` and not a `Layer`, for it takes whole numbers, which have no derivative; the gradient by the table
/// is zero in rows that were not looked up and adds up where an index occurs more than once.
public struct Embedding: Model {
  /// [entries, features].
  public var table: Tensor

  /// A table of `entries` vectors, normally distributed with the standard deviation 1 by default, as in PyTorch.
  public init(
    _ entries: Int, _ features: Int, initializer: Initializer = .normal(standardDeviation: 1), key: RandomKey
  ) {
    table = initializer([entries, features], key: key)
  }

  /// A given table [entries, features].
  public init(table: Tensor) { self.table = table }

  /// The vectors for some indices. [..] (int32) → [.., features].
  ///
  /// An index that is not in `0..<entries` ends the program when the result is computed.
  public func callAsFunction(_ indices: Tensor) -> Tensor { table.gathered(indices) }
}
