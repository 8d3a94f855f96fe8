// Tensors print as NumPy's arrays do: columns aligned, rows wrapped at 75 characters, and of more than 1000 elements
// only three at each end of every axis.

extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The numbers, as NumPy's `str` writes them.
  public var description: String { formatted(separator: " ", indent: 0, width: 75) }

  /// The numbers with commas, and their type: `Tensor([1., 2.], float32)`.
  public var debugDescription: String {
    let lead = "Tensor("
    let numbers = formatted(separator: ", ", indent: lead.count, width: 74)
    return lead + numbers + (count == 0 && rank > 1 ? ", shape: \(shape)" : "") + ", \(scalarType))"
  }

  private func formatted(separator: String, indent: Int, width: Int) -> String {
    if rank == 0 { return scalarText }
    if count == 0 { return "[]" }
    let indices = ArrayLayout.shownIndices(of: shape)
    let words =
      switch scalarType {
      case .float32: Words.aligned(pick(scalars(as: Float.self), indices))
      case .float64: Words.aligned(pick(scalars(as: Double.self), indices))
      case .int32: Words.padded(pick(scalars(as: Int32.self), indices).map { "\($0)" })
      case .bool: pick(scalars(as: Bool.self), indices).map { $0 ? " True" : "False" }
      }
    var layout = ArrayLayout(shape: shape, separator: separator, words: words)
    return layout.text(indent: String(repeating: " ", count: indent + 1), width: width)
  }

  /// The elements at all combinations of indices, in row-major order.
  private func pick<S>(_ scalars: [S], _ indices: [[Int]]) -> [S] {
    var places = [0]
    for (stride, indices) in zip(shape.denseStrides, indices) {
      places = places.flatMap { place in indices.map { place + $0 * stride } }
    }
    return places.map { scalars[$0] }
  }

  private var scalarText: String {
    switch scalarType {
    case .float32: Words.alone(scalars(as: Float.self)[0], greatestFixed: 1e6)
    case .float64: Words.alone(scalars(as: Double.self)[0], greatestFixed: 1e16)
    case .int32: "\(scalars(as: Int32.self)[0])"
    case .bool: scalars(as: Bool.self)[0] ? "True" : "False"
    }
  }
}

/// How numbers are written, by themselves and among others.
private enum Words {
  typealias Float = BinaryFloatingPoint & LosslessStringConvertible

  static func padded(_ words: [String]) -> [String] {
    let width = words.reduce(0) { Swift.max($0, $1.count) }
    return words.map { String(repeating: " ", count: width - $0.count) + $0 }
  }

  /// A number by itself, in all its digits.
  static func alone<F: Float>(_ value: F, greatestFixed: F) -> String {
    guard value.isFinite else { return special(value) }
    let text = DecimalText(value)
    if value == 0 || (Swift.abs(Double(value)) >= 1e-4 && value.magnitude < greatestFixed) {
      let (whole, fraction) = text.fixed()
      return "\(whole).\(fraction.isEmpty ? "0" : fraction)"
    }
    let (whole, fraction, exponent) = text.scientific()
    return whole + (fraction.isEmpty ? "" : ".\(fraction)") + "e\(exponent)"
  }

  /// Numbers with their points below each other, to at most eight places.
  static func aligned<F: Float>(_ values: [F]) -> [String] {
    let sizes = values.filter { $0.isFinite && $0 != 0 }.map(\.magnitude)
    let (least, greatest) = (sizes.min() ?? 1, sizes.max() ?? 1)
    // A type of fewer digits turns to scientific notation earlier.
    let greatestFixed: F = F.significandBitCount < 52 ? 1e6 : 1e8
    let isScientific = greatest >= greatestFixed || least < 0.0001 || greatest / least > 1000

    let parts = values.map { value -> (whole: String, fraction: String, exponent: String) in
      guard value.isFinite else { return ("", "", "") }
      if isScientific { return DecimalText(value).scientific(places: 8) }
      let (whole, fraction) = DecimalText(value).fixed(places: 8)
      return (whole, fraction, "")
    }
    let places = parts.reduce(0) { Swift.max($0, $1.fraction.count) }
    let powers = parts.reduce(0) { Swift.max($0, $1.exponent.count - 1) }
    return padded(
      zip(values, parts).map { value, part in
        guard value.isFinite else { return special(value) }
        guard isScientific else {
          return "\(part.whole).\(part.fraction)" + String(repeating: " ", count: places - part.fraction.count)
        }
        // Places that the shortest digits leave over are filled with the number's further digits, not with zeros.
        let full = DecimalText(value).padded(places: places)
        let (sign, power) = (full.exponent.prefix(1), full.exponent.dropFirst())
        return "\(full.whole).\(full.fraction)e\(sign)" + String(repeating: "0", count: powers - power.count) + power
      })
  }

  private static func special<F: Float>(_ value: F) -> String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
}

/// Sets words in nested brackets, as many to a line as fit.
private struct ArrayLayout {
  let shape: Shape
  let separator: String
  let words: [String]
  private var next = 0

  init(shape: Shape, separator: String, words: [String]) {
    (self.shape, self.separator, self.words) = (shape, separator, words)
  }

  private static let edge = 3

  /// The indices that are shown, along each axis.
  static func shownIndices(of shape: Shape) -> [[Int]] {
    shape.map { size in
      shape.elementCount > 1000 && size > 2 * edge ? Array(0..<edge) + Array((size - edge)..<size) : Array(0..<size)
    }
  }

  /// The text of the part below `axis`, whose first line is not indented.
  mutating func text(indent: String, width: Int, axis: Int = 0) -> String {
    let shown = Self.shownIndices(of: shape)[axis].count
    let gap = shown < shape[axis] ? Self.edge : nil
    var lines = ""
    if axis == shape.count - 1 {
      let longest = width - Swift.max(separator.last == " " ? separator.count - 1 : separator.count, 1)
      var line = indent
      func add(_ word: String, _ lines: inout String) {
        if line.count + word.count > longest, line.count > indent.count {
          while line.last == " " { line.removeLast() }
          lines += line + "\n"
          line = indent
        }
        line += word
      }
      for i in 0..<shown {
        if i == gap {
          add("...", &lines)
          line += separator
        }
        add(words[next], &lines)
        next += 1
        if i < shown - 1 { line += separator }
      }
      lines += line
    } else {
      let comma = separator.last == " " ? String(separator.dropLast()) : separator
      let end = comma + String(repeating: "\n", count: shape.count - 1 - axis)
      for i in 0..<shown {
        if i == gap { lines += indent + "..." + end }
        lines += indent + text(indent: indent + " ", width: width - 1, axis: axis + 1)
        if i < shown - 1 { lines += end }
      }
    }
    return "[" + lines.dropFirst(indent.count) + "]"
  }
}
