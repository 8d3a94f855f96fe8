import CKernels

/// Lets a chain compute again what an earlier chain would have to write for it, where that is cheaper: a few cheap
/// elementwise operations on what the chain reads anyway cost less than to write a large array and to read it again.
///
/// The way back through a net reads what the way there computed: differences from a mean, their products with a scale, signs
/// of a ReLU. All come from the output of a convolution in a few operations.
struct Recomputation {
  private(set) var groups: [Schedule.Group]
  var operations: [Int: Program.Operation]
  var types: [ScalarType]

  var shapes: [Shape]
  private let outputs: Set<Int>
  /// Slots that are known, of few numbers that are spread.
  private let spread: Set<Int>
  /// The group that computes a slot.
  var home: [Int: Int] = [:]
  /// The operations that read a slot, shown with other shapes or not.
  var readers: [Int: Set<Int>] = [:]
  /// The copies of operations in each group.
  var copies: [[Int: Int]]
  /// What the copies are copies of.
  private var originals: [Int: Int] = [:]
  /// Those that are groups of their own, by the group that they come before.
  var repeated: [Int: [[Int]]] = [:]

  /// The least array, in bytes, that is worth it: beyond the first cache.
  private static let leastByteCount = 1 << 17
  /// The most operations that are copied for one value.
  private static let mostCopies = 8
  /// What a pass over memory costs, in operations.
  private static let passCost = 2

  init(
    _ schedule: Schedule, of operations: [Int: Program.Operation], _ shapes: [Shape], _ types: [ScalarType],
    outputs: Set<Int>, spread: Set<Int>
  ) {
    groups = schedule.groups
    self.spread = spread
    (self.operations, self.shapes, self.types, self.outputs) = (operations, shapes, types, outputs)
    copies = groups.map { _ in [:] }
    for (index, group) in groups.enumerated() { for slot in group.slots { home[slot] = index } }
    for (slot, operation) in operations {
      for input in operation.inputs { readers[source(input), default: []].insert(slot) }
    }
    // First what then need not be in memory at all, by which it is known how long that is needed which the others come from.
    for isRead in [false, true] { for slot in operations.keys.sorted() { recompute(slot, whereOthersRead: isRead) } }
    for slot in operations.keys.sorted() { repeatForProducts(slot) }
    for slot in operations.keys.sorted() { convolveAgain(slot) }
    drop()
  }

  func source(_ slot: Int) -> Int { operations.source(of: slot) }

  /// What is copied where a slot is, be it a copy itself.
  func original(of slot: Int) -> Int { originals[slot] ?? slot }

  func copy(of slot: Int, in group: Int) -> Int? { copies[group][original(of: slot)] }

  /// Lets all chains that read a slot of an earlier one compute it themselves, if that pays; or, where others read it too, all
  /// chains after these.
  private mutating func recompute(_ slot: Int, whereOthersRead isRead: Bool) {
    guard let operation = operations[slot], operation.cost != nil, let own = home[slot], !isReturned(slot),
      operation.shape.elementCount * operation.scalarType.byteCount >= Self.leastByteCount
    else { return }
    let outside = (readers[slot] ?? []).filter { home[$0] != own && !isView($0) }
    // Others than chains, such as products, need it in memory; chains after them may still do without.
    let others = outside.filter { !isChained($0, as: operation.shape) }.compactMap { home[$0] }.max()
    guard (others != nil) == isRead else { return }
    let chained = outside.filter { reader in
      others.map { home[reader] ?? 0 > $0 && isChained(reader, as: operation.shape) } ?? true
    }
    let targets = Set(chained.compactMap { home[$0] }).sorted()
    guard !targets.isEmpty else { return }
    // To write it, or to have its memory sooner; and each time that it is read.
    var budget = Self.passCost * ((others == nil ? 2 : 1) + targets.count)
    var parts: [[Int]] = []
    for target in targets {
      var needed: [Int] = []
      let before = self.reads(of: target).subtracting([slot])
      var reads = before
      guard let cost = cost(of: slot, in: target, &needed, &reads), fits(needed, reads, in: target),
        // Nothing else may be kept for as long.
        reads.subtracting(before).allSatisfy({ read in
          others.map { target - lastUse(read) <= (target - $0) / 2 } ?? true
        })
      else { return }
      budget -= cost
      parts.append(needed)
    }
    guard budget >= 0 else { return }
    for (target, needed) in zip(targets, parts) {
      for part in needed { copy(part, into: target) }
      for reader in chained where home[reader] == target { redirect(reader, from: slot, in: target) }
    }
  }

  /// What it costs to have a value in a group, with the operations that must be copied, in order; nil: it cannot be had.
  func cost(of slot: Int, in target: Int, _ needed: inout [Int], _ reads: inout Set<Int>) -> Int? {
    if copy(of: slot, in: target) != nil || needed.contains(slot) { return 0 }
    guard let operation = operations[slot], let own = operation.cost, needed.count < Self.mostCopies else { return nil }
    var total = own
    // A comparison that is made a number is one operation.
    if case .cast = operation.primitive, case .compare = operations[operation.inputs[0]]?.primitive { total = 0 }
    for input in operation.inputs.map(source) {
      if reads.contains(input) || isSmall(input) || copy(of: input, in: target) != nil { continue }
      let (before, readsBefore) = (needed, reads)
      if let cost = cost(of: input, in: target, &needed, &reads), cost <= Self.passCost || !isWritten(input) {
        total += cost
      } else {
        (needed, reads) = (before, readsBefore)
        guard isWritten(input) else { return nil }
        reads.insert(input)
        total += Self.passCost
      }
    }
    needed.append(slot)
    return total
  }

