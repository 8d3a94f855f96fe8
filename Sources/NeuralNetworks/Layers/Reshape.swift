/// Every example in another shape. [batch, ..] → [batch] + `shape`.
public struct Reshape: Layer {
  /// The shape of one example, without the batch; one size may be −1, which stands for what is left.
  public var shape: Shape

  /// A layer that gives every example a shape.
  public init(_ shape: Shape) { self.shape = shape }

  /// The examples in the shape. [batch, ..] → [batch] + `shape`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    guard let batch = x.shape.first else { stop("Reshape: needs an input with a batch axis, not a scalar") }
    var shape = shape
    if let open = shape.firstIndex(of: -1) {
      // Found here and not by `reshaped`, which cannot tell what is left of an empty batch.
      let known = shape.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
      let count = x.shape.dropFirst().reduce(1, *)
      guard known > 0, count % known == 0 else {
        stop("Reshape: examples of shape \(Array(x.shape.dropFirst())) do not fit the shape \(shape)")
      }
      shape[open] = count / known
    }
    return x.reshaped([batch] + shape)
  }
}
