import CKernels

/// An order of a program's operations, in groups: those that can run together tile by tile, without waiting for anything
/// else (see `Chain`); and all others alone.
struct Schedule {
  struct Group {
    /// The output slots of the operations.
    var slots: [Int] = []
    /// The shape that they run over: that of what is folded, where there are folds.
    var shape: Shape = []
    /// The axes that the folds among them fold; empty without any.
    var folded: [Int] = []
    /// How the folds at their end fold block by block; a group has these or those above.
    var blocks: BlockFold?

    /// Whether it is one operation that no chain makes better: a chain is shared by threads where it is large.
    func isAlone(_ operation: Program.Operation?) -> Bool {
      slots.count == 1 && blocks == nil
        && !(operation?.isElementwise ?? false && shape.elementCount >= Chain.worthSharing)
    }
  }

  private(set) var groups: [Group] = []

  private let operations: [Int: Program.Operation]
  private let shapes: [Shape]
  /// The operations that read a slot.
  private var readers: [Int: [Int]] = [:]
  /// How many inputs of an operation are still to be computed.
  private var missing: [Int: Int] = [:]

  /// A schedule of the operations with these output slots; `shapes` has those of all slots.
  init(_ operations: [Int: Program.Operation], shapes: [Shape]) {
    self.operations = operations
    self.shapes = shapes
    var ready = Ready()
    for slot in operations.keys.sorted() {
      guard let operation = operations[slot] else { continue }
      let awaited = Set(operation.inputs.filter { operations[$0] != nil })
      for input in awaited { readers[input, default: []].append(slot) }
      missing[slot] = awaited.count
      if awaited.isEmpty { ready.add(slot, operation.chainedShape(shapes)) }
    }
    // What cannot be joined goes first, so that as much as possible is ready when a chain is made.
    while true {
      if let slot = ready.alone.popFirst() {
        groups.append(Group(slots: [slot], shape: shapes[slot]))
        release(slot, &ready)
      } else if let shape = ready.nextShape {
        groups.append(chain(of: shape, &ready))
      } else {
        return
      }
    }
  }

  private mutating func release(_ slot: Int, _ ready: inout Ready) {
    for reader in readers[slot] ?? [] {
      missing[reader, default: 0] -= 1
      if missing[reader] == 0, let operation = operations[reader] {
        ready.add(reader, operation.chainedShape(shapes))
      }
    }
  }

  /// How an operation joins a chain.
  private enum Joint {
    case simple
    case fold([Int])
    /// At its end: the chain cannot go on with what comes of it.
    case blocks(BlockFold)
  }

