import CKernels

/// Operations of one shape that run together over tiles that stay in the cache: elementwise ones, folds over some axes,
/// and what is computed of these and spread over the shape again. A softmax is one chain, and so is an optimizer's step.
///
/// Only results that are needed outside are written to memory.
struct Chain: Sendable {
  static let mostInputs = Int(CK_CHAIN_INPUTS)
  static let mostOperations = Int(CK_CHAIN_REGISTERS - CK_CHAIN_INPUTS)
  /// The most elements that belong to one outer index where there are folds: their tiles cannot be cut further.
  static let mostFolded = 8192
  /// About how many elements a tile has.
  private static let tileSize = 1024

  /// The slots that are read.
  private let inputs: [Int]
  /// The slots that are written, with what was computed in the chain and how the slot shows it.
  private let outputs: [(slot: Int, register: Int)]
  private let aliases: [(slot: Int, of: Int, operation: Program.Operation)]
  private let results: [Int: Program.Operation]

  // As C reads them.
  let shape: Shape
  let instructions: [ck_instruction]
  private(set) var registers: [ck_register]
  let outer: Int
  let folded: Int
  let inner: Int
  let tile: Int
  let scratchByteCount: Int

  var inputCount: Int { inputs.count }

  /// A chain of a group of operations; `allReaders` are the operations that read each slot, and `outputs` the slots that
  /// the program returns.
  init(
    _ group: Schedule.Group, of operations: [Int: Program.Operation], _ types: [ScalarType],
    readBy allReaders: [Int: [Int]],
    outputs: Set<Int>
  ) {
    let members = Set(group.slots)
    let shape = group.shape
    self.shape = shape
    (outer, folded, inner) =
      group.folded.isEmpty
      ? (shape.elementCount, 1, 1)
      : (
        shape[..<group.folded.lowerBound].elementCount, shape[group.folded].elementCount,
        shape[group.folded.upperBound...].elementCount
      )
    let each = max(folded * inner, 1)
    tile = max(1, Self.tileSize / each)
    let (wholeCount, tile, inner) = (shape.elementCount, tile, inner)

    var parts = group.slots.compactMap { slot in operations[slot].map { (slot: slot, operation: $0) } }
    let outside = members.filter { slot in
      outputs.contains(slot) || allReaders[slot]?.contains { !members.contains($0) } ?? false
    }

    // A comparison that is only made a number of gives the number itself.
    var readers: [Int: Int] = [:]
    for part in parts { for input in part.operation.inputs { readers[input, default: 0] += 1 } }
    var comparisons: [Int: Program.Operation] = [:]
    for part in parts {
      guard case .cast = part.operation.primitive, let input = part.operation.inputs.first, members.contains(input),
        readers[input] == 1, !outside.contains(input), let compared = operations[input],
        case .compare = compared.primitive, let first = compared.inputs.first,
        types[first] == part.operation.scalarType, types[first].isFloating
      else { continue }
      comparisons[part.slot] = compared
    }
    let merged = Set(comparisons.keys.compactMap { operations[$0]?.inputs.first })
    parts = parts.filter { !merged.contains($0.slot) }.map { part in
      guard let compared = comparisons[part.slot] else { return part }
      return (
        part.slot,
        Program.Operation(
          primitive: compared.primitive, inputs: compared.inputs, shape: part.operation.shape,
          scalarType: part.operation.scalarType)
      )
    }

    // Slots that show another slot of the chain, as it is or spread.
    var shown: [Int: Int] = [:]
    var aliases: [(slot: Int, of: Int, operation: Program.Operation)] = []
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
    func root(_ slot: Int) -> Int { shown[slot] ?? slot }
    // What is seen outside through an alias is what must be written.
    var written = Set(parts.map(\.slot)).intersection(outside)
    for alias in aliases.reversed() where written.remove(alias.slot) != nil { written.insert(alias.of) }
    self.aliases = aliases
    let writtenRoots = Set(written.map(root))

    // What is computed, with the slots that it reads; a spread is only computed where the chain itself reads it.
    let computed = parts.filter { part in
      if case .reshape = part.operation.primitive { return false }
      if case .broadcast = part.operation.primitive {
        return parts.contains { $0.slot != part.slot && $0.operation.inputs.contains(part.slot) }
      }
      return true
    }
    var inputs: [Int] = []
    for input in computed.flatMap(\.operation.inputs).map(root)
    where !members.contains(input) && !inputs.contains(input) {
      inputs.append(input)
    }
    var lastUse: [Int: Int] = [:]
    for (position, part) in computed.enumerated() {
      for input in part.operation.inputs { lastUse[root(input)] = position }
    }

    var registers: [ck_register] = []
    var register: [Int: Int] = [:]
    var scratch = 0
    func add(_ type: ScalarType, isFolded: Bool, place: Int, inMemory: Bool) -> Int {
      let count = tile * (isFolded ? inner : each)
      registers.append(
        ck_register(type: type.code, is_folded: isFolded, offset: inMemory ? Int64(scratch) : -1, place: Int32(place)))
      if inMemory { scratch += (count * type.byteCount + 63) & ~63 }
      return registers.count - 1
    }
    self.inputs = inputs
    var inputShapes: [Int: Shape] = [:]
    for part in computed {
      for input in part.operation.inputs where !members.contains(input) { inputShapes[input] = part.operation.shape }
    }
    for input in inputs {
      let isFolded = !group.folded.isEmpty && (inputShapes[input] ?? shape).elementCount != wholeCount
      register[input] = add(types[input], isFolded: isFolded, place: -1, inMemory: true)
    }

    struct Level: Hashable {
      var type: CKType.RawValue
      var isFolded: Bool
    }
    var free: [Level: [Int]] = [:]
    var outputs: [(slot: Int, register: Int)] = []
    var results: [Int: Program.Operation] = [:]
    var instructions: [ck_instruction] = []
    for (position, part) in computed.enumerated() {
      let (slot, operation) = part
      let isFolded = !group.folded.isEmpty && operation.shape.elementCount != wholeCount
      let level = Level(type: operation.scalarType.code.rawValue, isFolded: isFolded)
      let result: Int
      if writtenRoots.contains(slot) {
        result = add(operation.scalarType, isFolded: isFolded, place: outputs.count, inMemory: false)
        outputs.append((slot, result))
        results[slot] = operation
      } else {
        // A register that is written to memory has that memory for itself; all others are used again.
        result =
          free[level]?.popLast() ?? add(operation.scalarType, isFolded: isFolded, place: -1, inMemory: true)
      }
      register[slot] = result
      for input in Set(operation.inputs.map(root)) where lastUse[input] == position && members.contains(input) {
        guard !writtenRoots.contains(input), let place = register[input] else { continue }
        free[Level(type: registers[place].type.rawValue, isFolded: registers[place].is_folded), default: []].append(
          place)
      }
      instructions.append(
        ck_instruction(
          operation, from: types, registers: operation.inputs.map { register[root($0)] ?? 0 }, result: result))
    }
    self.instructions = instructions
    self.registers = registers
    self.outputs = outputs
    self.results = results
    scratchByteCount = max(scratch, 64)
  }

