import Foundation

/// A log that TensorBoard shows: figures over steps, pictures and texts, in a file of its own in a run's folder.
///
/// ```swift
/// let log = try EventLog(in: URL(fileURLWithPath: "runs/mine"))
/// try log.add([("training/loss", 0.25)], step: 10)
/// ```
///
/// Then `tensorboard --logdir runs`. What is added is in the file when the call returns.
public struct EventLog: Sendable {
  /// The file: `events.out.tfevents.SECONDS.HOST`.
  public let url: URL

  /// Starts a new file; of earlier files in the folder, what was logged at `step` and later no longer counts.
  ///
  /// - Throws: A `UserError` where the file cannot be written.
  public init(in folder: URL, from step: Int = 0) throws {
    // Readers take the files in the order of their names, so one is later than all others whatever the clock says.
    let last = Self.files(in: folder).last.flatMap { Int($0.lastPathComponent.dropFirst(Self.prefix.count).prefix(10)) }
    let seconds = max(Int(Date().timeIntervalSince1970), (last ?? 0) + 1)
    url = folder.appendingPathComponent("\(Self.prefix)\(String(format: "%010d", seconds)).\(Self.hostName)")
    let events = [LogEvent.Content.version, .start].map { LogEvent(time: Self.now, step: step, content: $0) }
    try AtomicFile.write(events.flatMap(\.record), to: url.path)
  }

  private init(file: URL) { url = file }

  /// The newest log of a folder; nil where there is none.
  public static func newest(in folder: URL) -> EventLog? { files(in: folder).last.map { EventLog(file: $0) } }

  /// Adds figures under their tags; TensorBoard shows those together whose tags are alike before a slash.
  public func add(_ scalars: [(tag: String, value: Double)], step: Int) throws { try add(.scalars(scalars), step) }

  /// Adds a picture, from a PNG file.
  public func add(imageAt file: URL, tag: String, step: Int) throws {
    let bytes = [UInt8](FileManager.default.contents(atPath: file.path) ?? Data())
    guard let size = LogEvent.PNGSize(bytes) else {
      throw UserError("The file '\(file.path)' is not a PNG file, or cannot be read.")
    }
    try add(.image(tag: tag, size, bytes), step)
  }

  /// Adds a text with Markdown in it.
  public func add(text: String, tag: String, step: Int) throws { try add(.text(tag: tag, text), step) }

  private func add(_ content: LogEvent.Content, _ step: Int) throws {
    guard let handle = FileHandle(forWritingAtPath: url.path) else {
      throw UserError("The file '\(url.path)' cannot be written.")
    }
    defer { try? handle.close() }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: LogEvent(time: Self.now, step: step, content: content).record)
    } catch {
      throw UserError("The file '\(url.path)' cannot be written: \(error.localizedDescription).")
    }
  }

  private static let prefix = "events.out.tfevents."
  private static var now: Double { Date().timeIntervalSince1970 }

  /// The logs of a folder, the oldest first.
  private static func files(in folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.sorted().map { folder.appendingPathComponent($0) }
  }

  /// The machine's name, without asking the network; only what any file system takes in a name.
  private static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "host" }
    let name = buffer.prefix { $0 != 0 }.map { Character(UnicodeScalar(UInt8(bitPattern: $0))) }
    let safe = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
    return safe.isEmpty ? "host" : String(safe)
  }
}
