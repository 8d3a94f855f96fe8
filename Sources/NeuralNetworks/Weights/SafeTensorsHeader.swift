import Foundation

/// The header of a safetensors file: which tensors lie where.
struct SafeTensorsHeader {
  static let metadataName = "__metadata__"
  /// The longest header that other readers of the format accept.
  static let greatestLength = 100_000_000

  /// A tensor of the file, checked.
  struct Entry {
    var type: SafeTensorsType
    var shape: Shape
    /// The number of elements.
    var count: Int
    /// Where its bytes begin, counted from the end of the header.
    var begin: Int
    var byteCount: Int { count * type.byteCount }
  }

  /// The tensors by name.
  var entries: [String: Entry] = [:]
  var metadata: [String: String] = [:]
  /// Where the data begin in the file.
  var dataStart: Int

  /// Reads and checks the header of a file's bytes.
  init(_ bytes: [UInt8], file: String) throws {
    guard bytes.count >= 8 else {
      throw UserError("\(file) is not a safetensors file: it has only \(bytes.count) bytes")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.greatestLength) else {
      throw UserError("\(file) is not a safetensors file: it announces a header of \(length) bytes")
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw UserError(
        "\(file) is cut off: its header should have \(length) bytes, but only \(bytes.count - 8) bytes follow")
    }
    dataStart = 8 + Int(length)
    let json = bytes[8..<dataStart]
    let decoded: Decoded
    do {
      guard json.first == UInt8(ascii: "{") else { throw UserError("it does not begin with a brace") }
      decoded = try JSONDecoder().decode(Decoded.self, from: Data(json))
    } catch let error as UserError {
      throw UserError("\(file) is not a safetensors file: its header is wrong, for \(error)")
    } catch {
      throw UserError("\(file) is not a safetensors file: its header is not JSON")
    }
    // A decoder keeps one of several values of a name and does not say so.
    if let name = JSONNames.firstTwice(in: json) {
      throw UserError("\(file): the header has the name '\(name)' twice")
    }
    metadata = decoded.metadata
    for (name, raw) in decoded.entries { entries[name] = try Self.checked(raw, "\(file): the tensor '\(name)'") }
    try checkLayout(dataCount: bytes.count - dataStart, raw: decoded.entries, file: file)
  }

  /// Checks what an entry says by itself.
  private static func checked(_ raw: RawEntry, _ subject: String) throws -> Entry {
    guard let type = SafeTensorsType(rawValue: raw.dtype) else {
      throw UserError("\(subject) has the type \(raw.dtype); expected \(SafeTensorsType.readable)")
    }
    guard raw.shape.count <= Tensor.greatestRank, raw.shape.allSatisfy({ $0 >= 0 }) else {
      throw UserError(
        "\(subject) has the shape \(raw.shape); expected at most \(Tensor.greatestRank) axes, none negative")
    }
    var bytes = type.byteCount
    for size in raw.shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard !overflow else { throw UserError("\(subject) has the shape \(raw.shape), which is too large") }
      bytes = product
    }
    guard raw.offsets.count == 2, raw.offsets[0] >= 0, raw.offsets[1] >= raw.offsets[0] else {
      throw UserError("\(subject) has the offsets \(raw.offsets); expected where it begins and where it ends")
    }
    guard raw.offsets[1] - raw.offsets[0] == bytes else {
      throw UserError(
        "\(subject) has \(raw.offsets[1] - raw.offsets[0]) bytes; expected \(bytes) for the shape \(raw.shape)")
    }
    return Entry(type: type, shape: raw.shape, count: bytes / type.byteCount, begin: raw.offsets[0])
  }

  /// Checks that the tensors follow each other without gaps and fill the file, as the format demands.
  private func checkLayout(dataCount: Int, raw: [String: RawEntry], file: String) throws {
    var end = 0
    for (name, entry) in raw.sorted(by: { ($0.value.offsets, $0.key) < ($1.value.offsets, $1.key) }) {
      guard entry.offsets[1] <= dataCount else {
        throw UserError(
          "\(file) is cut off: the tensor '\(name)' ends at byte \(entry.offsets[1]), and there are \(dataCount)")
      }
      guard entry.offsets[0] == end else {
        let reason = entry.offsets[0] < end ? "overlaps with the tensor before" : "leaves a gap to the tensor before"
        throw UserError(
          "\(file): the tensor '\(name)' begins at byte \(entry.offsets[0]), which \(reason); expected \(end)")
      }
      end = entry.offsets[1]
    }
    guard end == dataCount else {
      throw UserError("\(file) has \(dataCount) bytes of data, but its tensors fill \(end)")
    }
  }

  /// The length and the header for tensors that follow each other in this order.
  static func encoded(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) throws -> [UInt8] {
    var decoded = Decoded(metadata: metadata)
    var end = 0
    for (name, tensor) in tensors {
      let begin = end
      end += tensor.count * tensor.scalarType.byteCount
      decoded.entries[name] = RawEntry(
        dtype: SafeTensorsType(tensor.scalarType).rawValue, shape: tensor.shape, offsets: [begin, end])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = [UInt8](try encoder.encode(decoded))
    // Spaces at the end let the data begin at a multiple of 8.
    json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }
}

/// An entry as it is written.
private struct RawEntry: Codable {
  var dtype: String
  var shape: [Int]
  var offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case offsets = "data_offsets"
  }
}

/// The JSON object of the header.
private struct Decoded: Codable {
  var entries: [String: RawEntry] = [:]
  var metadata: [String: String]

  struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(metadata: [String: String]) { self.metadata = metadata }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    metadata = [:]
    for name in container.allKeys {
      do {
        if name.stringValue == SafeTensorsHeader.metadataName {
          metadata = try container.decode([String: String].self, forKey: name)
        } else {
          entries[name.stringValue] = try container.decode(RawEntry.self, forKey: name)
        }
      } catch {  // Not only a `DecodingError`: a number that does not fit throws another one.
        throw UserError(
          name.stringValue == SafeTensorsHeader.metadataName
            ? "'__metadata__' is not made of texts"
            : "the tensor '\(name.stringValue)' does not have a dtype, a shape and data_offsets of whole numbers")
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    if !metadata.isEmpty {
      try container.encode(metadata, forKey: Name(stringValue: SafeTensorsHeader.metadataName))
    }
    for (name, entry) in entries { try container.encode(entry, forKey: Name(stringValue: name)) }
  }
}

/// `[Int]` does not compare; the offsets of tensors do, by their beginnings and then by their ends.
private func < (a: ([Int], String), b: ([Int], String)) -> Bool {
  a.0 == b.0 ? a.1 < b.1 : a.0.lexicographicallyPrecedes(b.0)
}
