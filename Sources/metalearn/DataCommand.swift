import ArgumentParser
import Foundation
import MetaLearning

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Download data sets, and look at data of one's own.",
    subcommands: [Fetch.self, Inspect.self])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell what is in a folder of pictures, and what is wrong with it.",
      usage: "metalearn data inspect <folder> [--json]",
      discussion: """
        The folder has a folder of PNG or JPEG files for each class, or folders train,
        val and test that have these. The status is 1 where something is wrong.

        EXAMPLE:
          metalearn data inspect DIR
        """)

    @Argument(help: .init("The folder.", valueName: "folder")) var folder: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let folder = try ImageFolder(URL(fileURLWithPath: self.folder, isDirectory: true))
      let survey = try FolderSurvey(folder)
      let counts = survey.classes.map(\.pictures).sorted()
      output.say("\(survey.classes.count) classes, \(survey.pictures) pictures")
      if !survey.parts.isEmpty { output.say("divided into \(survey.parts.joined(separator: ", "))") }
      if let least = counts.first, let most = counts.last {
        output.say("pictures of a class: \(least) to \(most), median \(counts[counts.count / 2])")
      }
      let sizes = survey.sizes.prefix(5).map { "\($0.width)×\($0.height) (\($0.pictures))" }
      let more = survey.sizes.count > 5 ? ", and \(survey.sizes.count - 5) more sizes" : ""
      output.say("width × height: \(sizes.joined(separator: ", "))\(more)")
      output.say("\(survey.colored) with colours; \(survey.light) light with dark strokes, for which --invert is meant")
      output.sayList("What is wrong:", survey.problems, atMost: 20)
      try output.emit(survey)
      if !survey.problems.isEmpty { throw ExitCode(1) }
    }
  }
}
