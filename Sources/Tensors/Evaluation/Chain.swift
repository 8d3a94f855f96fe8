import CKernels

/// Operations of one shape that run together over tiles that stay in the cache: elementwise ones, folds over some axes,
/// and what is computed of these and spread over the shape again. An optimizer's step is one chain; a softmax is one after
/// its maximum, for only what the chain itself computes is folded in it.
///
/// Only results that are needed outside are written to memory.
struct Chain: Sendable {
  static let mostInputs = Int(CK_CHAIN_INPUTS)
  static let mostOperations = Int(CK_CHAIN_REGISTERS - CK_CHAIN_INPUTS)
  /// The most elements that belong to one outer index where there are folds: their tiles cannot be cut further.
  static let mostFolded = 8192
  /// What a tile may take of the first cache, of 32 kB, where folds read it again. Elsewhere it may take more, for arrays are then read
  /// in longer pieces: a step of Adam takes 0.85 of the time.
  private static let (tileByteCount, flatTileByteCount) = (24 << 10, 40 << 10)
  /// The fewest and the most elements that it has.
  private static let (tileSizes, flatTileSizes) = (256...2048, 256...3072)
  /// The number of results, all operations together, from which on threads share a chain: some 20 µs of work.
  static let worthSharing = 1 << 17

  /// The slots that are read.
  private let inputs: [Int]
  /// The slots that are written, in the order of their places.
  private let outputs: [(slot: Int, operation: Program.Operation)]
  private let aliases: [ChainParts.Alias]
  /// How it folds, where that goes block by block.
  private let blocks: BlockFold?

  // As C reads them.
  private(set) var shape: Shape
  let instructions: [ck_instruction]
  let registers: [ck_register]
  private(set) var outer: Int
  /// The outer indices of the chain that this is a part of.
  let outerOfAll: Int
  let whole: Int
  let kept: Int
  let foldShape: Shape
  let isFoldedAxis: [Bool]
  let tile: Int
  /// How many threads can run it at once; 1 where it is over before another thread has begun.
  private(set) var shares: Int
  /// For each of them.
  let scratchByteCount: Int

  var inputCount: Int { inputs.count }

  /// How often something is computed for each element.
  let operationCount: Int

  /// A chain of a group of operations; `readers` are the operations that read each slot, and `outputs` the slots that the
  /// program returns.
  init(
    _ group: Schedule.Group, of operations: [Int: Program.Operation], _ types: [ScalarType],
    readBy readers: [Int: [Int]],
    outputs: Set<Int>
  ) {
    let parts = ChainParts(group, of: operations, types, readBy: readers, outputs: outputs)
    let (shape, axes) = (group.shape, group.folded)
    self.shape = shape
    blocks = group.blocks
    if let blocks = group.blocks {
      outer = blocks.outer * blocks.blocks
      (foldShape, isFoldedAxis) = ([blocks.each, blocks.inner], [true, false])
    } else if let first = axes.first {
      outer = shape[..<first].elementCount
      (foldShape, isFoldedAxis) = (Array(shape[first...]), (first..<shape.count).map(axes.contains))
    } else {
      outer = shape.elementCount
      (foldShape, isFoldedAxis) = ([], [])
    }
    outerOfAll = outer
    whole = foldShape.elementCount
    kept = zip(foldShape, isFoldedAxis).reduce(1) { $1.1 ? $0 : $0 * $1.0 }
    func isFolded(_ operation: Program.Operation) -> Bool { operation.shape.elementCount != shape.elementCount }

    var registers = Registers()
    var register: [Int: Int] = [:]
    for input in parts.inputs {
      register[input.slot] = registers.add(types[input.slot], isFolded: !input.reader.isFold && isFolded(input.reader))
    }
    var written: [(slot: Int, operation: Program.Operation)] = []
    instructions = parts.computed.enumerated().map { position, part in
      let (slot, operation) = part
      let sources = parts.sources(of: part)
      // A register that is written to memory has that memory for itself; all others are used again.
      let result: Int
      if parts.written.contains(slot) {
        result = registers.add(operation.scalarType, isFolded: isFolded(operation), place: written.count)
        written.append(part)
      } else {
        result = registers.take(operation.scalarType, isFolded: isFolded(operation))
      }
      register[slot] = result
      for source in Set(sources) where parts.lastUse[source] == position && parts.isOwn(source) {
        if let done = register[source] { registers.release(done) }
      }
      return ck_instruction(
        operation, after: parts.firsts[slot], from: types, registers: sources.map { register[$0] ?? 0 }, result: result)
    }
    operationCount = instructions.count + parts.firsts.count
    inputs = parts.inputs.map(\.slot)
    self.outputs = written
    aliases = parts.aliases
    let isFlat = foldShape.isEmpty
    let size = (isFlat ? Self.flatTileByteCount : Self.tileByteCount) / max(registers.bytesOfElement, 1)
    let sizes = isFlat ? Self.flatTileSizes : Self.tileSizes
    tile = max(1, min(max(size, sizes.lowerBound), sizes.upperBound) / max(whole, 1))
    (self.registers, scratchByteCount) = registers.placed(whole: tile * max(whole, 1), folded: tile * kept)
    shares = Self.shares(shape, operationCount)
  }

