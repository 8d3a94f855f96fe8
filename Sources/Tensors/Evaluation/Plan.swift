import CKernels

/// Kernel calls in order, with every intermediate array at a fixed place of one block of memory (the arena).
///
/// Two arrays share a place where one is last read before the other is written. Running a plan is one call into C.
final class Plan: @unchecked Sendable {
  // @unchecked: immutable once made, but for `kernelNumbers`; the pinned memory is only read.
  private let steps: [ck_step]
  let calls: [KernelCall]
  /// For `Profile`, and only touched under its lock.
  var kernelNumbers: [Int]?
  private let pins: PinnedArrays
  /// In bytes.
  let arenaSize: Int
  /// Buffers that are given when the plan runs, by their number among the bases.
  private let argumentBases: [Int]
  private let known: [(base: Int, storage: Storage)]
  /// Buffers that outlive the run, because results lie in them.
  private let kept: [(base: Int, byteCount: Int)]
  private let baseCount: Int
  private let outputs: [(base: Int, location: Location)]

  init(_ draft: PlanDraft, outputs: [Location], sweeping: Bool = true) {
    let keptBuffers = Set(outputs.map(\.buffer))
    let draft = sweeping ? draft.sweeping(keeping: keptBuffers) : draft
    let arena = Arena(draft, except: keptBuffers)
    // Base 0 is the arena; every other buffer has a base of its own.
    var bases: [Int: Int] = [:]
    var arguments: [Int] = []
    var known: [(base: Int, storage: Storage)] = []
    var kept: [(base: Int, byteCount: Int)] = []
    for (buffer, kind) in draft.buffers.enumerated() {
      let base = bases.count + 1
      switch kind {
      case .argument: arguments.append(base)
      case .known(let storage): known.append((base, storage))
      case .computed(let byteCount):
        guard keptBuffers.contains(buffer) else { continue }
        kept.append((base, byteCount))
      }
      bases[buffer] = base
    }
    let pins = PinnedArrays()
    steps = draft.calls.map { call in
      call.packed(pins) { buffer in
        bases[buffer].map { (base: $0, offset: 0) } ?? (base: 0, offset: arena.offsets[buffer] ?? 0)
      }
    }
    calls = draft.calls
    self.pins = pins
    arenaSize = arena.size
    argumentBases = arguments
    self.known = known
    self.kept = kept
    baseCount = bases.count + 1
    self.outputs = outputs.map { (bases[$0.buffer] ?? 0, $0) }
  }

  /// The number of kernel calls.
  var callCount: Int { calls.count }

  /// Runs on arguments that lie densely.
  func run(_ arguments: [View], types: [ScalarType], on pool: WorkerPool?) -> [View] {
    let arena = Storage(byteCount: arenaSize)
    let results = kept.map { Storage(byteCount: $0.byteCount) }
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: baseCount) { bases in
      bases.initialize(repeating: nil)
      bases[0] = arena.bytes
      for index in argumentBases.indices { bases[argumentBases[index]] = arguments[index].pointer(types[index]) }
      for constant in known { bases[constant.base] = constant.storage.bytes }
      for (place, storage) in zip(kept, results) { bases[place.base] = storage.bytes }
      var failure = ck_failure()
      let first = UnsafePointer(bases.baseAddress)
      let failed =
        Profile.isOn
        ? Profile.shared.run(steps, of: self, first, pool, &failure)
        : ck_run(pool?.threads, steps.count, steps, first, &failure)
      if failed >= 0 { failure.stopForIndex() }
      return withExtendedLifetime((arguments, arena, pool)) {
        outputs.map { base, location in
          View(
            storage: storage(of: base, results, arguments), offset: offset(base, location, arguments),
            strides: location.strides)
        }
      }
    }
  }

  private func storage(of base: Int, _ results: [Storage], _ arguments: [View]) -> Storage {
    if let index = kept.firstIndex(where: { $0.base == base }) { return results[index] }
    if let index = argumentBases.firstIndex(of: base) { return arguments[index].storage }
    guard let constant = known.first(where: { $0.base == base }) else { preconditionFailure("a result lies somewhere") }
    return constant.storage
  }

  private func offset(_ base: Int, _ location: Location, _ arguments: [View]) -> Int {
    // An argument's pointer is that of its first element.
    argumentBases.firstIndex(of: base).map { arguments[$0].offset + location.offset } ?? location.offset
  }
}

/// A plan while it is being made.
struct PlanDraft: KernelSink {
  enum Buffer {
    case argument
    case known(Storage)
    case computed(Int)
  }
  private(set) var buffers: [Buffer] = []
  var calls: [KernelCall] = []
  let precision: ProductPrecision

  init(_ precision: ProductPrecision) { self.precision = precision }

  mutating func makeArgument(_ shape: Shape, _ type: ScalarType, strides: [Int]? = nil) -> Location {
    buffers.append(.argument)
    return Location(buffer: buffers.count - 1, strides: strides, shape: shape, scalarType: type)
  }

  mutating func addKnown(_ view: View, _ shape: Shape, _ type: ScalarType) -> Location {
    buffers.append(.known(view.storage))
    return Location(
      buffer: buffers.count - 1, offset: view.offset, strides: view.strides, shape: shape, scalarType: type)
  }

  mutating func makeArray(_ shape: Shape, _ type: ScalarType) -> Location {
    buffers.append(.computed(shape.elementCount * type.byteCount))
    return Location(buffer: buffers.count - 1, shape: shape, scalarType: type)
  }

  mutating func call(_ kernel: KernelCall) { calls.append(kernel) }

  /// Whether an array is computed by the calls and fills a buffer.
  func isWhole(_ location: Location) -> Bool {
    guard case .computed(let byteCount) = buffers[location.buffer], location.isDense else { return false }
    return location.offset == 0 && location.shape.elementCount * location.scalarType.byteCount == byteCount
  }
}
