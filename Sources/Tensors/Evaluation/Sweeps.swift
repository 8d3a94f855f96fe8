import CKernels

/// Kernel calls in a row on large arrays, such as the activations of many images, which are cut so that a few images go through
/// all of the calls before the next few do: what lies between stays in the cache, and what only these calls need takes the
/// memory of a few images. The results have the same bits, but for gradients by filters in bfloat16, where the processor adds two
/// pixels at a time: which two, the parts decide. They depend on shapes only, never on the number of threads.
///
/// An example is the way back through a block of a network: a chain computes the cotangent of a convolution's output, which the
/// gradients by its filters and by its input read, and nobody else.
struct Sweep {
  /// The rows of all tasks, of which `ofTask` belong to one.
  let rows: Int
  let ofTask: Int
  /// The calls that are cut, those that do not depend on them, and those that wait for them.
  private(set) var members: [Int] = []
  private(set) var before: [Int] = []
  private(set) var after: [Int] = []
  /// Parts begin at multiples of this number of rows.
  private var unit = 1
  /// The elements in a row of the arrays that are written by members.
  private var written: [Int: Int] = [:]
  /// Those that are complete at the end.
  private var sums: Set<Int> = []
  /// The bytes in a row of each large array, and how many members touch it.
  private var large: [Int: (rowByteCount: Int, users: Int)] = [:]
  private var readByMembers: Set<Int> = []
  private var readAfter: Set<Int> = []
  private var writtenAfter: Set<Int> = []

  /// The least array that is large, in bytes, and the least row of it: many small rows are taken at once anyway.
  private static let (leastLarge, leastRow) = (7 << 19, 1 << 14)
  /// What the largest array of a part may take, in bytes.
  private static let partByteCount = 1 << 20
  private static let mostMembers = 32
  /// How many calls that do not join are looked at before the sweep ends.
  private static let patience = 12

  /// The sweep that begins with the first of `order`; nil if none is worth it.
  init?(_ order: ArraySlice<Int>, in draft: PlanDraft, rows: Int, ofTask: Int) {
    (self.rows, self.ofTask) = (rows, ofTask)
    guard let first = order.first, join(first, in: draft) else { return nil }
    // What lies behind the last member stays where it is.
    var (waited, others) = (0, (before: 0, after: 0))
    for call in order.dropFirst() {
      if members.count < Self.mostMembers, join(call, in: draft) {
        (waited, others) = (0, (before.count, after.count))
        continue
      }
      waited += 1
      if waited > Self.patience { break }
      let (read, written) = draft.calls[call].touched
      if mayRead(read), mayWrite(written) {
        before.append(call)
      } else {
        after.append(call)
        readAfter.formUnion(read)
        writtenAfter.formUnion(written)
      }
    }
    before.removeLast(before.count - others.before)
    after.removeLast(after.count - others.after)
    guard large.contains(where: { $1.users > 1 }), partRows < rows else { return nil }
  }

  /// Whether arrays of so many bytes, with so many in a row, are cut.
  static func isLarge(_ byteCount: Int, rowByteCount: Int) -> Bool {
    byteCount >= leastLarge && rowByteCount >= leastRow
  }

  /// How many calls it has looked at.
  var count: Int { members.count + before.count + after.count }

  /// The rows of a part.
  private var partRows: Int {
    let row = large.values.map(\.rowByteCount).max() ?? 1
    let most = max(unit, Self.partByteCount / max(row, 1) / unit * unit)
    return min(most, ofTask)
  }

  /// Whether a call that goes before all parts could read these: nothing that the members, or calls that wait for them, write.
  private func mayRead(_ buffers: [Int]) -> Bool {
    buffers.allSatisfy { written[$0] == nil && !sums.contains($0) && !writtenAfter.contains($0) }
  }

  /// Whether a call could write these before what has been looked at reads or writes them.
  private func mayWrite(_ buffers: [Int]) -> Bool {
    mayRead(buffers) && buffers.allSatisfy { !readByMembers.contains($0) && !readAfter.contains($0) }
  }

