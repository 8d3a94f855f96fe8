import Dispatch
import Foundation

/// Runs independent pieces of work on several threads and returns their results in order.
///
/// Which thread does what never shows in the results, so they are the same bits for any number of workers.
struct TaskPool: Sendable {
  let workers: Int

  /// As many workers as are asked for, by default one for each active core.
  init(workers: Int?) { self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount) }

  func map<Result: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
    guard workers > 1, count > 1 else { return (0..<count).map(work) }
    let results = Results<Result>(count: count)
    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
      while let index = results.next() { results.put(work(index), at: index) }
    }
    return results.all
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    // @unchecked: everything is read and written under the lock.
    private let lock = NSLock()
    private var taken = 0
    private var values: [Value?]

    init(count: Int) { values = Array(repeating: nil, count: count) }

    func next() -> Int? {
      lock.withLock {
        guard taken < values.count else { return nil }
        defer { taken += 1 }
        return taken
      }
    }
    func put(_ value: Value, at index: Int) { lock.withLock { values[index] = value } }
    var all: [Value] { lock.withLock { values.compactMap { $0 } } }
  }
}
