import Foundation

/// An array in NumPy's `.npy` format, versions 1 to 3
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
///
/// Nothing in a file is run: arrays of Python objects are refused, and every length is checked before it is used.
public struct NumPyArray: Equatable, Sendable {
  /// The elements, the last axis fastest.
  public enum Elements: Equatable, Sendable {
    /// Of `uint8` and `bool`.
    case bytes([UInt8])
    /// Of the other integers.
    case integers([Int])
    /// Of `float32` and `float64`.
    case floats([Float])
    /// Of texts of a fixed length (`<U`), the zeros at their ends left out.
    case texts([String])
  }

  /// The extent of each axis.
  public let shape: [Int]
  public let elements: Elements

  /// Reads a file.
  ///
  /// Throws a ``UserError`` that names the file when it is missing, is no such array, is cut off, or holds a type that is
  /// not read.
  public init(contentsOf url: URL) throws {
    try self.init(InputFile.bytes(of: url, expected: "an array in NumPy's format (.npy)"), name: url.path)
  }

  /// Reads the arrays of an `.npz` file by their names.
  ///
  /// Throws a ``UserError`` that names the file, and the array in it, as `init(contentsOf:)` does.
  public static func arrays(ofArchive url: URL) throws -> [String: NumPyArray] {
    var arrays: [String: NumPyArray] = [:]
    try ZipArchive.forEachFile(in: url) { path, contents in
      let name = path.hasSuffix(".npy") ? String(path.dropLast(4)) : path
      arrays[name] = try NumPyArray(contents, name: "\(url.path), array '\(name)'")
    }
    return arrays
  }

  /// Parses the contents of a file; `name` is said in errors.
  init(_ contents: [UInt8], name: String) throws {
    guard contents.count >= 10, contents.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw UserError("\(name) is not an array in NumPy's format (.npy)")
    }
    let version = contents[6]
    guard (1...3).contains(version) else {
      throw UserError("\(name) has version \(version) of NumPy's format; expected 1, 2 or 3")
    }
    let prefix = version == 1 ? 10 : 12
    let length = contents.dropFirst(8).prefix(prefix - 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard contents.count >= prefix + length else { throw UserError("\(name) is cut off within its header") }
    let header = try NumPyHeader(
      String(decoding: contents[prefix..<prefix + length], as: UTF8.self), name: name)
    let values = contents[(prefix + length)...]
    let (count, isTooLarge) = header.shape.reduce((1, false)) { product, extent in
      let next = product.0.multipliedReportingOverflow(by: extent)
      return (next.partialValue, product.1 || next.overflow)
    }
    let (size, overflows) = count.multipliedReportingOverflow(by: header.itemSize)
    guard !isTooLarge, !overflows, size == values.count else {
      throw UserError(
        "\(name) promises \(header.shape) values of \(header.itemSize) bytes in its header, but holds \(values.count) bytes"
      )
    }
    shape = header.shape
    let order = header.isFortran ? Self.rowMajorOrder(shape) : nil
    func read<Element>(_ element: (UnsafeRawBufferPointer) -> Element) -> [Element] {
      values.withUnsafeBytes { bytes in
        (0..<count).map { index in
          let start = (order?[index] ?? index) * header.itemSize
          return element(UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.itemSize]))
        }
      }
    }
    func whole<Number: FixedWidthInteger>(_: Number.Type) throws -> Elements {
      let numbers = read { $0.loadUnaligned(as: Number.self) }
      return .integers(
        try numbers.map { number in
          guard let whole = Int(exactly: number) else {
            throw UserError("\(name) holds the number \(number), which is too large")
          }
          return whole
        })
    }
    switch (header.kind, header.itemSize) {
    case ("b", 1), ("u", 1): elements = .bytes(order == nil ? Array(values) : read { $0[0] })
    case ("i", 1): elements = try whole(Int8.self)
    case ("i", 2): elements = try whole(Int16.self)
    case ("i", 4): elements = try whole(Int32.self)
    case ("i", 8): elements = try whole(Int64.self)
    case ("u", 2): elements = try whole(UInt16.self)
    case ("u", 4): elements = try whole(UInt32.self)
    case ("u", 8): elements = try whole(UInt64.self)
    case ("f", 4): elements = .floats(read { $0.loadUnaligned(as: Float.self) })
    case ("f", 8): elements = .floats(read { Float($0.loadUnaligned(as: Double.self)) })
    case ("U", _): elements = .texts(try read { $0 }.map { try Self.text($0, name) })
    default:
      throw UserError(
        "\(name) holds values of the type '\(header.type)'; expected bool, an integer, float32, float64 or text")
    }
  }

  /// A text in UTF-32, up to the zeros at its end.
  private static func text(_ bytes: UnsafeRawBufferPointer, _ name: String) throws -> String {
    var text = String.UnicodeScalarView()
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let code = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
      if code == 0 { break }
      guard let scalar = Unicode.Scalar(code) else { throw UserError("\(name) holds a text that is not Unicode") }
      text.append(scalar)
    }
    return String(text)
  }

  /// For each element in row-major order its place in column-major order.
  private static func rowMajorOrder(_ shape: [Int]) -> [Int] {
    var (places, stride) = ([0], 1)
    for extent in shape {
      let step = stride
      places = places.flatMap { place in (0..<extent).map { place + $0 * step } }
      stride *= extent
    }
    return places
  }
}

/// What stands before the values: a Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
private struct NumPyHeader {
  var type: String
  var kind: Character
  var itemSize: Int
  var isFortran: Bool
  var shape: [Int]

  init(_ text: String, name: String) throws {
    func mistake(_ what: String) -> UserError { UserError("\(name) has a header that is not NumPy's: \(what)") }
    func value(of key: String) throws -> Substring {
      guard let place = text.range(of: "'\(key)':") else { throw mistake("it has no '\(key)'") }
      return text[place.upperBound...].drop { $0 == " " }
    }
    let order = try value(of: "fortran_order")
    guard order.hasPrefix("True") || order.hasPrefix("False") else {
      throw mistake("'fortran_order' is no truth value")
    }
    isFortran = order.hasPrefix("True")

    let tuple = try value(of: "shape")
    guard tuple.first == "(", let end = tuple.firstIndex(of: ")") else { throw mistake("'shape' is no tuple") }
    shape = try tuple[tuple.index(after: tuple.startIndex)..<end].split(separator: ",").compactMap { part in
      let digits = part.trimmingCharacters(in: .whitespaces)
      if digits.isEmpty { return nil }
      guard let extent = Int(digits), extent >= 0 else { throw mistake("'\(digits)' is no extent of an axis") }
      return extent
    }

    let descr = try value(of: "descr")
    guard let quote = descr.first, quote == "'" || quote == "\"",
      let close = descr.dropFirst().firstIndex(of: quote)
    else { throw UserError("\(name) holds records of several values; expected an array of numbers or texts") }
    type = String(descr[descr.index(after: descr.startIndex)..<close])
    guard type.count >= 3, let first = type.first, "<>=|".contains(first), let size = Int(type.dropFirst(2)), size > 0,
      size < 1 << 20
    else { throw UserError("\(name) holds values of the type '\(type)', which is not read") }
    guard first != ">" || size == 1 else {
      throw UserError("\(name) holds big-endian values ('\(type)'); save it with the machine's own order")
    }
    kind = type[type.index(after: type.startIndex)]
    // Texts are counted in characters of four bytes.
    itemSize = kind == "U" ? 4 * size : size
  }
}