  /// All that is ready and runs over a shape, and what becomes ready by it: elementwise operations, folds of their
  /// results over the same axes, operations on what was folded, and what these are spread to; or folds block by block.
  private mutating func chain(of shape: Shape, _ ready: inout Ready) -> Group {
    var group = Group(shape: shape)
    var members: Set<Int> = []
    var inputs: Set<Int> = []
    func fits(_ operation: Program.Operation) -> Bool {
      inputs.union(operation.inputs.filter { !members.contains($0) }).count <= Chain.mostInputs
        && group.slots.count < Chain.mostOperations
    }
    func isWhole(_ other: Shape) -> Bool { other == shape || other.elementCount == shape.elementCount }
    func isFoldedShape(_ shape: Shape) -> Bool {
      !group.folded.isEmpty && shape.filter { $0 != 1 } == group.shape.removing(axes: group.folded).filter { $0 != 1 }
    }
    /// Whether an operation that is ready can join, and how.
    func joint(_ operation: Program.Operation) -> Joint? {
      let input = operation.inputs.first ?? -1
      switch operation.primitive {
      case .unary, .binary, .compare, .select, .cast:
        return isWhole(operation.shape)
          || (isFoldedShape(operation.shape) && operation.inputs.contains(where: members.contains)) ? .simple : nil
      case .reduce(_, let axes):
        guard !shape.contains(0), let first = axes.first, isWhole(shapes[input]) else { return nil }
        if members.contains(input), group.blocks == nil, shapes[input].count < Int(CK_MAX_RANK),
          group.folded.isEmpty || (group.shape == shapes[input] && group.folded == axes),
          shapes[input][first...].elementCount <= Chain.mostFolded
        {
          return .fold(axes)
        }
        guard group.folded.isEmpty, let fold = BlockFold(shapes[input], axes: axes), (group.blocks ?? fold) == fold
        else { return nil }
        return .blocks(fold)
      case .reshape:
        guard members.contains(input) else { return nil }
        let isView =
          isFoldedShape(shapes[input]) && isFoldedShape(operation.shape)
          || isWhole(operation.shape) && (operations[operations.source(of: input)]?.isElementwise ?? false)
        return isView ? .simple : nil
      case .broadcast:
        // From [.., 1, ..] to [.., folded, ..] and no other way.
        let isSpread =
          members.contains(input) && isFoldedShape(shapes[input]) && operation.shape == group.shape
          && group.shape.replacing(axes: group.folded, with: 1) == shapes[input].padded(to: group.shape.count)
        return isSpread ? .simple : nil
      default: return nil
      }
    }
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for candidate in ready.all(of: shape, orFrom: members, operations) {
        guard let operation = operations[candidate], fits(operation), let joint = joint(operation) else { continue }
        ready.remove(candidate, operation.chainedShape(shapes))
        inputs.formUnion(operation.inputs.filter { !members.contains($0) })
        switch joint {
        case .simple: members.insert(candidate)
        case .fold(let axes):
          (group.folded, group.shape) = (axes, shapes[operation.inputs[0]])
          members.insert(candidate)
        case .blocks(let fold): group.blocks = fold
        }
        group.slots.append(candidate)
        release(candidate, &ready)
        isGrowing = true
      }
    }
    return group
  }

  /// The operations whose inputs have all been computed, in the order of the trace.
  private struct Ready {
    var alone = SortedSlots()
    var chained: [Shape: SortedSlots] = [:]

    /// `shape` is that of the chains that the operation can begin; nil: of none.
    mutating func add(_ slot: Int, _ shape: Shape?) {
      guard let shape else { return alone.insert(slot) }
      chained[shape, default: SortedSlots()].insert(slot)
    }

    mutating func remove(_ slot: Int, _ shape: Shape?) {
      guard let shape else { return alone.remove(slot) }
      chained[shape]?.remove(slot)
      if chained[shape]?.isEmpty ?? false { chained[shape] = nil }
    }

    /// The smallest shape, so that as much as possible is ready for the large ones; of equal ones, that traced first.
    var nextShape: Shape? {
      chained.min { ($0.key.elementCount, $0.value.first ?? .max) < ($1.key.elementCount, $1.value.first ?? .max) }?.key
    }

    /// The operations that can begin a chain of a shape, and all that read one of `members`.
    func all(of shape: Shape, orFrom members: Set<Int>, _ operations: [Int: Program.Operation]) -> [Int] {
      func reads(_ slot: Int) -> Bool { operations[slot]?.inputs.contains(where: members.contains) ?? false }
      return
        (chained.flatMap { key, slots in key == shape ? slots.all : slots.all.filter(reads) }
        + alone.all.filter(reads)).sorted()
    }
  }
}

/// Slots in rising order.
private struct SortedSlots {
  private(set) var all: [Int] = []

  var isEmpty: Bool { all.isEmpty }
  var first: Int? { all.first }

  mutating func insert(_ slot: Int) { all.insert(slot, at: all.firstIndex { $0 > slot } ?? all.count) }

  mutating func remove(_ slot: Int) { all.removeAll { $0 == slot } }

  mutating func popFirst() -> Int? { all.isEmpty ? nil : all.removeFirst() }
}

extension Shape {
  /// With axes of size 1 in front.
  fileprivate func padded(to rank: Int) -> Shape { Shape(repeating: 1, count: Swift.max(rank - count, 0)) + self }
}

extension [Int: Program.Operation] {
  /// The slot that a slot shows with another shape; itself where it shows none.
  func source(of slot: Int) -> Int {
    var slot = slot
    while let operation = self[slot], case .reshape = operation.primitive { slot = operation.inputs[0] }
    return slot
  }
}

extension Program.Operation {
  /// Whether each element of the result depends on the elements at the same place only.
  var isElementwise: Bool {
    switch primitive {
    case .unary, .binary, .compare, .select, .cast: true
    default: false
    }
  }

  var isFold: Bool { if case .reduce = primitive { true } else { false } }

  /// The shape of the chains that the operation can begin, if it can.
  func chainedShape(_ shapes: [Shape]) -> Shape? {
    if isElementwise { return shape }
    guard case .reduce(_, let axes) = primitive, BlockFold(shapes[inputs[0]], axes: axes) != nil else { return nil }
    return shapes[inputs[0]]
  }

  var isConstant: Bool { if case .constant = primitive { true } else { false } }
}
