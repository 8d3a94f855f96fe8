/// Places for intermediate arrays in one block of memory, by when they are first written and last read.
struct Arena {
  /// In bytes, by buffer.
  private(set) var offsets: [Int: Int] = [:]
  private(set) var size = 0

  init(_ draft: PlanDraft, except kept: Set<Int>) {
    let (lives, lifeOfBuffer) = ArrayLife.all(in: draft, except: kept)
    var placement = Placement(inTurn: lives)
    if placement.size >= Self.leastPacked, lives.count <= Self.mostPacked {
      let packed = Placement(largestFirst: lives)
      if packed.size < placement.size { placement = packed }
    }
    offsets = lifeOfBuffer.mapValues { placement.starts[$0] }
    size = placement.size
  }

  /// The least arena, in bytes, for which a tighter packing is looked for: what fits in the caches is best where the last
  /// array lay.
  private static let leastPacked = 8 << 20
  /// The most arrays for which it is: it takes time as their square, 0.15 s for so many.
  private static let mostPacked = 8192
}

/// The memory of an array, or of several that take each other's place, while it is in use.
struct ArrayLife {
  /// The call that writes it first, and the last one that touches it.
  var calls: ClosedRange<Int>
  /// In bytes, whole cache lines.
  var length: Int

  /// The lives of all arrays of a plan but some, in the order in which they begin, and which of them is whose.
  static func all(in draft: PlanDraft, except kept: Set<Int>) -> (lives: [ArrayLife], ofBuffer: [Int: Int]) {
    func touched(_ call: KernelCall) -> [Int] {
      call.operands.map(\.buffer) + [call.out.buffer] + (call.loop?.arrays.map(\.buffer) ?? [])
    }
    var lastUse: [Int: Int] = [:]
    for (position, call) in draft.calls.enumerated() { for buffer in touched(call) { lastUse[buffer] = position } }
    var (lives, ofBuffer): ([ArrayLife], [Int: Int]) = ([], [:])
    var ends: [Int: [Int]] = [:]
    for (position, call) in draft.calls.enumerated() {
      for buffer in touched(call) where ofBuffer[buffer] == nil && !kept.contains(buffer) {
        guard case .computed(let byteCount) = draft.buffers[buffer] else { continue }
        let last = lastUse[buffer] ?? position
        if let replaced = replaced(by: buffer, in: call, ending: ends[position] ?? [], of: draft),
          let life = ofBuffer[replaced]
        {
          ofBuffer[buffer] = life
          lives[life].calls = lives[life].calls.lowerBound...last
          ends[position]?.removeAll { $0 == replaced }
        } else {
          ofBuffer[buffer] = lives.count
          lives.append(ArrayLife(calls: position...last, length: max((byteCount + 63) & ~63, 64)))
        }
        ends[last, default: []].append(buffer)
      }
    }
    return (lives, ofBuffer)
  }

  /// The least array, in bytes, that takes another's place: small ones stay in the first caches either way, and W1 took 6 %
  /// longer.
  private static let leastReplaced = 1 << 17

  /// An array that a result may take the place of, among those that are read for the last time.
  private static func replaced(
    by buffer: Int, in call: KernelCall, ending: [Int], of draft: PlanDraft
  ) -> Int? {
    guard let place = call.operands.lastIndex(where: { $0.buffer == buffer }) else { return nil }
    return call.replaceable(by: place).lazy.map { call.operands[$0].buffer }.first { candidate in
      guard ending.contains(candidate), case .computed(let byteCount) = draft.buffers[candidate],
        case .computed(let own) = draft.buffers[buffer]
      else { return false }
      return byteCount == own && own >= Self.leastReplaced
    }
  }
}

/// Where lives begin in a block of memory: no two that overlap in time overlap in place.
struct Placement {
  /// In bytes, by life.
  private(set) var starts: [Int] = []
  private(set) var size = 0

  /// Each in turn in the smallest stretch that is free when it begins: what was last in use is used again first.
  init(inTurn lives: [ArrayLife]) {
    var memory = FreeMemory()
    var ends: [Int: [Int]] = [:]
    var call = 0
    for (index, life) in lives.enumerated() {
      while call < life.calls.lowerBound {
        for ended in ends.removeValue(forKey: call) ?? [] {
          memory.give(starts[ended], starts[ended] + lives[ended].length)
        }
        call += 1
      }
      starts.append(memory.take(life.length))
      ends[life.calls.upperBound, default: []].append(index)
    }
    size = memory.size
  }

  /// The largest first, each in the smallest gap between those that live at the same time (greedy by size: Pisarchyk and
  /// Lee, "Efficient memory management for deep neural net inference", 2020).
  init(largestFirst lives: [ArrayLife]) {
    starts = Array(repeating: 0, count: lives.count)
    var placed: [Int] = []
    for life in lives.indices.sorted(by: { (lives[$0].length, $1) > (lives[$1].length, $0) }) {
      let length = lives[life].length
      let taken = placed.filter { lives[$0].calls.overlaps(lives[life].calls) }.sorted { starts[$0] < starts[$1] }
      var (end, best, least) = (0, Int?.none, Int.max)
      for other in taken {
        let gap = starts[other] - end
        if gap >= length, gap < least { (best, least) = (end, gap) }
        end = max(end, starts[other] + lives[other].length)
      }
      starts[life] = best ?? end
      size = max(size, starts[life] + length)
      placed.append(life)
    }
  }
}

/// Stretches of a block of memory that are free, and how long the block is.
private struct FreeMemory {
  private(set) var size = 0
  /// By where they begin.
  private var stretches: [(start: Int, end: Int)] = []

  /// The smallest stretch that is long enough, or new memory at the end.
  mutating func take(_ length: Int) -> Int {
    let fitting = stretches.indices.filter { stretches[$0].end - stretches[$0].start >= length }
    if let best = fitting.min(by: {
      stretches[$0].end - stretches[$0].start < stretches[$1].end - stretches[$1].start
    }) {
      let start = stretches[best].start
      stretches[best].start += length
      if stretches[best].start == stretches[best].end { stretches.remove(at: best) }
      return start
    }
    defer { size += length }
    return size
  }

  mutating func give(_ start: Int, _ end: Int) {
    let place = stretches.firstIndex { $0.start > start } ?? stretches.count
    stretches.insert((start, end), at: place)
    if place + 1 < stretches.count, stretches[place].end == stretches[place + 1].start {
      stretches[place].end = stretches[place + 1].end
      stretches.remove(at: place + 1)
    }
    if place > 0, stretches[place - 1].end == stretches[place].start {
      stretches[place - 1].end = stretches[place].end
      stretches.remove(at: place)
    }
  }
}
