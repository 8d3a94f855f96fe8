import Foundation

/// The runs in a folder, a line each.
public struct RunListing: Sendable {
  /// A run, or what is wrong with it.
  public struct Entry: Sendable {
    public var name: String
    public var run: Result<RecordedRun, UserError>
  }

  /// By their names.
  public let entries: [Entry]
  private let path: String

  /// The runs right below a folder; others than runs are left out.
  ///
  /// - Throws: A `UserError` where the folder cannot be read.
  public init(_ path: String) throws {
    self.path = path
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw UserError("The folder '\(path)' does not exist or cannot be read.")
    }
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    entries = try names.sorted().compactMap { name in
      let place = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: place.appendingPathComponent("config.json").path) else { return nil }
      do {
        return Entry(name: name, run: .success(try RecordedRun(opening: place.path)))
      } catch let error as UserError {
        return Entry(name: name, run: .failure(error))
      }
    }
  }

  /// A run as an object of JSON.
  public struct Row: Sendable, Codable {
    public var run: String
    public var dataset: String?
    public var task: String?
    public var algorithm: String?
    public var done: Int?
    public var total: Int?
    public var metric: Metric?
    public var validation: JSONNumber?
    public var validationCI95: JSONNumber?
    public var isFinished: Bool?
    /// Why the run cannot be read.
    public var error: String?
  }

  public var rows: [Row] {
    entries.map { entry in
      switch entry.run {
      case .failure(let error): Row(run: "\(path)/\(entry.name)", error: error.description)
      case .success(let run):
        Row(
          run: "\(path)/\(entry.name)", dataset: run.dataset.rawValue, task: run.task, algorithm: run.algorithm,
          done: run.done, total: run.total, metric: run.metric,
          validation: run.lastValidation?.validation.map(JSONNumber.init),
          validationCI95: run.lastValidation?.validationCI95.map(JSONNumber.init), isFinished: run.isFinished)
      }
    }
  }

  /// The lines, or a sentence where there are no runs.
  public var text: String {
    guard !entries.isEmpty else { return "There are no runs in '\(path)'." }
    var table = TextTable([
      .init("run", widest: 32), .init("done", isRight: true), .init("validation", isRight: true), .init(""),
      .init("what"),
    ])
    table.rows = entries.map { entry in
      guard case .success(let run) = entry.run else { return [entry.name, "", "", "", "cannot be read"] }
      let last = run.lastValidation.map { run.metric.text($0.validation ?? .nan, $0.validationCI95) }
      return [
        entry.name, "\(run.done)/\(run.total)", last ?? "–",
        run.isFinished ? "finished" : run.isTrained ? "untested" : "unfinished",
        "\(run.dataset.rawValue), \(run.task), \(run.algorithm)",
      ]
    }
    return table.lines.joined(separator: "\n")
  }
}

extension RecordedRun {
  /// Whether it is trained and tested.
  public var isFinished: Bool { isTrained && result != nil }
}
