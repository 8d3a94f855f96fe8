/// Rows of numbers with their classes: features, measurements, or examples of any other shape.
public struct LabeledVectors: LabeledDataset, Equatable {
  public let exampleShape: [Int]

  /// All examples one after the other, last axis fastest.
  public let values: [Float]

  public let classes: ClassLabels

  /// Rows of equal length, one for each label.
  ///
  /// Throws a ``UserError`` that names the row when one has another length, and the row and column of a value that
  /// is not finite.
  public init(rows: [[Float]], labels: [Int32], classNames: [String]) throws {
    let width = rows.first?.count ?? 0
    for (index, row) in rows.enumerated() where row.count != width {
      throw UserError("row \(index) has \(row.count) values, but row 0 has \(width): all rows must be of one length")
    }
    try self.init(exampleShape: [width], values: rows.flatMap { $0 }, labels: labels, classNames: classNames)
  }

  /// Examples of any shape, their values one after the other.
  ///
  /// - Parameters:
  ///   - values: `labels.count` times the product of `exampleShape` values, last axis fastest.
  ///   - labels: the class of each example, in `0..<classNames.count`.
  /// - Throws: a ``UserError`` when the number of values does not fit, a value is not finite (row and column are
  ///   named; the column counts through the example) or a label is out of range.
  public init(exampleShape: [Int], values: [Float], labels: [Int32], classNames: [String]) throws {
    guard exampleShape.allSatisfy({ $0 > 0 }) || labels.isEmpty else {
      throw UserError("examples of shape \(exampleShape): every extent must be positive")
    }
    let size = exampleShape.reduce(1, *)
    guard values.count == labels.count * size else {
      throw UserError(
        "\(labels.count) labels need \(labels.count) examples of \(size) values = \(labels.count * size), "
          + "but there are \(values.count)")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw UserError("the value in row \(bad / size), column \(bad % size) is \(values[bad]): it must be finite")
    }
    self.exampleShape = exampleShape
    self.values = values
    self.classes = try ClassLabels(labels, names: classNames)
  }

  public func copyExample(at index: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    let size = exampleSize
    precondition(buffer.count == size, "a buffer of \(buffer.count) values for an example of \(size)")
    _ = buffer.update(fromContentsOf: values[index * size..<(index + 1) * size])
  }

  /// The examples of some classes, class by class; the classes are numbered anew in the order given.
  ///
  /// Throws a ``UserError`` when a class does not exist or is named twice.
  public func restricted(toClasses kept: some Sequence<Int>) throws -> LabeledVectors {
    let (labels, indices) = try classes.restricted(to: Array(kept))
    return try LabeledVectors(
      exampleShape: exampleShape, values: examples(at: indices), labels: labels.labels, classNames: labels.names)
  }
}
