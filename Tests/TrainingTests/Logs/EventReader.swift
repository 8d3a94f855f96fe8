import Foundation

@testable import Training

/// A field of a Protocol Buffers message.
struct ProtobufField: Equatable {
  var number: Int
  /// The value's bytes: of a number eight or four, the lowest first.
  var bytes: [UInt8]

  var integer: Int { Int(truncatingIfNeeded: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
  var double: Double { Double(bitPattern: UInt64(bitPattern: Int64(integer))) }
  var float: Float { Float(bitPattern: UInt32(integer)) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  var fields: [ProtobufField] { Self.fields(of: bytes) }

  static func fields(of message: [UInt8]) -> [ProtobufField] {
    var rest = message[...]
    func variable() -> UInt64 {
      var (value, shift) = (UInt64(0), UInt64(0))
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      return value
    }
    func take(_ count: Int) -> [UInt8] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    var fields: [ProtobufField] = []
    while !rest.isEmpty {
      let key = variable()
      let bytes =
        switch key & 7 {
        case 0: variable().littleEndianBytes
        case 1: take(8)
        case 5: take(4)
        default: take(Int(variable()))
        }
      fields.append(ProtobufField(number: Int(key >> 3), bytes: bytes))
    }
    return fields
  }
}

extension [ProtobufField] {
  subscript(number number: Int) -> ProtobufField? { first { $0.number == number } }
  func all(_ number: Int) -> [ProtobufField] { filter { $0.number == number } }
}

/// The entries of a log; what is cut off at the end, or damaged, is not among them.
func readEvents(_ url: URL) throws -> [[ProtobufField]] {
  var rest = [UInt8](try Data(contentsOf: url))[...]
  var events: [[ProtobufField]] = []
  while rest.count >= 12 {
    let length = Int(rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    guard Array(rest.dropFirst(8).prefix(4)) == CRC32C.masked(rest.prefix(8)).littleEndianBytes,
      rest.count >= length + 16
    else { break }
    let message = Array(rest.dropFirst(12).prefix(length))
    guard Array(rest.dropFirst(12 + length).prefix(4)) == CRC32C.masked(message).littleEndianBytes else { break }
    events.append(ProtobufField.fields(of: message))
    rest = rest.dropFirst(length + 16)
  }
  return events
}

/// The figures in a log: step, tag and value, in the order in which they were added.
func readScalars(_ url: URL) throws -> [(step: Int, tag: String, value: Float)] {
  try readEvents(url).flatMap { event in
    (event[number: 5]?.fields.all(1) ?? []).compactMap { entry in
      guard let value = entry.fields[number: 2], let tag = entry.fields[number: 1] else { return nil }
      return (event[number: 2]?.integer ?? 0, tag.text, value.float)
    }
  }
}
