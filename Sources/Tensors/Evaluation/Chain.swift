import CKernels

/// Elementwise operations of one shape that run together over blocks that stay in the first-level cache.
///
/// Only results that are needed outside are written to memory.
struct Chain: Sendable {
  static let mostInputs = Int(CK_CHAIN_INPUTS)
  static let mostOperations = Int(CK_CHAIN_REGISTERS - CK_CHAIN_INPUTS)

  /// The slots that are read.
  let inputs: [Int]
  private let shape: Shape
  private let instructions: [ck_instruction]
  private let inputTypes: [CKType]
  private let registerCount: Int
  /// The registers that are written to slots.
  private let outputs: [Output]

  private struct Output: Sendable {
    let register: Int
    let slot: Int
    let byteCount: Int
  }

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
    for (position, member) in chained.enumerated() { for input in member.operation.inputs { lastUse[input] = position } }

    var register = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    var free: [Int] = []
    var count = inputs.count
    var written: [Output] = []
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
        written.append(
          Output(
            register: result, slot: slot,
            byteCount: operation.shape.elementCount * operation.scalarType.byteCount))
      }
      for input in Set(operation.inputs) where lastUse[input] == position && members.contains(input) {
        if !readOutside.contains(input), let place = register[input] { free.append(place) }
      }
      return ck_instruction(operation, from: types, registers: operation.inputs.map { register[$0] ?? 0 }, result: result)
    }
    self.inputs = inputs
    shape = chained.first?.operation.shape ?? []
    inputTypes = inputs.map { types[$0].code }
    registerCount = count
    self.outputs = written
  }

  /// Computes the chain; `store` is given each slot that is written and its storage.
  func run(_ operands: [Operand], store: (Int, Storage) -> Void) {
    let storages = outputs.map { Storage(byteCount: $0.byteCount) }
    withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: registerCount) { places in
      places.initialize(repeating: nil)
      for (output, storage) in zip(outputs, storages) { places[output.register] = storage.bytes }
      withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: inputs.count + 1) { pointers in
        withUnsafeTemporaryAllocation(of: UnsafePointer<Int>?.self, capacity: inputs.count + 1) { strides in
          pointers.initialize(repeating: nil)
          strides.initialize(repeating: nil)
          withStrides(of: operands[...], into: strides, from: 0) {
            for (index, operand) in operands.enumerated() { pointers[index] = UnsafeRawPointer(operand.pointer) }
            ck_chain(
              Int32(instructions.count), instructions, Int32(shape.count), shape, Int32(inputs.count), inputTypes,
              pointers.baseAddress, strides.baseAddress, Int32(registerCount), places.baseAddress)
          }
        }
      }
    }
    for (output, storage) in zip(outputs, storages) { store(output.slot, storage) }
  }

  /// Calls a closure while the strides of all operands are pinned.
  private func withStrides(
    of operands: ArraySlice<Operand>, into places: UnsafeMutableBufferPointer<UnsafePointer<Int>?>, from index: Int,
    _ body: () -> Void
  ) {
    guard let first = operands.first else { return body() }
    guard let strides = first.view.strides else {
      return withStrides(of: operands.dropFirst(), into: places, from: index + 1, body)
    }
    strides.withUnsafeBufferPointer {
      places[index] = $0.baseAddress
      withStrides(of: operands.dropFirst(), into: places, from: index + 1, body)
    }
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
