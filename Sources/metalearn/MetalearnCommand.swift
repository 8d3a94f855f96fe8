import ArgumentParser
import Foundation
import MetaLearning

@main
struct Metalearn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metalearn",
    abstract: "Learn to learn from a few examples: meta-train, test, adapt.",
    discussion: """
      EXAMPLES:
        metalearn train                                 # MAML, made-up characters
        metalearn train --dataset omniglot --data DIR   # Omniglot's two zip files
        metalearn train --recipe omniglot-quick --data DIR
        metalearn train --dataset sinusoid              # MAML's regression
        metalearn evaluate runs/NAME --tasks 1000       # with 95 % intervals
        metalearn adapt runs/NAME --seed 7              # one new task, and draw it
        metalearn data inspect DIR                      # pictures of one's own
        metalearn train --data DIR --out runs/mine
        metalearn adapt runs/mine --support DIR --out model.safetensors
        metalearn predict model.safetensors FILE...
        metalearn fit --dataset mnist --data DIR        # supervised training

      Each run leaves a folder: settings, metrics, weights and pictures.
      """,
    version: "0.1.0", subcommands: [Train.self, Fit.self, Evaluate.self, Adapt.self, Predict.self, DataCommand.self])

  /// A user's mistake is one sentence on standard error and status 2; an interrupted run ends with 130.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
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

/// The last line of `--json`.
struct RunResult: Encodable {
  struct Step: Encodable {
    var step: Int
    var value: JSONNumber
    var ci95: JSONNumber
    var diverged: Int
  }
  var metric: Metric
  var value: JSONNumber
  var ci95: JSONNumber
  var tasks: Int
  var perStep: [Step]?
  /// Where the queries' statistics make a difference: by those of the support set.
  var inductivePerStep: [Step]?
  var seconds: Double
  var peakMemoryMB = Resources.peakMemoryMB
  var run: String
}

/// A number, or null where it is not finite, as where every task diverged.
struct JSONNumber: Encodable {
  var value: Double
  init(_ value: Double) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}

extension Metric {
  /// A value with its interval as people read it.
  func text(_ value: Double, _ ci95: Double?) -> String {
    guard value.isFinite else { return "not finite" }
    let interval = (ci95?.isFinite ?? false) ? ci95 : nil
    switch self {
    case .accuracy:
      return String(format: "%.2f", 100 * value) + (interval.map { String(format: " ± %.2f", 100 * $0) } ?? "") + " %"
    case .meanSquaredError:
      return String(format: "%.4f", value) + (interval.map { String(format: " ± %.4f", $0) } ?? "")
    }
  }

  /// Loss and score of training; in a regression they are the same.
  func figures(loss: Double, score: Double) -> String {
    (self == .accuracy ? "loss \(String(format: "%.4f", loss))  " : "") + "\(title) \(text(score, nil))"
  }

  var title: String { self == .accuracy ? "accuracy" : "mean squared error" }
}
