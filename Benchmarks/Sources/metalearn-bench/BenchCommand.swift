import ArgumentParser
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
        metalearn-bench allocations                          # what a step takes from the heap
        metalearn-bench compare --python venv/bin/python     # ours and the peers in turns
      """,
    subcommands: [MeasureCommand.self, AllocationsCommand.self, CompareCommand.self],
    defaultSubcommand: MeasureCommand.self)
}

/// How large W1 is, where it is not as the README says.
struct SizeOptions: ParsableArguments {
  @Option(help: "Steps of adaptation in W1, instead of 1.") var innerSteps: Int?
  @Option(help: "Tasks in a step of W1, instead of 25.") var tasks: Int?

  func check(against workloads: [WorkloadName]) throws {
    guard innerSteps != nil || tasks != nil else { return }
    if workloads != [.w1] { throw ValidationError("Inner steps and tasks can be chosen for W1 only.") }
    if (innerSteps ?? 1) < 1 || (tasks ?? 1) < 1 {
      throw ValidationError("Inner steps and tasks must be positive.")
    }
  }

  /// The options as another process takes them.
  var arguments: [String] {
    (innerSteps.map { ["--inner-steps", "\($0)"] } ?? []) + (tasks.map { ["--tasks", "\($0)"] } ?? [])
  }
}

extension ProductPrecision: @retroactive ExpressibleByArgument {}
