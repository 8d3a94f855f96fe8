import Dispatch
import Foundation
import Testing

@testable import Tensors

/// Deep graphs, loops that never read, and several threads.
@Suite(.serialized) struct MemoryTests {
  /// The memory that the process holds, in bytes.
  static var resident: Int {
    #if os(Linux)
      let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
      return (pages.flatMap { Int($0[1]) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    #else
      // The greatest so far, which is as good for finding growth.
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  static let allowed = 200 << 20

  @Test func deepChainsDifferentiateAndFree() {
    let x = Tensor(1.0, .float64)
    func chain(_ x: Tensor) -> Tensor {
      var y = x
      for _ in 0..<100_000 { y = y * 1.00001 }
      return y
    }
    let expected = Double.pow(1.00001, 100_000)
    expectClose([gradient(at: x, of: chain).item()], [expected], 1e-9)
    expectClose([jvp(at: x, along: x, of: chain).tangent.item()], [expected], 1e-9)
    // Never read, so that all of it is freed as it is.
    do { _ = gradient(at: x) { chain($0) } }
    do { _ = vjp(at: x, of: chain) }
  }

  @Test func pendingSumsStayBounded() {
    let before = Self.resident
    var y = Tensor([Double](repeating: 0, count: 100))
    for _ in 0..<1_000_000 { y = y + 1 }
    #expect(Self.resident - before < Self.allowed)
    #expect(y.floats == [Float](repeating: 1_000_000, count: 100))
  }

  @Test func trainingWithoutReadingStaysBounded() {
    let target = Tensor.arange(1000)
    var x = Tensor.zeros([1000])
    let before = Self.resident
    for _ in 0..<20_000 { x -= 0.001 * gradient(at: x) { square($0 - target).sum() } }
    #expect(Self.resident - before < Self.allowed)
    #expect(Swift.abs(x[500].item() - 500) < 1e-2)
  }

  /// State that is read within each step's closure and handed to the next must not hold all steps.
  @Test func stateReadInsideIsLetGo() {
    var state = Tensor.zeros([10])
    weak var early: Node?
    for step in 0..<10 {
      let loss = valueAndGradient(at: Tensor([Double](repeating: Double(step), count: 10))) { x in
        state = (0.9 * state + 0.1 * x).evaluated()
        return (state * x).sum()
      }.value
      _ = loss.item()
      if step == 2 { early = state.node }
    }
    #expect(early == nil)
    #expect(state.floats.count == 10)
  }

  @Test func valuesLetTheGraphGo() {
    var read: Tensor?
    let g = gradient(at: Tensor([1, 2])) { x in
      let y = exp(x).evaluated()
      read = y
      #expect(!y.node.inputs.isEmpty)
      return y.sum()
    }
    #expect(read?.node.inputs.isEmpty == false)
    // The next use finds the transform over.
    _ = read.map { $0 + 1 }
    #expect(read?.node.inputs.isEmpty == true)
    _ = g.floats
    #expect(g.node.inputs.isEmpty)
  }

  @Test func threadsReadTheSameBits() {
    for round in 0..<20 {
      let x = Tensor.randomNormal([300, 40], key: RandomKey(seed: UInt64(round)))
      let pending = softmax(matmul(x, x.transposed())).sum(0) + exp(x).mean()
      let twin = gradient(at: x) { softmax(matmul($0, $0.transposed())).norm() }
      let results = Results(count: 8)
      DispatchQueue.concurrentPerform(iterations: 8) { i in
        let bits = (pending.floats + twin.floats).map(\.bitPattern)
        // Each thread also differentiates by itself.
        let own = gradient(at: x) { square($0).sum() + pending.sum() }.floats.map(\.bitPattern)
        results.set(i, bits + own)
      }
      #expect(Set(results.all).count == 1)
    }
  }

  final class Results: @unchecked Sendable {
    // @unchecked: guarded by the lock.
    private let lock = NSLock()
    private var values: [[UInt32]]
    init(count: Int) { values = Array(repeating: [], count: count) }
    func set(_ i: Int, _ value: [UInt32]) { lock.withLock { values[i] = value } }
    var all: [[UInt32]] { lock.withLock { values } }
  }
}

extension Double {
  fileprivate static func pow(_ x: Double, _ y: Double) -> Double { Foundation.pow(x, y) }
}
