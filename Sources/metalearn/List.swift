import ArgumentParser
import Foundation
import MetaLearning

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the runs in a folder: how far each is, and its last validation.",
    usage: "metalearn list [<folder>] [--json]",
    discussion: "EXAMPLE:\n  metalearn list runs")

  @Argument(help: .init("The folder that holds the runs.", valueName: "folder")) var folder = "runs"
  @Flag(help: "Write JSON to standard output, an object a run.") var json = false

  func run() throws {
    let listing = try RunListing(folder)
    guard !json else {
      for row in listing.rows { FileHandle.standardOutput.write(Data(try RunJSON.line(row))) }
      return
    }
    print(listing.text)
  }
}
