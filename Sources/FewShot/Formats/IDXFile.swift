import Foundation

/// An array of bytes in the IDX format of the MNIST database (Y. LeCun et al., yann.lecun.com/exdb/mnist).
public struct IDXFile: Equatable, Sendable {
  /// The extent of each axis, the first varying slowest.
  public let dimensions: [Int]

  /// The values, as many as the product of ``dimensions``.
  public let bytes: [UInt8]

  /// Reads a file, through gzip if its name ends in `.gz`.
  ///
  /// Throws a ``UserError`` that names the file when it is missing, is no IDX file, holds another type than unsigned
  /// bytes, or holds more or fewer values than its header says.
  public init(contentsOf url: URL) throws {
    let contents =
      url.pathExtension == "gz" ? try GzipFile.read(url) : try InputFile.bytes(of: url, expected: "an IDX file")
    try self.init(contents, name: url.path)
  }

  /// Parses the contents of a file; `name` is said in errors.
  init(_ contents: [UInt8], name: String) throws {
    guard contents.count >= 4, contents[0] == 0, contents[1] == 0, contents[3] > 0 else {
      let found = contents.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
      throw UserError("\(name) is not an IDX file: it must begin with 00 00, but begins with \(found)")
    }
    guard contents[2] == 0x08 else {
      let type = String(contents[2], radix: 16)
      throw UserError("\(name) holds values of IDX type 0x\(type); expected unsigned bytes (type 0x8)")
    }
    let header = 4 + 4 * Int(contents[3])
    guard contents.count >= header else {
      throw UserError("\(name) ends within its header of \(header) bytes")
    }
    let dimensions = stride(from: 4, to: header, by: 4).map { start in
      contents[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    var size: Int? = 1
    for extent in dimensions {
      let product = size?.multipliedReportingOverflow(by: extent)
      size = product.flatMap { $0.overflow ? nil : $0.partialValue }
    }
    guard size == contents.count - header else {
      let shape = dimensions.map(String.init).joined(separator: "x")
      throw UserError("\(name) promises \(shape) bytes in its header, but holds \(contents.count - header)")
    }
    self.dimensions = dimensions
    self.bytes = Array(contents[header...])
  }
}
