import Foundation
import Testing

@testable import MetaLearning
@testable import Training

@Suite struct RunComparisonTests {
  private func comparison(_ folders: RunFolder...) throws -> RunComparison {
    try RunComparison(folders.map { try RecordedRun(opening: $0.path) })
  }

  @Test func figuresStandBesideOneAnother() throws {
    let runs = try TemporaryRuns()
    var joint = MetaConfiguration.sample
    joint.algorithm = .joint
    let first = try runs.written("alphabet-maml", .sample, validations: [0.5, 0.7, 0.9], result: .sample())
    let second = try runs.written(
      "a-run-with-a-name-that-is-longer-than-there-is-room", joint, validations: [0.3, 0.4],
      result: .sample(inductive: false))
    let third = try runs.written("untested", .sample, validations: [])
    let text = try comparison(first, second, third).text
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 8)
    #expect(lines[1] == "run                                 transductive       inductive        time")
    #expect(lines[2] == "alphabet-maml                     95.42 ± 0.40 %  91.31 ± 0.40 %   2 min 0 s")
    #expect(lines[3] == "  alphabet, 5-way 1-shot, MAML, 300 iterations, 600 test tasks")
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    #expect(text.contains("  alphabet, 5-way 1-shot, Joint training, 200 of 300 iterations"))
    #expect(text.contains("a-run-with-a-na…an-there-is-room"))
    #expect(text.contains("the same"))
    let supervised = try runs.folder("supervised")
    try supervised.write(FitConfiguration(dataset: .alphabet), to: "config.json")
    #expect(try comparison(first, supervised).text.hasSuffix("some are easier than others."))
    #expect(try comparison(supervised).text.contains("alphabet, supervised, dense 128, 0 of 10 epochs"))
    #expect(text.contains("not tested"))
    #expect(!text.contains("different tasks"))
  }

  @Test func rowsAreWhatTheFoldersSay() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.written("run", .sample, validations: [0.5, 0.7], result: .sample())
    let row = try comparison(folder).rows[0]
    #expect(row.run == folder.path)
    #expect((row.dataset, row.task, row.algorithm) == ("alphabet", "5-way 1-shot", "MAML"))
    #expect((row.iterations, row.tasks) == (200, 600))
    #expect(row.value?.value == 0.9542)
    #expect(row.inductiveValue?.value == 0.9131)
    #expect(row.seconds == 80)
    let untested = try comparison(runs.written("other", .sample, validations: [])).rows[0]
    #expect(untested.value == nil)
    #expect(untested.seconds == nil)
  }

  @Test func differentTasksArePointedOut() throws {
    let runs = try TemporaryRuns()
    var harder = MetaConfiguration.sample
    harder.shape.ways = 20
    let folders = [
      try runs.written("five", .sample, validations: [0.9]), try runs.written("twenty", harder, validations: [0.8]),
    ]
    #expect(try comparison(folders[0], folders[1]).text.contains("The runs are for different tasks"))
  }

  @Test func differentMetricsAreRefused() throws {
    let runs = try TemporaryRuns()
    let first = try runs.written("first", .sample, validations: [0.9])
    let second = try runs.written("second", MetaConfiguration(defaultsFor: .sinusoid), validations: [0.1])
    expectUserError(first.path, second.path, "by its accuracy", "by its mean squared error") {
      _ = try comparison(first, second)
    }
    expectUserError("no runs") { _ = try RunComparison([]) }
  }

  @Test func aCurveForEachRun() throws {
    let runs = try TemporaryRuns()
    let first = try runs.written("same", .sample, validations: [0.5, 0.7, 0.9])
    let deeper = try runs.written("deeper/same", .sample, validations: [])
    try deeper.append(MetaHistory.Record(iteration: 50, loss: 1, score: 0.4, learningRate: 1, seconds: 1))
    // What a crash leaves.
    let handle = try FileHandle(forWritingTo: first.file("metrics.jsonl"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"iteration\": 400, \"lo".utf8))
    try handle.close()
    let panel = try comparison(first, deeper).figure.panels[0]
    #expect(panel.series.map(\.x) == [[100, 200, 300], [50]])
    #expect(panel.series.map(\.y) == [[0.5, 0.7, 0.9], [0.4]])
    #expect(panel.series.map(\.name) == [first.path, "\(deeper.path) (training)"])
    #expect(panel.series.map(\.style) == [.linePoints, .dashed])
    #expect(panel.series[0].interval?.ends.upper.map { ($0 * 100).rounded() } == [52, 72, 92])
    let file = runs.url.appendingPathComponent("comparison.svg")
    try comparison(first, deeper).figure.write(to: file.path)
    #expect(FileManager.default.fileExists(atPath: file.path))
  }
}