  /// Takes a call if it goes over the same rows, has a large array in common with the others, and needs of what they write
  /// only the rows at the same places.
  private mutating func join(_ index: Int, in draft: PlanDraft) -> Bool {
    let call = draft.calls[index]
    guard let access = call.access(to: rows, ofTask: ofTask), ofTask % access.unit == 0 else { return false }
    let (read, writes) = call.touched
    guard read.allSatisfy({ !writtenAfter.contains($0) && !sums.contains($0) }),
      access.fixed.allSatisfy({ written[$0.buffer] == nil }), access.writes.allSatisfy(draft.isWhole), mayWrite(writes),
      access.reads.allSatisfy({ array in
        written[array.buffer].map { array.rowStride(rows) == $0 && array.offset < $0 } ?? true
      })
    else { return false }
    let arrays = Dictionary(
      (access.reads + access.writes).map { ($0.buffer, draft.byteCount(of: $0)) }, uniquingKeysWith: max
    ).filter { Self.isLarge($1, rowByteCount: $1 / rows) }
    guard !arrays.isEmpty, members.isEmpty || arrays.keys.contains(where: { large[$0] != nil }) else { return false }
    members.append(index)
    unit = leastCommonMultiple(unit, leastCommonMultiple(access.unit, access.grain))
    for array in access.writes { written[array.buffer] = array.shape.elementCount / rows }
    sums.formUnion(access.sums.map(\.buffer))
    readByMembers.formUnion(read)
    for (buffer, byteCount) in arrays {
      large[buffer] = (byteCount / rows, (large[buffer]?.users ?? 0) + 1)
    }
    return true
  }

  /// The members' calls for all parts; arrays that `users` other calls do not touch have only the rows of a part.
  func parts(of draft: inout PlanDraft, users: [Int: Int], kept: Set<Int>) -> [KernelCall]? {
    var own: [Int: Int] = [:]
    for member in members {
      let (read, writes) = draft.calls[member].touched
      for buffer in Set(read + writes) { own[buffer, default: 0] += 1 }
    }
    var inner: [Int: Int] = [:]
    for buffer in written.keys.sorted() where own[buffer] == users[buffer] && !kept.contains(buffer) {
      guard case .computed(let byteCount) = draft.buffers[buffer] else { continue }
      inner[buffer] = draft.makeArray([byteCount / rows * partRows], .bool).buffer
    }
    func moved(_ location: Location, _ range: Range<Int>) -> Location {
      guard let buffer = inner[location.buffer], let row = written[location.buffer] else { return location }
      var location = location
      location.buffer = buffer
      location.offset -= range.lowerBound * row
      return location
    }
    var calls: [KernelCall] = []
    for task in 0..<(rows / ofTask) {
      for start in stride(from: task * ofTask, to: (task + 1) * ofTask, by: partRows) {
        let range = start..<min(start + partRows, (task + 1) * ofTask)
        for member in members {
          guard var call = draft.calls[member].part(range, of: rows) else { return nil }
          call.operands = call.operands.map { moved($0, range) }
          call.out = moved(call.out, range)
          calls.append(call)
        }
      }
    }
    return calls
  }
}

extension PlanDraft {
  /// The same with sweeps; `kept` are the buffers that others read or write.
  func sweeping(keeping kept: Set<Int>) -> PlanDraft {
    // Rows are images; where several convolutions have as many, those that any of them takes as one task's.
    var counts: [Int: Int] = [:]
    for case let images? in calls.map(\.images) {
      counts[images.all] = greatestCommonDivisor(images.ofTask, counts[images.all] ?? images.ofTask)
    }
    let candidates = counts.sorted { $0.key > $1.key }
    if candidates.isEmpty { return self }
    var users: [Int: Int] = [:]
    for call in calls {
      let (read, written) = call.touched
      for buffer in Set(read + written) { users[buffer, default: 0] += 1 }
    }
    var draft = self
    var swept: [KernelCall] = []
    // What goes before a sweep may have sweeps of its own.
    func sweep(_ some: ArraySlice<Int>) {
      var order = some
      while let first = order.first {
        var found: (sweep: Sweep, parts: [KernelCall])?
        for (rows, ofTask) in candidates where found == nil {
          if let sweep = Sweep(order, in: self, rows: rows, ofTask: ofTask),
            let parts = sweep.parts(of: &draft, users: users, kept: kept)
          {
            found = (sweep, parts)
          }
        }
        guard let (found, parts) = found else {
          swept.append(calls[first])
          order.removeFirst()
          continue
        }
        sweep(found.before[...])
        swept += parts
        order = found.after + order.dropFirst(found.count)
      }
    }
    sweep(Array(calls.indices)[...])
    draft.calls = swept
    return draft
  }

  func byteCount(of location: Location) -> Int {
    switch buffers[location.buffer] {
    case .computed(let byteCount): byteCount
    default:
      zip(location.shape, location.allStrides).reduce(1) { $1.1 == 0 ? $0 : $0 * $1.0 } * location.scalarType.byteCount
    }
  }
}
