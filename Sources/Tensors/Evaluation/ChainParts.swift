import CKernels

/// What a group of operations comes to as a chain: what is computed, what only shows another result, and what is written.
struct ChainParts {
  typealias Part = (slot: Int, operation: Program.Operation)
  /// An operation that runs together with the one after it, and whether its result is that one's second operand.
  typealias First = (operation: Program.Operation, isSecondOperand: Bool)
  /// A slot that shows another one of the chain: reshaped, or spread.
  typealias Alias = (slot: Int, of: Int, operation: Program.Operation)

  /// In order.
  private(set) var computed: [Part] = []
  private(set) var aliases: [Alias] = []
  /// What runs in one pass with the operation that a slot is computed by, just before it.
  private(set) var firsts: [Int: First] = [:]
  /// The slots that are read, with one operation that reads each.
  private(set) var inputs: [(slot: Int, reader: Program.Operation)] = []
  /// The computed slots that are needed outside.
  private(set) var written: Set<Int> = []
  /// The position of the last operation that reads a slot.
  private(set) var lastUse: [Int: Int] = [:]

  private let members: Set<Int>
  /// What reshaped slots are in truth.
  private var shown: [Int: Int] = [:]

  init(
    _ group: Schedule.Group, of operations: [Int: Program.Operation], _ types: [ScalarType],
    readBy readers: [Int: [Int]],
    outputs: Set<Int>
  ) {
    let members = Set(group.slots)
    self.members = members
    let outside = members.filter { slot in
      outputs.contains(slot) || readers[slot]?.contains { !members.contains($0) } ?? false
    }
    let parts = Self.mergingComparisons(
      group.slots.compactMap { slot in operations[slot].map { (slot, $0) } }, types, keeping: outside)
    for part in parts {
      guard let input = part.operation.inputs.first else { continue }
      switch part.operation.primitive {
      case .reshape:
        shown[part.slot] = shown[input] ?? input
        aliases.append((part.slot, input, part.operation))
      case .broadcast: aliases.append((part.slot, input, part.operation))
      default: break
      }
    }
    // What is seen outside through an alias is what must be written.
    var seen = Set(parts.map(\.slot)).intersection(outside)
    for alias in aliases.reversed() where seen.remove(alias.slot) != nil { seen.insert(alias.of) }
    written = Set(seen.map(root))

    // A spread is only computed where the chain itself reads it.
    let read = Set(parts.flatMap(\.operation.inputs))
    computed = parts.filter { part in
      switch part.operation.primitive {
      case .reshape: false
      case .broadcast: read.contains(part.slot)
      default: true
      }
    }
    pair(types)
    for (position, part) in computed.enumerated() {
      for input in sources(of: part) {
        lastUse[input] = position
        if !isOwn(input), !inputs.contains(where: { $0.slot == input }) { inputs.append((input, part.operation)) }
      }
    }
  }

  /// The slots that an operation reads; where another runs just before it, that one's first.
  func sources(of part: Part) -> [Int] {
    let inputs = part.operation.inputs.map(root)
    guard let first = firsts[part.slot] else { return inputs }
    let own = first.operation.inputs.map(root)
    // A square is a product, and a ReLU or a square has no other operand.
    return (own.count == 1 ? own + own : own) + [inputs.count == 1 ? own[0] : inputs[first.isSecondOperand ? 0 : 1]]
  }

  /// Joins a sum, difference or product that is used once, by another such operation, a ReLU or a square, to that one; and a
  /// comparison to the product that it is a factor of.
  private mutating func pair(_ types: [ScalarType]) {
    var uses: [Int: Int] = [:]
    for part in computed { for input in part.operation.inputs { uses[root(input), default: 0] += 1 } }
    let known = Dictionary(uniqueKeysWithValues: computed.map { ($0.slot, $0.operation) })
    var joined: Set<Int> = []
    for part in computed where part.operation.isSecondOfPair && part.operation.scalarType.isFloating {
      // The later one of its operands, for then the fewest registers wait for it.
      let candidates = part.operation.inputs.indices.reversed().map {
        (isSecond: $0 == 1, slot: root(part.operation.inputs[$0]))
      }
      let found = candidates.first { candidate in
        guard uses[candidate.slot] == 1, !written.contains(candidate.slot), firsts[candidate.slot] == nil,
          let first = known[candidate.slot]
        else { return false }
        return first.isFirst(ofPairWith: part.operation)
          && first.shape.elementCount == part.operation.shape.elementCount
      }
      guard let found, let first = known[found.slot] else { continue }
      firsts[part.slot] = (first, found.isSecond)
      joined.insert(found.slot)
    }
    computed.removeAll { joined.contains($0.slot) }
  }

  /// The slot that is computed, or read, for a slot.
  func root(_ slot: Int) -> Int { shown[slot] ?? slot }

  /// Whether a slot is computed by the chain.
  func isOwn(_ slot: Int) -> Bool { members.contains(slot) }

  /// The operations, where a comparison that is only made a number gives the number itself.
  private static func mergingComparisons(_ parts: [Part], _ types: [ScalarType], keeping outside: Set<Int>) -> [Part] {
    var uses: [Int: Int] = [:]
    for part in parts { for input in part.operation.inputs { uses[input, default: 0] += 1 } }
    let known = Dictionary(uniqueKeysWithValues: parts.map { ($0.slot, $0.operation) })
    var merged: Set<Int> = []
    let result = parts.map { part -> Part in
      guard case .cast = part.operation.primitive, let input = part.operation.inputs.first, uses[input] == 1,
        !outside.contains(input), let compared = known[input], case .compare = compared.primitive,
        let first = compared.inputs.first, types[first] == part.operation.scalarType, types[first].isFloating
      else { return part }
      merged.insert(input)
      let indicator = Program.Operation(
        primitive: compared.primitive, inputs: compared.inputs, shape: part.operation.shape,
        scalarType: part.operation.scalarType)
      return (part.slot, indicator)
    }
    return result.filter { !merged.contains($0.slot) }
  }
}

extension Program.Operation {
  private var isSumOrProduct: Bool {
    guard case .binary(let function) = primitive else { return false }
    return function.rawValue <= CKBinary.multiply.rawValue
  }

  fileprivate var isSecondOfPair: Bool { isSumOrProduct || primitive == .unary(.relu) || primitive == .unary(.square) }

  fileprivate func isFirst(ofPairWith second: Program.Operation) -> Bool {
    switch primitive {
    case .unary(.square): true
    case .compare(.less): scalarType.isFloating && second.primitive == .binary(.multiply)
    default: isSumOrProduct
    }
  }
}
