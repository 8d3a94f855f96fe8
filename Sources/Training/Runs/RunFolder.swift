import Foundation

/// The folder that a run leaves: configuration, metrics line by line, weights, checkpoint and pictures.
public struct RunFolder: Sendable {
  /// Where it is.
  public let url: URL
  /// The path as it was given.
  public let path: String

  /// Opens the folder of an earlier run; throws a `UserError` where there is none.
  public init(opening path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    self.path = path
    guard FileManager.default.fileExists(atPath: file("config.json").path) else {
      throw UserError("There is no run in the folder '\(path)': it has no config.json.")
    }
  }

  /// Makes a folder for a new run; throws a `UserError` where that is not permitted or where a run is already there.
  public init(creating path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    self.path = path
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      // Foundation's errors differ between platforms; the system call says why.
      errno = 0
      _ = mkdir(path, 0o777)
      let reason = errno == ENOENT ? "the folder that it is to be in is missing" : String(cString: strerror(errno)).lowercased()
      throw UserError("The folder '\(path)' cannot be made: \(reason).")
    }
    guard !FileManager.default.fileExists(atPath: file("config.json").path) else {
      throw UserError("The folder '\(path)' already holds a run; give another one with --out, or --resume that run.")
    }
    // Found out now rather than after an hour of training.
    try AtomicFile.write([], to: file("metrics.jsonl").path)
  }

  /// A path `runs/NAME`, with a number after it where that is taken.
  public static func unusedPath(named name: String) -> String {
    let taken = { FileManager.default.fileExists(atPath: $0) }
    return (1...).lazy.map { $0 == 1 ? "runs/\(name)" : "runs/\(name)-\($0)" }.first { !taken($0) } ?? "runs/\(name)"
  }

  /// A file of the folder.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Writes a value as readable JSON.
  public func write(_ value: some Encodable, to name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .asText
    try AtomicFile.write(Array(try encoder.encode(value)) + Array("\n".utf8), to: file(name).path)
  }

  /// Reads a value that `write(_:to:)` wrote.
  public func read<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
    let path = file(name).path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError("The file '\(path)' is missing or cannot be read.")
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw UserError("The file '\(path)' is not what a run writes there: \(error).")
    }
  }

  /// Adds a line of JSON to the metrics.
  public func append(_ record: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .asText
    let line = try encoder.encode(record) + Data("\n".utf8)
    let path = file("metrics.jsonl").path
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw UserError("The file '\(path)' cannot be written.")
    }
    defer { try? handle.close() }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: line)
    } catch {
      throw UserError("The file '\(path)' cannot be written: \(error.localizedDescription).")
    }
  }

  /// All lines of the metrics; a line that was cut off by a crash is left out.
  public func metrics<Record: Decodable>(_ type: Record.Type) -> [Record] {
    let data = FileManager.default.contents(atPath: file("metrics.jsonl").path) ?? Data()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(type, from: $0) }
  }

  /// Replaces the metrics, for a run that goes on from a checkpoint before its last line.
  public func replaceMetrics(_ records: [some Encodable]) throws {
    try AtomicFile.write([], to: file("metrics.jsonl").path)
    for record in records { try append(record) }
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// JSON has no NaN or infinity; they are written as texts that say so.
  static var asText: Self {
    .convertToString(positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
  }
}
