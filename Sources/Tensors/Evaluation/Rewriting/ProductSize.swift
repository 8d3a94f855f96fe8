/// The size of a product of matrices, and about how long it takes.
struct ProductSize {
  var batch: Int
  var rows: Int
  var inner: Int
  var columns: Int

  /// Nanoseconds to read or write an element.
  static let passTime = 0.1

  init(batch: Int, rows: Int, inner: Int, columns: Int) {
    (self.batch, self.rows, self.inner, self.columns) = (batch, rows, inner, columns)
  }

  /// Of a product node.
  init(_ node: Node) {
    let shape = node.shape
    self.init(
      batch: shape.dropLast(2).reduce(1, *), rows: shape[shape.count - 2], inner: node.inputs[0].shape.last ?? 1,
      columns: shape[shape.count - 1])
  }

  /// The rows of the whole batch in one product.
  var joined: ProductSize { ProductSize(batch: 1, rows: batch * rows, inner: inner, columns: columns) }

  /// Nanoseconds, as measured: about 150 operations each, in whole vectors, and what a call costs.
  var time: Double {
    Double(batch) * (30 + 2 * Double(rows) * Double(inner) * Double((columns + 15) / 16 * 16) / 150)
  }
}
