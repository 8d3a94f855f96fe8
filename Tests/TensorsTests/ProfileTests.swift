import Dispatch
import Foundation
import Testing

@testable import Tensors

/// A profile counts what happened, no more and no less. It belongs to a whole process, so each test is one.
@Suite struct ProfileTests {
  /// Two kernels: a chain of two functions, and a product.
  static let program = Program(like: [.zeros([4, 3]), .zeros([3]), .zeros([2, 3])]) { arguments in
    [matmul(tanh(arguments[0] + arguments[1]), arguments[2].transposed())]
  }
  static let arguments = [[4, 3], [3], [2, 3]].map { Tensor([Float](repeating: 1, count: $0.elementCount), shape: $0) }

  @Test func countsAsByHand() async {
    await #expect(processExitsWith: .success) {
      Profile.shared.startCounting()
      for _ in 0..<5 { _ = Self.program.run(Self.arguments) }
      _ = (Tensor([1.0, 2, 3]) - Tensor([3.0, 4, 5])).evaluated()

      let found = Profile.shared.recorded
      #expect(found.runCount == 5)
      let kernels = Dictionary(uniqueKeysWithValues: found.kernels.map { ($0.description, $0) })
      // 12 elements of one argument, the 3 of the row once, 12 written.
      let chain = try #require(kernels["chain of 2 over [4,3] float32"])
      #expect((chain.calls, chain.bytesPerCall, chain.operationsPerCall) == (5, (12 + 3 + 12) * 4, 2 * 12))
      let product = try #require(kernels["matmul [4,3]·[2,3]ᵀ float32"])
      #expect((product.calls, product.bytesPerCall, product.operationsPerCall) == (5, (12 + 6 + 8) * 4, 2 * 4 * 2 * 3))
      let difference = try #require(kernels["subtract [3] float32"])
      #expect((difference.calls, difference.bytesPerCall, difference.operationsPerCall) == (1, 9 * 4, 3))
      #expect(found.kernels.allSatisfy { $0.nanoseconds > 0 })
    }
  }

  /// A batch norm and a ReLU, there and back: how often something is done for each element, in four passes. The sum; that of squared
  /// distances from the mean (3); norm and ReLU (4), the loss's cotangent (2), what went through the ReLU (2), that times the distance
  /// and times the scale (2), and two sums (2); the cotangent of x (4).
  @Test func operationsOfANorm() async {
    await #expect(processExitsWith: .success) {
      let shape = [64, 14, 14, 16]
      let arguments = [shape, [16], [16], shape].enumerated().map {
        Tensor.randomNormal($1, key: RandomKey(seed: 7)[$0]).evaluated()
      }
      let program = Program(like: arguments) { a in
        gradient(at: Array(a[..<3])) { given in
          let (mean, variance) = given[0].moments([0, 1, 2])
          let y = relu((given[0] - mean) * (rsqrt(variance + 1e-5) * given[1]) + given[2])
          return (square(y) * a[3]).sum()
        }
      }
      Profile.shared.startCounting()
      _ = program.run(arguments)
      let large = Profile.shared.recorded.kernels.map(\.description).filter { $0.contains("[64,14,14,16]") }
      #expect(Set(large) == Set([1, 3, 12, 4].map { "chain of \($0) over [64,14,14,16] float32" }), "\(large)")
    }
  }

  @Test func traceIsJSONWithAllEvents() async {
    await #expect(processExitsWith: .success) {
      Profile.shared.startCounting()
      for _ in 0..<3 { _ = Self.program.run(Self.arguments) }

      struct Trace: Decodable {
        var traceEvents: [Event]
      }
      struct Event: Decodable {
        var ph: String
        var name: String
        var tid: Int?
        var ts: Double?
        var dur: Double?
      }
      let trace = try JSONDecoder().decode(Trace.self, from: Data(Profile.shared.recorded.trace))
      let events = trace.traceEvents.filter { $0.ph == "X" }
      let runs = events.filter { $0.name == "run" }
      let products = events.filter { $0.name.hasPrefix("matmul") }
      #expect(runs.count == 3)
      #expect(events.filter { $0.name == "trace" }.count == 1)
      #expect(events.filter { $0.name.hasPrefix("chain") }.count == 3)
      #expect(products.count == 3)
      // Each kernel lies within a run of its thread.
      for product in products {
        let (start, duration) = (try #require(product.ts), try #require(product.dur))
        #expect(
          runs.contains { run in
            guard run.tid == product.tid, let from = run.ts, let length = run.dur else { return false }
            return from <= start && start + duration <= from + length + 0.001
          })
      }
    }
  }

  @Test func severalThreadsCountTogether() async {
    await #expect(processExitsWith: .success) {
      Profile.shared.startCounting()
      _ = Self.program
      let before = Profile.shared.recorded
      DispatchQueue.concurrentPerform(iterations: 400) { _ in _ = Self.program.run(Self.arguments) }
      let found = Profile.shared.recorded
      #expect(found.runCount - before.runCount == 400)
      #expect(found.kernels.filter { $0.calls == 400 }.count == 2)
      #expect(found.eventCount - before.eventCount == 400 * 3)
    }
  }

  @Test func memoryIsBounded() async {
    await #expect(processExitsWith: .success) {
      Profile.shared.startCounting()
      for _ in 0..<70_000 { _ = Self.program.run(Self.arguments) }
      let found = Profile.shared.recorded
      #expect(found.runCount == 70_000)
      #expect(found.events.count == 200_000)
      // Three of each run, and the tracing of the program.
      #expect(found.eventsLeftOut == 10_001)
    }
  }

  @Test func environmentAsksForIt() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json").path
      setenv("METALEARN_PROFILE", path, 1)
      _ = Self.program.run(Self.arguments)
      print("trace: \(path)", terminator: "\n")
      exit(0)
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains("Profile of "))
    #expect(said.contains("matmul [4,3]·[2,3]ᵀ float32"))
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("trace: ") })
    let path = String(line.dropFirst("trace: ".count))
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: path)
    #expect(try JSONSerialization.jsonObject(with: data) is [String: Any])
  }

  @Test func nothingIsSaidUnasked() async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      unsetenv("METALEARN_PROFILE")
      _ = Self.program.run(Self.arguments)
      #expect(Profile.shared.recorded.kernels.isEmpty)
      exit(0)
    }
    #expect(!String(decoding: try #require(result).standardErrorContent, as: UTF8.self).contains("Profile"))
  }
}
