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
    guard !FileManager.default.fileExists(atPath: file("config.json").path) else { return }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let reason = isFolder.boolValue ? "it has no config.json" : exists ? "it is a file" : "it does not exist"
    throw UserError("There is no run in the folder '\(path)': \(reason).")
  }

  /// Makes a folder for a new run; throws a `UserError` where that is not permitted or where a run is already there.
  public init(creating path: String) throws {
    guard !path.isEmpty else { throw UserError("The path of the run's folder is empty.") }
    url = URL(fileURLWithPath: path, isDirectory: true)
    self.path = path
    try NewFolder.make(path)
    guard !FileManager.default.fileExists(atPath: file("config.json").path) else {
      throw UserError(
        "The folder '\(path)' already holds a run; give another one with --out, or go on with that one by train --resume."
      )
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
    try AtomicFile.write(RunJSON.page(value), to: file(name).path)
  }

  /// Reads a value that `write(_:to:)` wrote.
  public func read<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
    let path = file(name).path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError("The file '\(path)' is missing or cannot be read.")
    }
    do {
      return try RunJSON.decode(type, from: data)
    } catch {
      throw UserError("The file '\(path)' is not what a run writes there: \(RunJSON.reason(error)).")
    }
  }

  /// Adds a line of JSON to the metrics.
  public func append(_ record: some Encodable) throws {
    let path = file("metrics.jsonl").path
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw UserError("The file '\(path)' cannot be written.")
    }
    defer { try? handle.close() }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: RunJSON.line(record))
    } catch {
      throw UserError("The file '\(path)' cannot be written: \(error.localizedDescription).")
    }
  }

  /// All lines of the metrics; a line that was cut off by a crash is left out.
  public func metrics<Record: Decodable>(_ type: Record.Type) -> [Record] {
    let data = FileManager.default.contents(atPath: file("metrics.jsonl").path) ?? Data()
    return data.split(separator: UInt8(ascii: "\n")).compactMap { try? RunJSON.decode(type, from: $0) }
  }

  /// Replaces the metrics, for a run that goes on from a checkpoint before its last line.
  public func replaceMetrics(_ records: [some Encodable]) throws {
    try AtomicFile.write(records.flatMap { try RunJSON.line($0) }, to: file("metrics.jsonl").path)
  }
}
