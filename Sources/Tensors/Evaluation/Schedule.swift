/// An order of a program's operations, in groups: those that can run together tile by tile, without waiting for anything
/// else (see `Chain`); and all others alone.
struct Schedule {
  struct Group {
    /// The output slots of the operations.
    var slots: [Int] = []
    /// The shape that they run over.
    var shape: Shape = []
    /// The axes that the folds among them fold; empty without any.
    var folded: Range<Int> = 0..<0
  }

  private(set) var groups: [Group] = []

  private let operations: [Int: Program.Operation]
  private let shapes: [Shape]
  /// The operations that read a slot.
  private(set) var readers: [Int: [Int]] = [:]
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
      if awaited.isEmpty { ready.add(slot, operation) }
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
      if missing[reader] == 0, let operation = operations[reader] { ready.add(reader, operation) }
    }
  }

  /// All that is ready and runs over a shape, and what becomes ready by it: elementwise operations, folds of their
  /// results over the same axes, operations on what was folded, and what these are spread to.
  private mutating func chain(of shape: Shape, _ ready: inout Ready) -> Group {
    var group = Group(shape: shape)
    var members: Set<Int> = []
    var inputs: Set<Int> = []
    var operationCount = 0
    func fits(_ operation: Program.Operation) -> Bool {
      inputs.union(operation.inputs.filter { !members.contains($0) }).count <= Chain.mostInputs
        && operationCount < Chain.mostOperations
    }
    func isFoldedShape(_ shape: Shape) -> Bool {
      !group.folded.isEmpty && shape.filter { $0 != 1 } == group.shape.removing(group.folded).filter { $0 != 1 }
    }
    /// Whether an operation that is ready can join, and the axes that it folds.
    func joins(_ operation: Program.Operation) -> Bool {
      let input = operation.inputs.first ?? -1
      switch operation.primitive {
      case .unary, .binary, .compare, .select, .cast:
        return operation.shape == shape
          || (isFoldedShape(operation.shape) && operation.inputs.contains(where: members.contains))
      case .reduce(_, let axes):
        guard members.contains(input), shapes[input] == shape, !shape.contains(0), let first = axes.first,
          let last = axes.last
        else {
          return false
        }
        guard axes == Array(first...last), group.folded.isEmpty || group.folded == first..<(last + 1) else {
          return false
        }
        return shape[first...].elementCount <= Chain.mostFolded
      case .reshape: return members.contains(input) && isFoldedShape(shapes[input]) && isFoldedShape(operation.shape)
      case .broadcast:
        // From [.., 1, ..] to [.., folded, ..] and no other way.
        return members.contains(input) && isFoldedShape(shapes[input]) && operation.shape == shape
          && group.shape.replacing(axes: Array(group.folded), with: 1) == shapes[input].padded(to: shape.count)
      default: return false
      }
    }
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for candidate in ready.all(of: shape, orFrom: members, operations) {
        guard let operation = operations[candidate], fits(operation), joins(operation) else { continue }
        if case .reduce(_, let axes) = operation.primitive, let first = axes.first {
          group.folded = first..<(first + axes.count)
        }
        ready.remove(candidate, operation)
        inputs.formUnion(operation.inputs.filter { !members.contains($0) })
        members.insert(candidate)
        group.slots.append(candidate)
        operationCount += 1
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

    mutating func add(_ slot: Int, _ operation: Program.Operation) {
      if operation.isElementwise {
        chained[operation.shape, default: SortedSlots()].insert(slot)
      } else {
        alone.insert(slot)
      }
    }

    mutating func remove(_ slot: Int, _ operation: Program.Operation) {
      guard operation.isElementwise else { return alone.remove(slot) }
      chained[operation.shape]?.remove(slot)
      if chained[operation.shape]?.isEmpty ?? false { chained[operation.shape] = nil }
    }

    /// The smallest shape, so that as much as possible is ready for the large ones; of equal ones, that traced first.
    var nextShape: Shape? {
      chained.min { ($0.key.elementCount, $0.value.first ?? .max) < ($1.key.elementCount, $1.value.first ?? .max) }?.key
    }

    /// The elementwise operations of a shape, and all that read one of `members`.
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
  fileprivate func removing(_ axes: Range<Int>) -> Shape { removing(axes: Array(axes)) }

  /// With axes of size 1 in front.
  fileprivate func padded(to rank: Int) -> Shape { Shape(repeating: 1, count: Swift.max(rank - count, 0)) + self }
}

extension Program.Operation {
  /// Whether each element of the result depends on the elements at the same place only.
  var isElementwise: Bool {
    switch primitive {
    case .unary, .binary, .compare, .select, .cast: true
    default: false
    }
  }

  var isConstant: Bool { if case .constant = primitive { true } else { false } }
}