  mutating func copy(_ slot: Int, into target: Int) {
    guard copy(of: slot, in: target) == nil, let operation = operations[slot] else { return }
    let new = shapes.count
    shapes.append(operation.shape)
    types.append(operation.scalarType)
    let inputs = operation.inputs.map { copy(of: source($0), in: target) ?? $0 }
    operations[new] = Program.Operation(
      primitive: operation.primitive, inputs: inputs, shape: operation.shape, scalarType: operation.scalarType)
    for input in inputs { readers[source(input), default: []].insert(new) }
    home[new] = target
    originals[new] = original(of: slot)
    copies[target][original(of: slot)] = new
  }

  mutating func redirect(_ reader: Int, from slot: Int, in target: Int) {
    guard let operation = operations[reader], let copy = copy(of: slot, in: target) else { return }
    operations[reader] = Program.Operation(
      primitive: operation.primitive, inputs: operation.inputs.map { source($0) == slot ? copy : $0 },
      shape: operation.shape, scalarType: operation.scalarType)
    readers[slot]?.remove(reader)
    readers[copy, default: []].insert(reader)
  }

  /// Puts the copies into their groups, each before its first reader, and drops what nobody reads any more.
  private mutating func drop() {
    for index in groups.indices where !copies[index].isEmpty {
      let isCopy = Set(copies[index].values)
      var order: [Int] = []
      var placed: Set<Int> = []
      func place(_ slot: Int) {
        // Copies read no members of their group but other copies.
        for input in operations[slot]?.inputs ?? [] where isCopy.contains(input) && placed.insert(input).inserted {
          place(input)
        }
        order.append(slot)
      }
      for member in groups[index].slots { place(member) }
      groups[index].slots = order
    }
    groups = groups.indices.flatMap { index in
      (repeated[index] ?? []).map { Schedule.Group(slots: $0, shape: shapes[$0[0]]) } + [groups[index]]
    }
    var isRead = outputs
    for index in groups.indices.reversed() {
      groups[index].slots = groups[index].slots.reversed().filter { slot in
        guard isRead.contains(slot), let operation = operations[slot] else {
          operations[slot] = nil
          return false
        }
        isRead.formUnion(operation.inputs)
        return true
      }.reversed()
    }
    groups.removeAll { $0.slots.isEmpty }
  }

  /// What a group reads.
  private func reads(of group: Int) -> Set<Int> {
    Set((groups[group].slots + copies[group].values).flatMap { operations[$0]?.inputs.map(source) ?? [] })
      .filter { home[$0] != group }
  }

  private func fits(_ needed: [Int], _ reads: Set<Int>, in group: Int) -> Bool {
    let inputs = needed.flatMap { operations[$0]?.inputs.map(source) ?? [] }
      .filter { copy(of: $0, in: group) == nil && !needed.contains($0) }
    return groups[group].slots.count + copies[group].count + needed.count <= Chain.mostOperations
      && reads.union(inputs).count <= Chain.mostInputs
  }

  func isView(_ slot: Int) -> Bool {
    if case .reshape = operations[slot]?.primitive { true } else { false }
  }

  /// Whether the program returns a slot, shown with another shape or not.
  func isReturned(_ slot: Int) -> Bool { outputs.contains { source($0) == slot } }

  /// The last group that needs the memory of a slot.
  func lastUse(_ slot: Int) -> Int {
    home[slot] == nil || isReturned(slot) ? groups.count : (readers[slot] ?? []).compactMap { home[$0] }.max() ?? -1
  }

  /// Whether an operation runs over a shape in a chain.
  func isChained(_ slot: Int, as shape: Shape) -> Bool {
    guard let operation = operations[slot], let home = home[slot] else { return false }
    if operation.isElementwise { return operation.shape.elementCount == shape.elementCount }
    return operation.isFold && (groups[home].slots.count > 1 || groups[home].blocks != nil)
      && groups[home].shape.elementCount == shape.elementCount
  }

  /// Whether a slot lies in memory: it does not come from a chain, or somebody else reads it.
  private func isWritten(_ slot: Int) -> Bool {
    guard let own = home[slot], operations[slot]?.isElementwise ?? false else { return true }
    return isReturned(slot) || (readers[slot] ?? []).contains { home[$0] != own && !isView($0) }
  }

  /// Whether an input costs next to no pass over memory: a spread of fewer numbers.
  private func isSmall(_ slot: Int) -> Bool {
    guard let operation = operations[slot] else { return spread.contains(slot) }
    switch operation.primitive {
    case .broadcast: return shapes[operation.inputs[0]].elementCount * 4 <= operation.shape.elementCount
    case .constant: return true
    default: return false
    }
  }
}

extension Program.Operation {
  /// What an operation costs that may be done again, in simple operations; nil: it may not.
  var cost: Int? {
    switch primitive {
    case .unary(let function):
      switch function {
      case .negate, .absolute, .sign, .square, .logicalNot, .relu, .floor: 1
      case .reciprocal, .squareRoot: 2
      default: nil
      }
    case .binary(let function):
      switch function {
      case .power: nil
      case .divide: 2
      default: 1
      }
    case .compare, .select, .cast: 1
    default: nil
    }
  }
}
