import ArgumentParser
import CProcess
import Foundation
import MetaLearning

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Times workloads here and in other frameworks, in turns, and prints the ratios.",
    discussion: """
      Each measurement is a process of its own, on as many cores as it may have threads. The Python is one of an \
      environment with numpy and what the peers need: jax and optax, torch, learn2learn.
      """)

  @Option(help: "The environment's Python. (default: $METALEARN_PEERS_PYTHON)") var python: String?
  @Option(help: "Which peers, separated by commas: \(Peer.names).", transform: Peer.list(of:))
  var peers = [Peer.jax, .jaxFactored]
  @Option(help: "Which workloads, separated by commas, or all.", transform: WorkloadName.list(of:))
  var workloads = WorkloadName.allCases
  @Option(help: "Numbers of threads, separated by commas.") var threads = "1,2"
  @Option(help: "How often ours and each peer take their turns.") var repeats = 3
  @Option(help: "The least number of steps to time.") var minSteps = 20
  @Option(help: "The most seconds to time a process; 5 steps are then enough.") var seconds = 20.0
  @Flag(help: "Print a JSON object for each workload, number of threads and peer instead of a table.") var json = false
  @Option(help: "The folder with the peers' scripts. (default: that of the sources)") var scripts: String?
  @Option(help: "In which precision our convolutions multiply: full or bfloat16; the peers' are in float32.")
  var precision = ProductPrecision.full
  @OptionGroup var sizes: SizeOptions

  func validate() throws {
    try sizes.check(against: workloads)
    if repeats < 1 || minSteps < 1 || !(seconds > 0) {
      throw ValidationError("Repeats, steps and seconds must be positive.")
    }
    _ = try threadCounts()
  }

  private func threadCounts() throws -> [Int] {
    try threads.split(separator: ",").map { word in
      guard let count = Int(word), count > 0 else {
        throw ValidationError("Numbers of threads are like 1,2; given was '\(threads)'.")
      }
      return count
    }
  }

  func run() throws {
    guard let python = python ?? ProcessInfo.processInfo.environment["METALEARN_PEERS_PYTHON"] else {
      throw ValidationError("Give the peers' Python with --python or in METALEARN_PEERS_PYTHON.")
    }
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw UserError("there is no program '\(python)'; --python takes the path of an environment's Python")
    }
    // The process that is started reads the scripts from where they were when this program was built.
    let sources = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Peers").standardized
    let folder = scripts.map { URL(fileURLWithPath: $0) } ?? sources
    if !json { print(Comparison.heading) }
    for name in workloads {
      for count in try threadCounts() {
        let rivals = peers.filter { $0.workloads.contains(name) }
        var (own, theirs) = ([Measurement](), [Peer: [Measurement]]())
        // Some peers start as many threads as they see cores, whatever they are told.
        cores_restrict(Int32(count))
        for _ in 0..<repeats {
          own.append(try measureOurs(name, threads: count))
          for peer in rivals { theirs[peer, default: []].append(try measure(peer, name, count, python, folder)) }
        }
        for peer in rivals {
          let comparison = Comparison(ours: own, peer: peer.rawValue, theirs: theirs[peer] ?? [], sizes: sizes)
          print(json ? try comparison.json : comparison.line)
        }
        fflush(nil)
      }
    }
  }

  private func measureOurs(_ name: WorkloadName, threads: Int) throws -> Measurement {
    let arguments = MeasureCommand.arguments(
      name, threads: threads, minSteps: minSteps, seconds: seconds, precision, sizes)
    return try decoded(try FreshProcess.run(arguments + ["--json"]))
  }

  private func measure(
    _ peer: Peer, _ name: WorkloadName, _ threads: Int, _ python: String, _ folder: URL
  ) throws -> Measurement {
    let script = folder.appendingPathComponent(peer.script).path
    let arguments =
      [
        script, "--peer", peer.rawValue, "--workload", name.rawValue, "--threads", "\(threads)", "--min-steps",
        "\(minSteps)", "--seconds", "\(seconds)",
      ] + sizes.arguments
    return try decoded(try FreshProcess.run(URL(fileURLWithPath: python), arguments))
  }

  private func decoded(_ output: Data) throws -> Measurement {
    // Frameworks may greet on standard output; the figures are the last line.
    let last = output.split(separator: UInt8(ascii: "\n")).last.map { Data($0) } ?? Data()
    do {
      return try JSONDecoder().decode(Measurement.self, from: last)
    } catch {
      throw UserError("a measurement printed no figures, but: \(String(decoding: output, as: UTF8.self))")
    }
  }
}

/// A framework, and how it is used.
enum Peer: String, CaseIterable {
  case jax
  case jaxScan = "jax-scan"
  case jaxFactored = "jax-factored"
  case torch
  case learn2learn

  var script: String {
    switch self {
    case .jax, .jaxScan, .jaxFactored: "jax_steps.py"
    case .torch: "torch_steps.py"
    case .learn2learn: "learn2learn_steps.py"
    }
  }

  var workloads: [WorkloadName] {
    switch self {
    // W1P does what W1 does, and is compared with it.
    case .jax, .torch: WorkloadName.allCases.filter { $0 != .w1plain }
    case .jaxScan: [.w1, .w2]
    case .jaxFactored: [.w10]
    case .learn2learn: [.w1, .w2, .w3, .w4, .w4first, .w5, .w5unrolled, .w10]
    }
  }

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  @Sendable static func list(of text: String) throws -> [Peer] {
    try text.split(separator: ",").map { word in
      guard let peer = Peer(rawValue: String(word)) else {
        throw ValidationError("There is no peer '\(word)'; there are \(names).")
      }
      return peer
    }
  }
}
