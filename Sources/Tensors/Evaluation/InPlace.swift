import CKernels

extension KernelCall {
  /// The operands of a chain in whose memory one of its results may lie, if nobody reads them afterwards: arrays of as many
  /// bytes, element for element, which the chain has read when it writes the result's element. `result` and what is returned
  /// are places among the operands.
  func replaceable(by result: Int) -> [Int] {
    guard let chain, result >= chain.inputCount, result < operands.count,
      let register = chain.registers.firstIndex(where: { Int($0.place) == result - chain.inputCount }),
      !chain.registers[register].is_folded,
      let written = chain.instructions.firstIndex(where: { Int($0.result) == register })
    else { return [] }
    let byteCount = operands[result].shape.elementCount * operands[result].scalarType.byteCount
    return (0..<chain.inputCount).filter { input in
      let operand = operands[input]
      guard !chain.registers[input].is_folded, operand.isDense, operand.offset == 0,
        operand.scalarType.byteCount == operands[result].scalarType.byteCount,
        operand.shape.elementCount * operand.scalarType.byteCount == byteCount,
        operands.count(where: { $0.buffer == operand.buffer }) == 1
      else { return false }
      let last = chain.instructions.lastIndex { $0.reads(Int32(input)) } ?? -1
      return last < written || (last == written && chain.instructions[written].isElementByElement)
    }
  }
}

extension ck_instruction {
  fileprivate func reads(_ register: Int32) -> Bool {
    let count =
      switch kind {
      case .unary, .cast, .fold, .spread: 1
      case .binary, .compare: 2
      case .pair, .select: 3
      default: 3
      }
    return [operands.0, operands.1, operands.2].prefix(count).contains(register)
  }

  /// Whether an element is read for the last time when its result is written. Some functions look at their arguments again.
  fileprivate var isElementByElement: Bool {
    switch kind {
    case .pair, .select: true
    case .binary: function != CKBinary.power.rawValue
    default: false
    }
  }
}
