import CKernels

/// Elementwise operations of one shape that run together over blocks that stay in the first-level cache.
///
/// Only results that are needed outside are written to memory.
struct Chain: Sendable {
  static let mostInputs = Int(CK_CHAIN_INPUTS)
  static let mostOperations = Int(CK_CHAIN_REGISTERS - CK_CHAIN_INPUTS)

  /// The slots that are read.
  private let inputs: [Int]
  private let shape: Shape
  /// The registers that are written to memory.
  private let outputs: [(register: Int, slot: Int, scalarType: ScalarType)]

  // As C reads them.
  let instructions: [ck_instruction]
  let inputTypes: [CKType]
  let registerCount: Int
  /// For each register, where in `places` it is written, or −1.
  let written: [Int32]
  private(set) var places: [Location] = []

  /// A chain of the operations with these output slots, in order.
  init(_ group: [Int], of operations: [Int: Program.Operation], types: [ScalarType], outputs: Set<Int>) {
    let members = Set(group)
    let chained = group.compactMap { slot in operations[slot].map { (slot: slot, operation: $0) } }
    var inputs: [Int] = []
    for input in chained.flatMap(\.operation.inputs) where !members.contains(input) && !inputs.contains(input) {
      inputs.append(input)
    }
    let readOutside = Set(operations.filter { !members.contains($0.key) }.flatMap(\.value.inputs)).union(outputs)
    var lastUse: [Int: Int] = [:]
    for (position, member) in chained.enumerated() {
      for input in member.operation.inputs { lastUse[input] = position }
    }

    var register = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    var free: [Int] = []
    var count = inputs.count
    var written: [(register: Int, slot: Int, scalarType: ScalarType)] = []
    instructions = chained.enumerated().map { position, member in
      let (slot, operation) = member
      let isOutput = readOutside.contains(slot)
      // A register that is written to memory has that memory for itself.
      let result: Int
      if !isOutput, let reused = free.popLast() {
        result = reused
      } else {
        result = count
        count += 1
      }
      register[slot] = result
      if isOutput {
        written.append((result, slot, operation.scalarType))
      }
      for input in Set(operation.inputs) where lastUse[input] == position && members.contains(input) {
        if !readOutside.contains(input), let place = register[input] { free.append(place) }
      }
      return ck_instruction(
        operation, from: types, registers: operation.inputs.map { register[$0] ?? 0 }, result: result)
    }
    self.inputs = inputs
    shape = chained.first?.operation.shape ?? []
    inputTypes = inputs.map { types[$0].code }
    registerCount = count
    self.outputs = written
    self.written = (0..<count).map { register in Int32(written.firstIndex { $0.register == register } ?? -1) }
  }

  /// Adds the chain to a plan, with an array for each result that is needed outside.
  mutating func lower(into draft: inout PlanDraft, _ locations: inout [Int: Location]) {
    for output in outputs {
      let place = draft.makeArray(shape, output.scalarType)
      locations[output.slot] = place
      places.append(place)
    }
    guard let first = places.first else { return }
    draft.call(KernelCall(kind: .chain, operands: inputs.compactMap { locations[$0] }, out: first, chain: self))
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
    default: preconditionFailure("only elementwise operations are chained")
    }
    let places = registers.map { Int32($0) } + [0, 0, 0]
    self.init(
      kind: kind, function: function, from: from, to: operation.scalarType.code,
      operands: (places[0], places[1], places[2]), result: Int32(result))
  }
}
