import ArgumentParser
import Foundation
import MetaLearning

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Fetch data sets, look at data of one's own, and keep test tasks.",
    subcommands: [Fetch.self, Inspect.self, Episodes.self])

  struct Episodes: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write test tasks of a run to a file, for 'metalearn evaluate --list'.",
      usage: "metalearn data episodes <run> --out <file> <options>",
      discussion: "EXAMPLE:\n  metalearn data episodes runs/mine --tasks 600 --out test.safetensors")

    @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
    @Option(parsing: .unconditional, help: .init("How many tasks.", valueName: "n")) var tasks = 600
    @Option(parsing: .unconditional, help: .init("Which tasks. (default: those of the run's test)", valueName: "n"))
    var seed: UInt64?
    @Option(help: .init("The file.", valueName: "file")) var out: String
    @OptionGroup var output: OutputOptions

    private struct Written: Encodable {
      var episodes: Int
      var shape: EpisodeShape
      var file: String
    }

    func run() throws {
      try checkRange(tasks, 1...100_000, "--tasks")
      let experiment = try MetaExperiment(resuming: RunFolder(opening: folder))
      let settings = experiment.configuration
      let list = try experiment.testEpisodes(tasks, seed: seed ?? settings.testSeed ?? settings.seed)
      try list.write(to: URL(fileURLWithPath: out))
      output.say("\(tasks) tasks (\(list.episodes[0].shape)): \(out)")
      try output.emit(Written(episodes: tasks, shape: list.episodes[0].shape, file: out))
    }
  }

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
