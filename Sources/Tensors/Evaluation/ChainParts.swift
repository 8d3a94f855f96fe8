import CKernels

/// What a group of operations comes to as a chain: what is computed, what only shows another result, and what is written.
struct ChainParts {
  typealias Part = (slot: Int, operation: Program.Operation)
  /// A slot that shows another one of the chain: reshaped, or spread.
  typealias Alias = (slot: Int, of: Int, operation: Program.Operation)

  /// In order.
  private(set) var computed: [Part] = []
  private(set) var aliases: [Alias] = []
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
    for (position, part) in computed.enumerated() {
      for input in part.operation.inputs.map(root) {
        lastUse[input] = position
        if !isOwn(input), !inputs.contains(where: { $0.slot == input }) { inputs.append((input, part.operation)) }
      }
    }
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
