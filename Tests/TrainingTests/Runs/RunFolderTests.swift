import Foundation
import Testing

@testable import Training

@Suite struct RunFolderTests {
  private struct Record: Codable, Equatable {
    var step: Int
    var loss: Double
    var note: String?
  }

  /// A folder of its own for each test.
  private let place = FileManager.default.temporaryDirectory.appendingPathComponent("runs-\(UUID().uuidString)")

  /// Runs `body` with a path within the test's folder, which is removed afterwards.
  private func withPlace(_ body: (_ path: String) throws -> Void) throws {
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    try body(place.appendingPathComponent("run").path)
  }

  @Test func aNewFolderBecomesARun() throws {
    try withPlace { path in
      let deep = path + "/a/b"
      let folder = try RunFolder(creating: deep)
      #expect(folder.path == deep)
      #expect(FileManager.default.fileExists(atPath: deep + "/metrics.jsonl"))
      expectUserError("no run in the folder '\(deep)'", "no config.json") { _ = try RunFolder(opening: deep) }
      try folder.write(Record(step: 1, loss: 0.5), to: "config.json")
      #expect(try RunFolder(opening: deep).url == folder.url)
      expectUserError("'\(deep)' already holds a run", "--out", "--resume") { _ = try RunFolder(creating: deep) }
    }
  }

  @Test func aRunThatWasRefusedIsUntouched() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      try folder.write(Record(step: 1, loss: 0.5), to: "config.json")
      try folder.append(Record(step: 2, loss: 0.25))
      expectUserError("already holds") { _ = try RunFolder(creating: path) }
      #expect(folder.metrics(Record.self) == [Record(step: 2, loss: 0.25)])
    }
  }

  @Test func missingFoldersAndFilesAreNoRuns() throws {
    try withPlace { path in
      expectUserError("no run in the folder '\(path)'", "does not exist") { _ = try RunFolder(opening: path) }
      try Data("x".utf8).write(to: URL(fileURLWithPath: path))
      expectUserError("no run in the folder '\(path)'", "it is a file") { _ = try RunFolder(opening: path) }
      for below in [path, path + "/run", path + "/a/b"] {
        expectUserError("'\(below)' cannot be made", "'\(path)' is not a folder") { _ = try RunFolder(creating: below) }
      }
      expectUserError("path", "empty") { _ = try RunFolder(creating: "") }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func readOnlyFoldersAreNamed() throws {
    try withPlace { path in
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
      expectUserError("'\(path)/run' cannot be made", "writing in '\(path)' is not permitted") {
        _ = try RunFolder(creating: path + "/run")
      }
      expectUserError("metrics.jsonl", "not permitted") { _ = try RunFolder(creating: path) }
    }
  }

  @Test func unusedPathsAreNumbered() throws {
    let name = "unused-\(UUID().uuidString)"
    #expect(RunFolder.unusedPath(named: name) == "runs/\(name)")
    let taken = URL(fileURLWithPath: "runs/\(name)")
    let hadRuns = FileManager.default.fileExists(atPath: "runs")
    try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: hadRuns ? taken : taken.deletingLastPathComponent()) }
    #expect(RunFolder.unusedPath(named: name) == "runs/\(name)-2")
  }

  @Test func metricsAreReadBackToTheBit() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      #expect(folder.metrics(Record.self).isEmpty)
      let records = [
        Record(step: 1, loss: 0.1 + 0.2), Record(step: 2, loss: .infinity, note: "a/b \"c\"\n"),
        Record(step: 3, loss: -.infinity), Record(step: 4, loss: .leastNonzeroMagnitude),
      ]
      for record in records { try folder.append(record) }
      #expect(folder.metrics(Record.self) == records)
      try folder.append(Record(step: 5, loss: .nan))
      #expect(folder.metrics(Record.self).last?.loss.isNaN == true)
      let lines = try String(contentsOf: folder.file("metrics.jsonl"), encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 5)
      #expect(lines[1] == #"{"loss":"infinity","note":"a/b \"c\"\n","step":2}"#)
    }
  }

  /// What a crash in the middle of a write leaves.
  @Test func aLineThatWasCutOffIsLeftOut() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      for step in 1...3 { try folder.append(Record(step: step, loss: 1)) }
      let whole = try Data(contentsOf: folder.file("metrics.jsonl"))
      try whole.dropLast(4).write(to: folder.file("metrics.jsonl"))
      #expect(folder.metrics(Record.self).map(\.step) == [1, 2])
      // Going on replaces it, so that the next line does not follow half a line.
      try folder.replaceMetrics(folder.metrics(Record.self))
      try folder.append(Record(step: 3, loss: 1))
      #expect(try Data(contentsOf: folder.file("metrics.jsonl")) == whole)
      try folder.replaceMetrics([Record]())
      #expect(try Data(contentsOf: folder.file("metrics.jsonl")).isEmpty)
    }
  }

  @Test func metricsThatCannotBeWrittenAreNamed() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      try FileManager.default.removeItem(at: folder.url)
      expectUserError("metrics.jsonl", "cannot be written") { try folder.append(Record(step: 1, loss: 1)) }
      expectUserError("config.json", "cannot be written") {
        try folder.write(Record(step: 1, loss: 1), to: "config.json")
      }
      #expect(folder.metrics(Record.self).isEmpty)
    }
  }

  @Test func configurationsSurviveAndDamageIsNamed() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      let record = Record(step: 3, loss: .nan, note: nil)
      try folder.write(record, to: "config.json")
      #expect(try folder.read(Record.self, from: "config.json").loss.isNaN)
      func read(_ text: String) throws {
        try Data(text.utf8).write(to: folder.file("config.json"))
        _ = try folder.read(Record.self, from: "config.json")
      }
      for (text, reason) in [
        ("", "it is not JSON"), ("{\"step\": 3,", "it is not JSON"), ("[1]", "it is not an object"),
        ("{\"loss\": 1}", "'step' is missing"),
        ("{\"step\": \"3\", \"loss\": 1}", "'step' has a value of another kind"),
        ("{\"step\": null, \"loss\": 1}", "'step' has a value of another kind"),
      ] {
        let sentence = "The file '\(path)/config.json' is not what a run writes there: \(reason)."
        #expect(throws: UserError(sentence)) { try read(text) }
      }
      expectUserError("weights.json", "is missing") { _ = try folder.read(Record.self, from: "weights.json") }
    }
  }

  @Test func picturesComeInPairs() throws {
    try withPlace { path in
      let folder = try RunFolder(creating: path)
      let files = try folder.draw(Canvas(width: 20, height: 10), as: "dot")
      #expect(files.map(\.lastPathComponent) == ["dot.png", "dot.svg"])
      #expect(try Data(contentsOf: files[0]).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
      #expect(try String(contentsOf: files[1], encoding: .utf8).contains("<svg"))
    }
  }
}
