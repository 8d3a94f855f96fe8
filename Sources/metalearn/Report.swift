import ArgumentParser
import Foundation
import MetaLearning

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a page about a run: result, pictures, settings, how to repeat it.",
    usage: "metalearn report <run> [--json]",
    discussion: """
      The page, report.html in the run's folder, needs no other file and no network.
      The metrics are written as a table, too: metrics.csv.

      EXAMPLE:
        metalearn report runs/alphabet-5-way-1-shot-maml
      """)

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Flag(help: "Write JSON to standard output.") var json = false

  private struct Written: Encodable {
    var report: String
    var table: String
    var run: String
  }

  func run() throws {
    let run = try RecordedRun(opening: folder)
    let page = try RunReport(run).write()
    try run.writeTable()
    let written = Written(
      report: "\(run.folder.path)/\(page.lastPathComponent)", table: "\(run.folder.path)/metrics.csv",
      run: run.folder.path)
    guard !json else {
      FileHandle.standardOutput.write(Data(try RunJSON.line(written)))
      return
    }
    print("Report: \(written.report)\nTable of metrics: \(written.table)")
  }
}
