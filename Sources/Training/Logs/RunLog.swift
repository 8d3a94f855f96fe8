import Foundation

/// Where the figures of a run go as they come: a line of `metrics.jsonl` and an entry of TensorBoard's log for each
/// record.
public struct RunLog<Record: RunRecord>: Sendable {
  private let folder: RunFolder
  private let metric: Metric
  private let events: EventLog

  /// The log of a new run, with its settings as a text.
  public init(startingIn folder: RunFolder, metric: Metric, settings: some Encodable) throws {
    self.folder = folder
    self.metric = metric
    events = try EventLog(in: folder.url)
    try events.add(text: SettingsTable(settings).markdown, tag: "settings", step: 0)
  }

  /// The log of a run that goes on after `step` with these records: later ones are dropped, and written again when the
  /// run comes to them.
  public init(
    resumingIn folder: RunFolder, metric: Metric, settings: some Encodable, after step: Int, records: [Record]
  ) throws {
    let isFirst = EventLog.newest(in: folder.url) == nil
    self.folder = folder
    self.metric = metric
    events = try EventLog(in: folder.url, from: isFirst ? 0 : step + 1)
    try folder.replaceMetrics(records)
    guard isFirst else { return }
    // A run of before there were such logs gets one of the whole of it.
    try events.add(text: SettingsTable(settings).markdown, tag: "settings", step: 0)
    for record in records { try events.add(record.scalars(metric), step: record.step) }
  }

  /// Adds a record.
  public func append(_ record: Record) throws {
    try folder.append(record)
    try events.add(record.scalars(metric), step: record.step)
  }
}

extension RunFolder {
  /// Puts pictures into the newest of the run's logs, under their names; those that are no PNG files are left out, for
  /// TensorBoard shows no others.
  public func log(_ pictures: [URL], step: Int) throws {
    guard let log = EventLog.newest(in: url) else { return }
    for picture in pictures where picture.pathExtension == "png" {
      try log.add(imageAt: picture, tag: picture.deletingPathExtension().lastPathComponent, step: step)
    }
  }

  /// Writes the metrics as a table for spreadsheets, `metrics.csv`: a line with the names of the columns, then one a
  /// record.
  public func writeTable<Record: RunRecord>(of type: Record.Type) throws {
    let rows = metrics(type).map { record in
      record.cells.map { cell in
        cell.map { $0 == $0.rounded() && abs($0) < 1e15 ? String(Int($0)) : String($0) } ?? ""
      }
    }
    let lines = ([Record.columns] + rows).map { $0.joined(separator: ",") + "\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: file("metrics.csv").path)
  }
}
