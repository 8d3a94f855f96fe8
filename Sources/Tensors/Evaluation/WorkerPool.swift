import CKernels
import Foundation

/// Runs independent pieces of work on several threads and returns their results in order; or shares the large steps of a
/// program among them.
///
/// Which thread does what never shows in the results, so they are the same bits for any number of workers. The threads
/// wait for the next work a while before they sleep: a step of a small net is over before a sleeping thread would wake.
package final class WorkerPool: @unchecked Sendable {
  // @unchecked: the pool in C takes work from any thread, and from one at a time.
  package let workers: Int
  /// The pool as C knows it; nil with one worker.
  let threads: OpaquePointer?

  /// A worker for each active core, for programs that run alone; the threads are started when it is first asked for.
  package static let shared = WorkerPool(workers: nil)

  /// As many workers as are asked for, by default one for each active core.
  package init(workers: Int?) {
    self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    threads = self.workers > 1 ? ck_pool_create(Int32(self.workers - 1)) : nil
  }

  deinit { ck_pool_destroy(threads) }

  package func map<Result: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
    guard threads != nil, count > 1 else { return (0..<count).map(work) }
    return withoutActuallyEscaping(work) { work in
      let pieces = Pieces(count: count, work: work)
      ck_pool_run(
        threads, count,
        { context, index in
          guard let context else { return }
          Unmanaged<AnyPieces>.fromOpaque(context).takeUnretainedValue().run(index)
        },
        Unmanaged<AnyPieces>.passUnretained(pieces).toOpaque())
      return pieces.results
    }
  }

  /// What C calls: a class without a type parameter.
  private class AnyPieces: @unchecked Sendable {
    // @unchecked: see Pieces.
    func run(_ index: Int) {}
  }

  private final class Pieces<Value: Sendable>: AnyPieces, @unchecked Sendable {
    // @unchecked: each place is written by one thread, and read when all are done.
    private let work: @Sendable (Int) -> Value
    private let values: UnsafeMutableBufferPointer<Value?>

    init(count: Int, work: @escaping @Sendable (Int) -> Value) {
      self.work = work
      values = .allocate(capacity: count)
      values.initialize(repeating: nil)
    }

    deinit {
      values.deinitialize()
      values.deallocate()
    }

    override func run(_ index: Int) { values[index] = work(index) }

    var results: [Value] { values.compactMap { $0 } }
  }
}
