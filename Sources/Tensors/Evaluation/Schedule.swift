/// An order of a program's operations, in groups: elementwise operations of one shape that can run together, block by
/// block, without waiting for anything else; and all others alone.
struct Schedule {
  /// The output slots of the operations of each group.
  private(set) var groups: [[Int]] = []

  private let operations: [Int: Program.Operation]
  /// The operations that read a slot.
  private var readers: [Int: [Int]] = [:]
  /// How many inputs of an operation are still to be computed.
  private var missing: [Int: Int] = [:]

  init(_ operations: [Int: Program.Operation], outputs: Set<Int>) {
    self.operations = operations
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
        groups.append([slot])
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

  /// All elementwise operations of a shape that are ready, and those that become ready by them.
  private mutating func chain(of shape: Shape, _ ready: inout Ready) -> [Int] {
    var group: [Int] = []
    var inputs: Set<Int> = []
    while let slot = ready.chained[shape]?.popFirst(), let operation = operations[slot] {
      let joined = inputs.union(operation.inputs.filter { !group.contains($0) })
      if joined.count > Chain.mostInputs || group.count == Chain.mostOperations {
        ready.chained[shape]?.insert(slot)
        break
      }
      inputs = joined
      group.append(slot)
      release(slot, &ready)
    }
    if ready.chained[shape]?.isEmpty ?? false { ready.chained[shape] = nil }
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

    /// The shape of the operation that was traced first.
    var nextShape: Shape? { chained.min { ($0.value.first ?? .max) < ($1.value.first ?? .max) }?.key }
  }
}

/// Slots in rising order.
private struct SortedSlots {
  private var slots: [Int] = []

  var isEmpty: Bool { slots.isEmpty }
  var first: Int? { slots.first }

  mutating func insert(_ slot: Int) {
    slots.insert(slot, at: slots.firstIndex { $0 > slot } ?? slots.count)
  }

  mutating func popFirst() -> Int? { slots.isEmpty ? nil : slots.removeFirst() }
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
