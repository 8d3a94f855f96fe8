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
}
