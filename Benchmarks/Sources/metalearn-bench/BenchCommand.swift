import ArgumentParser
import Foundation
import MetaLearning

@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metalearn-bench",
    abstract: "Times the steps of training; the README says what the workloads are.",
    discussion: """
      EXAMPLES:
        metalearn-bench --workload W1                        # one line for people
        metalearn-bench --workload all --threads 2 --json    # a JSON object a line
        metalearn-bench --workload W10 --inputs numbers.safetensors --dump gradient.safetensors
      """)

  @Option(help: "W1, W2, W6, W8, W10, or all.") var workload: Selection
  @Option(help: "Threads that work on the tasks of W1, W2 and W10; the others use one.") var threads = 1
  @Option(help: "The least number of steps to time.") var minSteps = 20
  @Option(help: "The most seconds to time; 5 steps are then enough.") var seconds = 60.0
  @Flag(help: "Print a JSON object instead of a line for people.") var json = false
  @Option(help: "A safetensors file with the initial weights and the first batch, instead of drawn ones.")
  var inputs: String?
  @Option(help: "Do not time, but write what the first step computes to this safetensors file, in float64.")
  var dump: String?
  @Flag(help: .hidden) var here = false

  /// One workload or all of them.
  enum Selection: ExpressibleByArgument {
    case one(WorkloadName), all

    init?(argument: String) {
      if argument == "all" {
        self = .all
      } else if let name = WorkloadName(argument: argument) {
        self = .one(name)
      } else {
        return nil
      }
    }
  }

  func validate() throws {
    if threads < 1 || minSteps < 1 || !(seconds > 0) {
      throw ValidationError("Threads, steps and seconds must be positive.")
    }
    if case .all = workload, inputs != nil || dump != nil {
      throw ValidationError("A file of inputs or results belongs to one workload; give it by its name.")
    }
  }

  func run() throws {
    let begin = ContinuousClock.now
    switch workload {
    case .all: for name in WorkloadName.allCases { try measureElsewhere(name) }
    case .one(let name):
      if let dump {
        try name.make(threads: threads, inputs: inputs.map { try InputFile($0) }).dump(to: dump)
      } else if here {
        var workload = try name.make(threads: threads, inputs: inputs.map { try InputFile($0) })
        let measurement = measure(&workload, name, begin: begin)
        print(json ? measurement.json : measurement.line)
      } else {
        try measureElsewhere(name)
      }
    }
  }

  private func measure(
    _ workload: inout any Workload, _ name: WorkloadName, begin: ContinuousClock.Instant
  ) -> Measurement {
    func opened(_ workload: inout some Workload) -> Measurement {
      var bounds = Measurement.Bounds()
      bounds.minimumSteps = minSteps
      bounds.seconds = seconds
      return Measurement.of(&workload, named: name.rawValue, threads: threads, bounds) {
        FreshProcess.age(since: begin)
      }
    }
    return opened(&workload)
  }

  /// Measures a workload in a process of its own.
  private func measureElsewhere(_ name: WorkloadName) throws {
    var arguments = [
      "--here", "--workload", name.rawValue, "--threads", "\(threads)", "--min-steps", "\(minSteps)",
      "--seconds", "\(seconds)",
    ]
    if json { arguments.append("--json") }
    if let inputs { arguments += ["--inputs", inputs] }
    FileHandle.standardOutput.write(try FreshProcess.run(arguments))
  }
}
