import Foundation

/// JSON as runs write and read it: JSON has no NaN or infinity, which become texts that say so.
public enum RunJSON {
  /// A value on one line, which it ends.
  public static func line(_ value: some Encodable) throws -> [UInt8] { try encoded(value, []) }

  /// A value on indented lines, for people.
  package static func page(_ value: some Encodable) throws -> [UInt8] { try encoded(value, .prettyPrinted) }

  private static func encoded(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return try encoder.encode(value) + [UInt8(ascii: "\n")]
  }

  /// Reads what `line` or `page` wrote.
  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return try decoder.decode(type, from: data)
  }

  /// Why a value could not be read, without the decoder's internals.
  package static func reason(_ error: any Error) -> String {
    func name(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    switch error {
    case DecodingError.keyNotFound(let key, let context): return "'\(name(context.codingPath + [key]))' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return context.codingPath.isEmpty
        ? "it is not an object" : "'\(name(context.codingPath))' has a value of another kind"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "'\(name(context.codingPath))' has a value that is not known"
    default: return "it is not JSON"
    }
  }
}
