import ArgumentParser
import Foundation
import MetaLearning

@main
struct Metalearn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metalearn",
    abstract: "Learn to learn from a few examples: meta-train, test, adapt.",
    discussion: """
      EXAMPLES:
        metalearn train                                 # MAML, made-up characters
        metalearn data fetch omniglot --out DIR         # download a data set
        metalearn train --dataset omniglot --data DIR   # Omniglot's two zip files
        metalearn train --recipe omniglot-quick --data DIR
        metalearn recipes                               # published results
        metalearn train --dataset sinusoid              # MAML's regression
        metalearn resume runs/NAME                      # after an interruption
        metalearn evaluate runs/NAME --tasks 1000       # with 95 % intervals
        metalearn adapt runs/NAME --seed 7              # one new task, and draw it
        metalearn data inspect DIR                      # pictures of one's own
        metalearn train --data DIR --out runs/mine
        metalearn adapt runs/mine --support DIR --out model.safetensors
        metalearn predict model.safetensors FILE...
        metalearn serve runs/mine                       # a page to draw on
        metalearn fit --dataset mnist --data DIR        # supervised training
        metalearn report runs/NAME                      # a page with all of a run
        metalearn compare runs/ONE runs/OTHER           # a table and a picture
        metalearn list                                  # the runs in runs/

      Each run leaves a folder: settings, metrics, weights and pictures, and logs
      for TensorBoard.
      """,
    version: version,
    subcommands: [
      Train.self, Recipes.self, Resume.self, Fit.self, Evaluate.self, Adapt.self, Predict.self, DataCommand.self,
      Report.self,
      Compare.self,
      List.self,
    ] + services)

  #if Serve && canImport(Hummingbird)
    private static let services: [any ParsableCommand.Type] = [Serve.self]
  #else
    private static let services: [any ParsableCommand.Type] = []
  #endif

  private static let version = "0.1.0"
  /// How the run that this process makes came about.
  static var origin: RunOrigin { RunOrigin(arguments: CommandLine.arguments, version: version) }

  /// A user's mistake is one sentence on standard error and status 2; an interrupted run ends with 130.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var patient = command as? any AsyncParsableCommand {
        try await patient.run()
      } else {
        try command.run()
      }
    } catch let error as UserError {
      fail(error.description)
    } catch {
      // Help and version are asked for, not wrong.
      if exitCode(for: error) == .success { exit(withError: error) }
      if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
      fail(message(for: error))
    }
  }

  private static func fail(_ sentence: String) -> Never {
    FileHandle.standardError.write(Data("metalearn: \(sentence)\n".utf8))
    Foundation.exit(2)
  }
}

/// How a command talks: for people, or one JSON object a line, and whether it tells where the time went.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write JSON to standard output, an object a line.")
  var json = false
  @Flag(help: "Time the kernels: a table on standard error, a trace in metalearn-profile.json.")
  var profile = false

  /// Called before anything is computed.
  func startProfile() {
    if profile { Profile.shared.start() }
  }

  func say(_ text: String) {
    guard !json else { return }
    print(text)
    // In order with standard error, where progress goes.
    fflush(nil)
  }

  func emit(_ value: some Encodable) throws {
    guard json else { return }
    FileHandle.standardOutput.write(Data(try RunJSON.line(value)))
  }

  /// Says the first of some sentences, and how many more there are.
  func sayList(_ title: String, _ sentences: [String], atMost count: Int = 10) {
    if sentences.isEmpty { return }
    say(title)
    for sentence in sentences.prefix(count) { say("  \(sentence)") }
    if sentences.count > count { say("  and \(sentences.count - count) more") }
  }

  func list(_ pictures: [URL], in folder: RunFolder) {
    say("\nPictures:")
    for picture in pictures { say("  \(folder.path)/\(picture.lastPathComponent)") }
  }
}
