import ArgumentParser
import Foundation
import MetaLearning

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put runs side by side: a table of results, a picture of validations.",
    usage: "metalearn compare <run> ... [--out <file>] [--json]",
    discussion: """
      EXAMPLE:
        metalearn compare runs/alphabet-5-way-1-shot-maml runs/joint --out both.svg
      """)

  @Argument(help: .init("The runs' folders.", valueName: "run")) var folders: [String]
  @Option(help: .init("The picture, as PNG or SVG.", valueName: "file")) var out = "comparison.png"
  @Flag(help: "Write JSON to standard output, an object a run.") var json = false

  func run() throws {
    let comparison = try RunComparison(folders.map { try RecordedRun(opening: $0) })
    try comparison.figure.write(to: out)
    guard !json else {
      for row in comparison.rows { FileHandle.standardOutput.write(Data(try RunJSON.line(row))) }
      return
    }
    print(comparison.text + "\n\nPicture: \(out)")
  }
}