  /// Adds the chain to a plan, with an array for each result that is needed outside.
  func lower(into draft: inout PlanDraft, _ locations: inout [Int: Location]) {
    var operands = inputs.compactMap { locations[$0] }
    for output in outputs {
      guard let operation = results[output.slot] else { continue }
      let place = draft.makeArray(operation.shape, operation.scalarType)
      locations[output.slot] = place
      operands.append(place)
    }
    for alias in aliases {
      guard let location = locations[alias.of] else { continue }
      if case .broadcast = alias.operation.primitive {
        locations[alias.slot] = location.broadcast(to: alias.operation.shape)
      } else {
        locations[alias.slot] = location.reshaped(to: alias.operation.shape)
      }
    }
    if outputs.isEmpty { return }
    let scratch = draft.makeArray([scratchByteCount], .bool)
    draft.call(KernelCall(kind: .chain, operands: operands, out: scratch, chain: self))
  }
}

extension ck_instruction {
  fileprivate init(_ operation: Program.Operation, from types: [ScalarType], registers: [Int], result: Int) {
    func type(_ input: Int) -> CKType { types[operation.inputs[input]].code }
    let (kind, function, from): (CKInstructionKind, UInt32, CKType)
    switch operation.primitive {
    case .unary(let unary): (kind, function, from) = (.unary, unary.rawValue, type(0))
    case .binary(let binary): (kind, function, from) = (.binary, binary.rawValue, type(0))
    case .compare(let comparison): (kind, function, from) = (.compare, comparison.rawValue, type(0))
    case .select: (kind, function, from) = (.select, 0, type(1))
    case .cast: (kind, function, from) = (.cast, 0, type(0))
    case .reduce(let reduction, _): (kind, function, from) = (.fold, reduction.rawValue, type(0))
    case .broadcast: (kind, function, from) = (.spread, 0, type(0))
    default: preconditionFailure("only what runs tile by tile is chained")
    }
    let places = registers.map { Int32($0) } + [0, 0, 0]
    self.init(
      kind: kind, function: function, from: from, to: operation.scalarType.code,
      operands: (places[0], places[1], places[2]), result: Int32(result), row: nil)
  }
}
