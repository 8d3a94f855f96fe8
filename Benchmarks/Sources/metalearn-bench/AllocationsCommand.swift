import ArgumentParser
import CProcess
import Foundation
import MetaLearning

struct AllocationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations",
    abstract: "Counts what a step takes from the heap once it has settled.",
    discussion: """
      A call of a compiled function takes as much for a thousand operations as for ten; ends with status 1 where it \
      does not.
      """)

  @Option(
    help: "Which workloads, separated by commas; by default those whose steps are short.",
    transform: WorkloadName.list(of:))
  var workloads: [WorkloadName] = [.w1, .w2, .w6, .w7, .w8, .w10]
  @Option(help: "Threads that share a step.") var threads = 1

  func run() throws {
    guard allocations_can_be_counted() else {
      throw UserError("allocations are counted with the GNU C library only")
    }
    let short = try counted("10 products, compiled", Products(count: 10))
    let long = try counted("1000 products, compiled", Products(count: 1000))
    for name in workloads {
      func open(_ workload: some Workload) throws { _ = try counted("\(name.rawValue), a step", workload) }
      try open(try name.make(WorkloadSettings(threads: threads)))
    }
    guard short == long else {
      print("A longer program takes more from the heap.")
      throw ExitCode(1)
    }
  }

  /// Allocations of one step, in the mean over `steps` steps after some that are not counted.
  private func counted(_ title: String, _ workload: some Workload) throws -> Double {
    let steps = 60
    var workload = workload
    for index in 0..<steps { workload.step(index) }
    allocations_begin()
    for index in 0..<steps { workload.step(index) }
    let count = allocations_end()

    // The profile itself takes memory, so kernels are counted in other steps.
    Profile.shared.startCounting()
    let before = Profile.shared.kernelCalls
    for index in 0..<steps { workload.step(index) }
    let kernels = Double(Profile.shared.kernelCalls - before) / Double(steps)
    Profile.shared.stopCounting()
    let (calls, bytes) = (Double(count.calls) / Double(steps), Double(count.bytes) / Double(steps))
    print(
      title.padding(toLength: 24, withPad: " ", startingAt: 0)
        + String(
          format: "%8.1f allocations %10.0f bytes %8.0f kernels %8.3f allocations a kernel", calls, bytes, kernels,
          calls / kernels))
    return calls
  }
}

/// Matrix products one after the other, none of which can be joined with the next.
private struct Products: Workload {
  private let matrix = Tensor.identity(8).evaluated()
  private let product: @Sendable (Tensor, Tensor) -> Tensor

  init(count: Int) {
    product = compiled { x, matrix in (0..<count).reduce(x) { x, _ in matmul(x, matrix) } }
  }

  mutating func step(_ index: Int) { _ = product(matrix, matrix).evaluated() }
  var inputs: NamedTensors { [:] }
  var result: NamedTensors { [:] }
}

extension WorkloadName {
  /// The workloads of a list such as `W1,W2`, or all.
  @Sendable static func list(of text: String) throws -> [WorkloadName] {
    if text == "all" { return allCases }
    return try text.split(separator: ",").map { word in
      guard let name = WorkloadName(argument: String(word)) else {
        throw ValidationError("There is no workload '\(word)'; there are \(allCases.map(\.rawValue)).")
      }
      return name
    }
  }
}
