import Foundation
import Testing

@testable import Training

@Suite struct RunLogTests {
  private struct Settings: Codable {
    struct Shape: Codable { var ways = 5 }
    var innerRate = 0.4
    var hidden = [256, 64]
    var isFirstOrder = false
    var options = ["schedule": LearningRateSchedule.cosine(steps: 10, to: 0.5)]
    var plain = LearningRateSchedule.constant
    var shape = Shape()
    var data: String? = "a|b"
    var seed = UInt64.max
    var none: String?
  }

  private func withRun(_ body: (RunFolder) throws -> Void) throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    try body(RunFolder(creating: place.path))
  }

  private func epoch(_ number: Int, loss: Double = 0.5) -> History.Epoch {
    History.Epoch(
      epoch: number, loss: loss, score: 0.25, validationLoss: nil, validationScore: 0.125, learningRate: 1e-3,
      seconds: 2)
  }

  private func logs(_ folder: RunFolder) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.contains("tfevents") }.sorted()
      .map { folder.file($0) }
  }

  @Test func settingsAreReadable() throws {
    let table = try SettingsTable(Settings())
    let rows = Dictionary(uniqueKeysWithValues: table.rows.map { ($0.name, $0.value) })
    #expect(
      rows == [
        "inner rate": "0.4", "hidden": "256, 64", "first order": "no", "schedule": "cosine (steps 10, to 0.5)",
        "plain": "constant", "ways": "5", "data": "a|b", "seed": "18446744073709551615",
      ])
    #expect(table.rows.map(\.name) == table.rows.map(\.name).sorted())
    #expect(table.markdown.hasPrefix("| setting | value |\n|---|---|\n| data | a\\|b |\n"))
  }

  @Test func recordsGoToBothFiles() throws {
    try withRun { folder in
      let log = try RunLog<History.Epoch>(startingIn: folder, metric: .accuracy, settings: Settings())
      try log.append(epoch(1))
      try log.append(epoch(2, loss: .nan))
      #expect(folder.metrics(History.Epoch.self).count == 2)
      let scalars = try readScalars(logs(folder)[0])
      #expect(
        scalars.prefix(4).map(\.tag) == [
          "training/loss", "training/accuracy", "training/learning_rate", "validation/accuracy",
        ])
      #expect(scalars.map(\.step) == [1, 1, 1, 1, 2, 2, 2, 2])
      #expect(scalars[3].value == 0.125)
      try folder.writeTable(of: History.Epoch.self)
      #expect(
        try String(contentsOf: folder.file("metrics.csv"), encoding: .utf8) == """
          epoch,loss,score,validationLoss,validationScore,learningRate,seconds
          1,0.5,0.25,,0.125,0.001,2
          2,nan,0.25,,0.125,0.001,2

          """)
    }
  }

  /// What was logged after the checkpoint is taken back by the start of the second file.
  @Test func goingOnTakesBackWhatIsAfterTheCheckpoint() throws {
    try withRun { folder in
      let first = try RunLog<History.Epoch>(startingIn: folder, metric: .accuracy, settings: Settings())
      for number in 1...3 { try first.append(epoch(number)) }
      let records = Array(folder.metrics(History.Epoch.self).prefix(2))
      let second = try RunLog(
        resumingIn: folder, metric: .accuracy, settings: Settings(), after: 2, records: records)
      #expect(folder.metrics(History.Epoch.self) == records)
      try second.append(epoch(3, loss: 9))
      let files = try logs(folder)
      #expect(files.count == 2)
      let start = try readEvents(files[1])[1]
      #expect(start[number: 7]?.fields[number: 1]?.integer == 1)
      #expect(start[number: 2]?.integer == 3)
      #expect(try Set(readScalars(files[1]).map(\.step)) == [3])
    }
  }

  /// A run of before there were logs gets one of the whole of it.
  @Test func anOlderRunGetsAWholeLog() throws {
    try withRun { folder in
      let records = [epoch(1), epoch(2)]
      let log = try RunLog(resumingIn: folder, metric: .accuracy, settings: Settings(), after: 2, records: records)
      try log.append(epoch(3))
      #expect(try readScalars(logs(folder)[0]).filter { $0.tag == "training/loss" }.map(\.step) == [1, 2, 3])
      #expect(folder.metrics(History.Epoch.self).map(\.epoch) == [1, 2, 3])
    }
  }

  @Test func picturesAreLoggedOnce() throws {
    try withRun { folder in
      try folder.log([], step: 1)
      _ = try EventLog(in: folder.url)
      let files = try folder.draw(Canvas(width: 20, height: 10), as: "dot")
      try folder.log(files, step: 4)
      let events = try readEvents(logs(folder)[0])
      #expect(events.count == 3)
      #expect(events[2][number: 2]?.integer == 4)
      #expect(events[2][number: 5]?.fields[number: 1]?.fields[number: 1]?.text == "dot")
    }
  }
}
