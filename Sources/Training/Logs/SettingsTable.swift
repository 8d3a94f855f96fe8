import Foundation

/// The settings of a run as people read them: a name and a value each, in the order of the names.
public struct SettingsTable: Sendable, Equatable {
  /// A setting.
  public struct Row: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public let rows: [Row]

  /// The settings of any configuration that can be written as JSON.
  public init(_ configuration: some Encodable) throws {
    let json = try RunJSON.decode(JSONValue.self, from: Data(RunJSON.line(configuration)))
    rows = Self.rows(json, under: "").sorted { $0.name < $1.name }
  }

  /// As a table in Markdown.
  public var markdown: String {
    func escaped(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
    let lines = rows.map { "| \(escaped($0.name)) | \(escaped($0.value)) |" }
    return (["| setting | value |", "|---|---|"] + lines).joined(separator: "\n")
  }

  private static func rows(_ json: JSONValue, under name: String, isGroup: Bool = false) -> [Row] {
    guard case .object(let parts) = json, isGroup || json.choice == nil else {
      return json == .null ? [] : [Row(name: name, value: json.text)]
    }
    return parts.flatMap { key, part in
      // The groups in which a configuration keeps these settings say nothing to its readers.
      let isGroup = ["options", "shape"].contains(key)
      return isGroup
        ? rows(part, under: name, isGroup: true) : rows(part, under: (name.isEmpty ? "" : name + ": ") + words(key))
    }
  }

  /// `innerRate` as "inner rate", `isFirstOrder` as "first order".
  private static func words(_ key: String) -> String {
    if let name = ["plusPlus": "MAML++", "dataset": "data set"][key] { return name }
    let words = key.map { $0.isUppercase ? " " + $0.lowercased() : String($0) }.joined()
    return words.hasPrefix("is ") ? String(words.dropFirst(3)) : words
  }
}

/// Any JSON.
private enum JSONValue: Decodable, Equatable {
  case null
  /// A number, a text, or true or false, as it is shown.
  case scalar(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .scalar(value ? "yes" : "no")
    } else if let value = try? container.decode(UInt64.self) {
      self = .scalar(String(value))
    } else if let value = try? container.decode(String.self) {
      // Before floating-point numbers, for which a run writes texts where they are not finite.
      self = .scalar(value)
    } else if let value = try? container.decode(Double.self) {
      self = .scalar(String(value))
    } else if let values = try? container.decode([JSONValue].self) {
      self = .list(values)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// How an enumeration is written: its case, with what belongs to it.
  var choice: (name: String, parts: [String: JSONValue])? {
    guard case .object(let cases) = self, cases.count == 1, let (name, parts) = cases.first,
      case .object(let values) = parts
    else { return nil }
    return (name, values)
  }

  var text: String {
    if let choice {
      let parts = choice.parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
      return choice.name + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
    }
    switch self {
    case .null: return ""
    case .scalar(let text): return text
    case .list(let values): return values.map(\.text).joined(separator: ", ")
    case .object(let parts):
      return parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
    }
  }
}
