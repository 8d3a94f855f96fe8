import Foundation
import Testing

@testable import MetaLearning

@Suite struct RunReportTests {
  private func page(_ folder: RunFolder) throws -> String {
    let file = try RunReport(RecordedRun(opening: folder.path)).write()
    #expect(file == folder.file("report.html"))
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The text of a page as a reader sees it.
  private func text(_ page: String) -> String {
    let parts = page.split(separator: "<").dropFirst().map { $0.drop { $0 != ">" }.dropFirst() }
    return parts.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func everythingAboutARunIsOnThePage() throws {
    let runs = try TemporaryRuns()
    var configuration = MetaConfiguration.sample
    configuration.expected = .init(value: 97.8, source: "someone & others")
    let folder = try runs.written("run", configuration, validations: [0.5, 0.7, 0.9], result: .sample(diverged: 3))
    try folder.write(
      RunOrigin(arguments: ["/usr/bin/metalearn", "train", "--out", "a run"], version: "1.2.3"), to: "origin.json")
    _ = try folder.draw(Canvas(width: 20, height: 10), as: "curves")
    _ = try folder.draw(Canvas(width: 20, height: 10), as: "adapted-12")
    let page = try page(folder)
    let text = text(page)
    for part in [
      "<title>run</title>", "95.42 ± 0.40 %", "91.31 ± 0.40 %", "someone &amp; others", "not finite",
      "metalearn train --out &#39;a run&#39;", "metalearn 1.2.3", "2 min 0 s", "data:image/svg+xml;base64,",
      "prefers-color-scheme: dark", "width=device-width",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    for part in [
      "Mean over 600 new tasks of classes that training has not seen, after 1 step of adaptation",
      "accuracy, transductive", "accuracy, inductive", "Tasks left out", "1 as trained 95.42 ± 0.40 % 91.31 ± 0.40 % 0",
      "2 not finite 92.14 ± 0.40 % 3", "Published: 97.8 %", "inner rate 0.5", "meta batch 32", "seed 0",
      "Adapted to the task of seed 12",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(page.components(separatedBy: "<img ").count == 3)
    // Nothing is fetched from elsewhere.
    #expect(!page.contains("http"))
    #expect(!page.contains("src=\"/") && !page.contains("<link") && !page.contains("<script"))
  }

  /// The hardest classes stand on the page; what is long, such as the names of a thousand classes, is folded.
  @Test func mistakesAndLongSettings() throws {
    let runs = try TemporaryRuns()
    var configuration = MetaConfiguration(defaultsFor: .folder)
    let names = (0..<500).map { "Greek/character\($0)" }
    configuration.pictures.split = ClassSplit(train: names, validation: [], test: ["Latin/a"])
    var result = RunResult.sample()
    result.mistakes = ClassMistakes([
      .init(names: ["Latin/a", "Latin/b"], truth: [0, 0, 0, 0, 1], predictions: [0, 1, 1, 1, 1])
    ])
    let page = try page(try runs.written("run", configuration, validations: [0.5], result: result))
    let text = text(page)
    #expect(text.contains("Hardest classes Class told right Latin/a 25.0 % (1 of 4) Latin/b 100.0 % (1 of 1)"))
    #expect(text.contains("Latin/a Latin/b 75.0 % (3 of 4)"))
    #expect(page.components(separatedBy: "<details>").count == 2 && page.contains("Greek/character499"))
  }

  /// Names and paths come from outside.
  @Test func textsAreNotTakenForHTML() throws {
    let runs = try TemporaryRuns()
    var configuration = MetaConfiguration.sample
    configuration.data = "<script>alert('1')</script>\"&"
    let folder = try runs.written("a<b>&\"c'", configuration, validations: [0.5], result: .sample(inductive: false))
    let page = try page(folder)
    #expect(!page.contains("<script") && !page.contains("<b>"))
    #expect(page.contains("<h1>a&lt;b&gt;&amp;&quot;c&#39;</h1>"))
    #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"))
    #expect(!page.contains("nductive"))
    #expect(!page.contains("<img "))
  }

  @Test func runsOfSupervisedTrainingHaveReportsToo() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    var configuration = FitConfiguration(dataset: .sinusoid)
    (configuration.hidden, configuration.epochs) = ([8], 2)
    let outcome = try FitExperiment(configuration).run(in: folder) { _ in }
    let result = RunResult(
      metric: .meanSquaredError, value: outcome.test.score.value, ci95: outcome.test.score.ci95, tasks: 1, seconds: 1,
      run: folder.path)
    try folder.write(result, to: "result.json")
    let page = try page(folder)
    #expect(page.contains(Metric.meanSquaredError.text(outcome.test.score.value, outcome.test.score.ci95)))
    #expect(page.contains("Mean over the examples of the test set"))
    #expect(page.contains("The course of training"))
  }

  @Test func runsThatHaveNoResultAreRefused() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.written("run", .sample, validations: [0.5])
    expectUserError(folder.path, "no result yet", "iteration 100 of 300") { _ = try page(folder) }
    expectUserError("no run in the folder", "does not exist") { _ = try RecordedRun(opening: folder.path + "/none") }
    try Data("{".utf8).write(to: folder.file("result.json"))
    expectUserError("result.json' is not what a run writes there", "not JSON") { _ = try page(folder) }
  }
}
