import ArgumentParser
import MetaLearning

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run that was interrupted; it ends with the same weights as if it had not been.",
    usage: "metalearn resume <run> <options>",
    discussion: "EXAMPLE:\n  metalearn resume runs/mine --workers 2")

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(parsing: .unconditional, help: .init("Threads; results are the same. (default: all cores)", valueName: "n"))
  var workers: Int?
  @Option(help: .init("The checkpoint in the run's folder. (default: the newest)", valueName: "file")) var from: String?
  @OptionGroup var saving: SavingOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var train = try Train.parse(["--resume", folder])
    (train.workers, train.from, train.saving, train.output) = (workers, from, saving, output)
    try train.run()
  }
}
