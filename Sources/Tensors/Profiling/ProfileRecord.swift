/// What a profile has counted: totals of each kernel, and the first events for the trace.
package struct ProfileRecord: Sendable {
  /// The totals of a kernel on arrays of certain shapes.
  package struct Kernel: Sendable {
    /// As people read it: `matmul 25x[10,40]·[40,40] float32`.
    package let description: String
    /// Read and written by one call; an axis along which an array is repeated counts once.
    package let bytesPerCall: Int
    /// Multiplications and additions of a matrix product; elements times functions otherwise.
    package let operationsPerCall: Int
    package var calls = 0
    package var nanoseconds: Int64 = 0
  }

  /// What is timed besides kernels.
  package enum Span: Int32, Sendable {
    /// A run of a program, from its arguments to its results.
    case run = -1
    /// The making of a program: tracing, ordering, and computing what does not depend on the arguments.
    case trace = -2
  }

  /// A stretch of time on one thread.
  struct Event: Sendable {
    /// The number of a kernel, or the raw value of a span.
    var what: Int32
    var thread: Int32
    var start: Int64
    var duration: Int64
  }

  struct Total: Sendable {
    var calls = 0
    var nanoseconds: Int64 = 0
  }

  /// More events are counted, but not kept: 5 MB are enough, and a trace much longer than this opens slowly.
  static let mostEvents = 200_000

  package private(set) var kernels: [Kernel] = []
  private var numbers: [KernelSignature: Int] = [:]
  private(set) var events: [Event] = []
  private(set) var eventsLeftOut = 0
  private(set) var threads: Set<Int32> = []
  private var lastThread: Int32 = 0
  private(set) var runs = Total()
  private(set) var traces = Total()
  /// The kernels' time within runs of plans, and the time that noting it down has taken there.
  var inPlans: Int64 = 0
  var ownTime: Int64 = 0

  var start: Int64 = 0
  var end: Int64 = 0
  var processorTimeAtStart: Int64 = 0
  var processorTimeAtEnd: Int64 = 0

  /// The number of runs of programs.
  package var runCount: Int { runs.calls }
  /// The number of events that the trace has.
  package var eventCount: Int { events.count }

  /// The number under which the totals of a call are kept.
  mutating func number(of call: KernelCall) -> Int {
    let signature = KernelSignature(call)
    if let known = numbers[signature] { return known }
    numbers[signature] = kernels.count
    kernels.append(
      Kernel(
        description: signature.description, bytesPerCall: signature.bytes, operationsPerCall: signature.operations))
    return kernels.count - 1
  }

  mutating func add(kernel number: Int, thread: Int32, from start: Int64, to end: Int64) {
    kernels[number].calls += 1
    kernels[number].nanoseconds += end - start
    keep(Event(what: Int32(number), thread: thread, start: start, duration: end - start))
  }

  mutating func add(_ span: Span, thread: Int32, from start: Int64, to end: Int64) {
    switch span {
    case .run: runs.add(end - start)
    case .trace: traces.add(end - start)
    }
    keep(Event(what: span.rawValue, thread: thread, start: start, duration: end - start))
  }

  private mutating func keep(_ event: Event) {
    if event.thread != lastThread {
      threads.insert(event.thread)
      lastThread = event.thread
    }
    if events.count < Self.mostEvents { events.append(event) } else { eventsLeftOut += 1 }
  }
}

extension ProfileRecord.Total {
  mutating func add(_ duration: Int64) {
    calls += 1
    nanoseconds += duration
  }
}
