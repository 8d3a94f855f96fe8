import ArgumentParser
import Foundation
import MetaLearning

struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Times the steps of a workload, in a process of its own.")

  @Option(help: "W1 to W10, W1P, W4F, W5U, W7X5, or all.") var workload: Selection
  @Option(help: "Threads that share a step.") var threads = 1
  @Option(help: "The least number of steps to time.") var minSteps = 20
  @Option(help: "The most seconds to time; 5 steps are then enough.") var seconds = 60.0
  @Flag(help: "Print a JSON object instead of a line for people.") var json = false
  @Option(help: "A safetensors file with the initial weights and the first batch, instead of drawn ones.")
  var inputs: String?
  @Option(help: "Do not time, but write what the first step computes to this safetensors file, in float64.")
  var dump: String?
  @Option(help: "In which precision convolutions multiply: full or bfloat16.") var precision = ProductPrecision.full
  @OptionGroup var sizes: SizeOptions
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
    switch workload {
    case .one(let name): try sizes.check(against: [name])
    case .all:
      try sizes.check(against: WorkloadName.allCases)
      if inputs != nil || dump != nil {
        throw ValidationError("A file of inputs or results belongs to one workload; give it by its name.")
      }
    }
  }

  func run() throws {
    let begin = ContinuousClock.now
    switch workload {
    case .all: for name in WorkloadName.allCases { try measureElsewhere(name) }
    case .one(let name):
      guard here || dump != nil else { return try measureElsewhere(name) }
      var workload = try name.make(
        WorkloadSettings(
          threads: threads, inputs: inputs.map { try InputFile($0) }, precision: precision,
          innerSteps: sizes.innerSteps, tasks: sizes.tasks))
      if let dump {
        try workload.dump(to: dump)
      } else {
        var measurement = measure(&workload, name, begin: begin)
        (measurement.innerSteps, measurement.tasks) = (sizes.innerSteps, sizes.tasks)
        print(json ? measurement.json : measurement.line)
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
    var arguments = Self.arguments(name, threads: threads, minSteps: minSteps, seconds: seconds, precision, sizes)
    if json { arguments.append("--json") }
    if let inputs { arguments += ["--inputs", inputs] }
    FileHandle.standardOutput.write(try FreshProcess.run(arguments))
  }

  /// What makes this program time one workload in the process itself.
  static func arguments(
    _ name: WorkloadName, threads: Int, minSteps: Int, seconds: Double, _ precision: ProductPrecision,
    _ sizes: SizeOptions
  ) -> [String] {
    [
      "measure", "--here", "--workload", name.rawValue, "--threads", "\(threads)", "--min-steps", "\(minSteps)",
      "--seconds", "\(seconds)", "--precision", precision.rawValue,
    ] + sizes.arguments
  }
}
