import CKernels
import Foundation

/// Counts what the kernels of this process cost, while the environment variable `METALEARN_PROFILE` or `start` asks for it.
///
/// When the process ends, a table goes to standard error, and a trace that Perfetto and chrome://tracing open goes to a
/// file. There is one profile for the process, because kernels run on threads that know nothing of each other.
public final class Profile: @unchecked Sendable {
  // @unchecked: `record` and `path` are only touched under the lock.
  /// The profile of this process.
  public static let shared = Profile()
  /// Where the trace goes unless a path is given.
  public static let defaultPath = "metalearn-profile.json"

  private let lock = NSLock()
  private var record = ProfileRecord()
  private var path = Profile.defaultPath

  private init() {}

  /// Whether kernels are timed. The environment is asked the first time; after that this is a load and a branch.
  @inline(__always)
  static var isOn: Bool { ck_profiling() == .off ? false : shared.isOnOrAsked() }

  private func isOnOrAsked() -> Bool {
    if ck_profiling() == .on { return true }
    return lock.withLock {
      if ck_profiling() == .unknown {
        if Self.wish == nil { ck_set_profiling(.off) } else { begin(path: nil) }
      }
      return ck_profiling() == .on
    }
  }

  /// What the environment says, unless it says that there is to be no profile.
  private static var wish: String? {
    let value = ProcessInfo.processInfo.environment["METALEARN_PROFILE"] ?? ""
    return ["", "0"].contains(value) ? nil : value
  }

  /// Begins to time kernels, and sees to it that the end of the process tells what was found.
  ///
  /// The trace goes to `path`; without one to the path that `METALEARN_PROFILE` names, or to `defaultPath`.
  public func start(writingTo path: String? = nil) {
    lock.withLock { if ck_profiling() != .on { begin(path: path) } }
  }

  /// Begins to time kernels, and leaves it to the caller to ask for what was found.
  public func startCounting() { lock.withLock { count() } }

  /// Times kernels no longer; what has been counted stays.
  public func stopCounting() { lock.withLock { ck_set_profiling(.off) } }

  /// How many kernels have run while they were counted.
  public var kernelCalls: Int { lock.withLock { record.kernels.reduce(0) { $0 + $1.calls } } }

  private func begin(path: String?) {
    self.path = path ?? Self.wish.flatMap { $0 == "1" ? nil : $0 } ?? Self.defaultPath
    atexit { Profile.shared.conclude() }
    count()
  }

  private func count() {
    record.start = ck_now()
    record.processorTimeAtStart = ck_processor_time()
    ck_set_profiling(.on)
  }

  /// What has been counted up to now.
  package var recorded: ProfileRecord {
    lock.withLock {
      var copy = record
      copy.end = ck_now()
      copy.processorTimeAtEnd = ck_processor_time()
      return copy
    }
  }

  private func conclude() {
    let found = recorded
    var text = found.table() + "\n"
    let path = lock.withLock { self.path }
    do {
      try AtomicFile.write(found.trace, to: path)
      text += "The trace, for ui.perfetto.dev or chrome://tracing: \(path)\n"
    } catch {
      text += "\(error)\n"
    }
    FileHandle.standardError.write(Data(text.utf8))
  }
}

// MARK: - What is timed

extension Profile {
  /// Runs a plan's steps and notes how long each took.
  func run(
    _ steps: [ck_step], of plan: Plan, _ bases: UnsafePointer<UnsafeMutableRawPointer?>?, _ pool: WorkerPool?,
    _ failure: inout ck_failure
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: steps.count + 1) { times in
      let failed = ck_run_timed(pool?.threads, steps.count, steps, bases, &failure, times.baseAddress)
      guard failed < 0 else { return failed }
      let thread = ck_thread_number()
      lock.withLock {
        let numbers = plan.kernelNumbers ?? plan.calls.map { record.number(of: $0) }
        plan.kernelNumbers = numbers
        for (index, number) in numbers.enumerated() {
          record.add(kernel: number, thread: thread, from: times[index], to: times[index + 1])
        }
        record.inPlans += times[numbers.count] - times[0]
        record.ownTime += ck_now() - times[numbers.count]
      }
      return failed
    }
  }

  /// Runs one step at once, as plain evaluation does, and notes how long it took.
  func run(
    _ step: inout ck_step, of call: KernelCall, _ bases: [UnsafeMutableRawPointer?], _ failure: inout ck_failure
  ) -> Int {
    let start = ck_now()
    let failed = ck_run(nil, 1, &step, bases, &failure)
    let end = ck_now()
    guard failed < 0 else { return failed }
    let thread = ck_thread_number()
    lock.withLock { record.add(kernel: record.number(of: call), thread: thread, from: start, to: end) }
    return failed
  }

  /// The time at which something begins that `end` notes; nil while nothing is profiled.
  static func begin() -> Int64? { isOn ? ck_now() : nil }

  static func end(_ span: ProfileRecord.Span, since start: Int64?) {
    guard let start else { return }
    let (thread, end) = (ck_thread_number(), ck_now())
    shared.lock.withLock { shared.record.add(span, thread: thread, from: start, to: end) }
  }
}