  private static func shares(_ shape: Shape, _ operationCount: Int) -> Int {
    shape.elementCount * operationCount >= worthSharing ? Int(CK_SHARES) : 1
  }

  /// Whether a place has what is folded block by block, which lies apart from what is written element by element.
  func isOfBlocks(_ place: Int) -> Bool { blocks != nil && outputs[place].operation.isFold }

  /// The same chain over as many outer indices and such a shape.
  func part(_ outer: Int, _ shape: Shape) -> Chain {
    var part = self
    (part.outer, part.shape) = (outer, shape)
    part.shares = min(shares, Self.shares(shape, operationCount))
    return part
  }

  /// Adds the chain to a plan, with an array for each result that is needed outside.
  func lower(into draft: inout PlanDraft, _ locations: inout [Int: Location]) {
    var operands = inputs.compactMap { locations[$0] }
    var unfinished: [(slot: Int, operation: Program.Operation, blocks: Location)] = []
    for (slot, operation) in outputs {
      let place: Location
      if let blocks, operation.isFold {
        place = draft.makeArray([blocks.outer, blocks.blocks, blocks.inner], operation.scalarType)
        unfinished.append((slot, operation, place))
      } else {
        place = draft.makeArray(operation.shape, operation.scalarType)
        locations[slot] = place
      }
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
    let scratch = draft.makeArray([shares * scratchByteCount], .bool)
    draft.call(KernelCall(kind: .chain, operands: operands, out: scratch, chain: self))
    for (slot, operation, blocks) in unfinished {
      guard case .reduce(let function, _) = operation.primitive else { continue }
      let whole = draft.lower(
        .reduce(function, axes: [1]), [blocks], shape: [blocks.shape[0], blocks.shape[2]],
        scalarType: operation.scalarType)
      locations[slot] = whole.reshaped(to: operation.shape)
    }
  }
}

/// The registers of a chain while it is being made.
private struct Registers {
  private var all: [(type: ScalarType, isFolded: Bool, place: Int?)] = []
  private var free: [Int] = []

  /// A new register, in the scratch memory unless it is written to a place of its own.
  mutating func add(_ type: ScalarType, isFolded: Bool, place: Int? = nil) -> Int {
    all.append((type, isFolded, place))
    return all.count - 1
  }

  /// A register that is free, or a new one.
  mutating func take(_ type: ScalarType, isFolded: Bool) -> Int {
    guard let found = free.lastIndex(where: { all[$0].type == type && all[$0].isFolded == isFolded }) else {
      return add(type, isFolded: isFolded)
    }
    return free.remove(at: found)
  }

  /// Gives a register back for the next value, unless its numbers are written to memory.
  mutating func release(_ register: Int) { if all[register].place == nil { free.append(register) } }

  /// What all registers together hold of one element, in bytes.
  var bytesOfElement: Int { all.reduce(0) { $1.isFolded ? $0 : $0 + $1.type.byteCount } }

  /// The registers with their places in the scratch memory, and its size in bytes, for so many elements of a tile.
  func placed(whole: Int, folded: Int) -> ([ck_register], byteCount: Int) {
    var byteCount = 0
    let placed = all.map { type, isFolded, place in
      let offset = place == nil ? byteCount : -1
      // Lines that are a power of two apart would meet in the same set of the cache.
      if place == nil { byteCount += (((isFolded ? folded : whole) * type.byteCount + 63) & ~63) + 128 }
      return ck_register(
        type: type.code, is_folded: isFolded, offset: Int64(offset), place: Int32(place ?? -1))
    }
    return (placed, max(byteCount, 64))
  }
}

extension ck_instruction {
  fileprivate init(
    _ operation: Program.Operation, after first: ChainParts.First?, from types: [ScalarType], registers: [Int],
    result: Int
  ) {
    func type(_ input: Int) -> CKType { types[operation.inputs[input]].code }
    let (kind, function, from): (CKInstructionKind, UInt32, CKType)
    switch operation.primitive {
    case _ where first != nil:
      (kind, function, from) = (.pair, Self.pair(first, operation), operation.scalarType.code)
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

  /// The function of a pair.
  private static func pair(_ first: ChainParts.First?, _ second: Program.Operation) -> UInt32 {
    let before =
      switch first?.operation.primitive {
      case .binary(let function): function.rawValue
      case .compare: UInt32(CKPairLess)
      default: CKBinary.multiply.rawValue
      }
    let after =
      switch second.primitive {
      case .binary(.subtract) where first?.isSecondOperand == true: UInt32(CKPairSubtractFrom)
      case .binary(let function): function.rawValue
      case .unary(.square): UInt32(CKPairSquare)
      default: UInt32(CKPairRelu)
      }
    return UInt32(CKPairSeconds) * before + after
  }
}
