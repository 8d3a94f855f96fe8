import CKernels

/// How a kernel call goes over rows: what it needs for a row of its results, and what it does not make row by row.
struct RowAccess {
  /// Arrays of which each row is read for the same row of the results.
  var reads: [Location] = []
  /// Arrays that are read for all rows, or for all of a task.
  var fixed: [Location] = []
  /// Arrays that are written row by row.
  var writes: [Location] = []
  /// Arrays that are complete when all rows have been met.
  var sums: [Location] = []
  /// Rows can only be cut off in multiples of this number.
  var unit = 1
  /// Parts begin at multiples of this number; the last of a task may have fewer rows.
  var grain = 1
}

extension KernelCall {
  /// The images of a convolution, of all tasks and of one.
  var images: (all: Int, ofTask: Int)? {
    guard let geometry = convolution else { return nil }
    return (out.shape.dropLast(4).elementCount * geometry.images, geometry.images)
  }

  private var convolution: ck_convolution? {
    guard kind == .convolution else { return nil }
    return parameters.withUnsafeBytes { $0.loadUnaligned(as: ck_convolution.self) }
  }

  /// The buffers that are read and those that are written.
  var touched: (read: [Int], written: [Int]) {
    switch kind {
    case .loop:
      let all = (loop?.arrays ?? []).map(\.buffer) + [out.buffer]
      return (all, all)
    case .chain:
      let inputs = chain?.inputCount ?? 0
      return (operands[..<inputs].map(\.buffer), operands[inputs...].map(\.buffer) + [out.buffer])
    case .convolution: return (operands[..<2].map(\.buffer), [operands[2].buffer, out.buffer])
    default: return (operands.map(\.buffer), [out.buffer])
    }
  }

  /// How the call goes over so many rows in all, of which `ofTask` belong together; nil if it cannot.
  func access(to rows: Int, ofTask: Int) -> RowAccess? {
    var access = RowAccess()
    switch kind {
    case .chain:
      guard let chain, chain.outer * ofTask % rows == 0 else { return nil }
      access.reads = Array(operands[..<chain.inputCount])
      for (place, operand) in operands[chain.inputCount...].enumerated() {
        if chain.isOfBlocks(place) { access.sums.append(operand) } else { access.writes.append(operand) }
      }
      access.unit = rows / greatestCommonDivisor(rows, chain.outer)
    case .convolution:
      guard let geometry = convolution, let images, images.all == rows, images.ofTask % ofTask == 0 else { return nil }
      switch CKConvolution(rawValue: function) {
      case .input: (access.fixed, access.reads, access.writes) = ([operands[0]], [operands[1]], [out])
      case .output: (access.reads, access.fixed, access.writes) = ([operands[0]], [operands[1]], [out])
      default:
        // As a matrix product it cannot be added to.
        if geometry.kernel_height * geometry.kernel_width == 1 { return nil }
        (access.reads, access.sums) = ([operands[0], operands[1]], [out])
        access.grain = withUnsafePointer(to: geometry) { ck_convolution_grain($0) }
      }
    case .reduce:
      let own = operands[0].shape
      guard let first = parameters.firstIndex(of: 1), own[..<first].elementCount % rows == 0 else { return nil }
      (access.reads, access.writes) = (operands, [out])
    default: return nil
    }
    let isEven = (access.reads + access.writes).allSatisfy { array in
      [0, rows - ofTask].allSatisfy { array.rows($0..<($0 + access.unit), of: rows) != nil }
        && array.rows(0..<ofTask, of: rows) != nil
    }
    return isEven ? access : nil
  }

  /// The call for the rows of a range, which belong to one task.
  func part(_ range: Range<Int>, of rows: Int) -> KernelCall? {
    var part = self
    part.operands = []
    switch kind {
    case .chain:
      guard let chain else { return nil }
      let outer = (range.lowerBound * chain.outer / rows)..<(range.upperBound * chain.outer / rows)
      for (index, operand) in operands.enumerated() {
        let isOfBlocks = index >= chain.inputCount && chain.isOfBlocks(index - chain.inputCount)
        guard let own = isOfBlocks ? operand.rows(outer, of: chain.outer) : operand.rows(range, of: rows) else {
          return nil
        }
        part.operands.append(own)
      }
      let shape = Location(buffer: 0, shape: chain.shape, scalarType: .float32).rows(range, of: rows)?.shape
      part.chain = chain.part(outer.count, shape ?? [outer.count] + chain.foldShape)
      return part
    case .convolution:
      guard var geometry = convolution, let images else { return nil }
      let (task, tasks) = (range.lowerBound / images.ofTask, rows / images.ofTask)
      let isByFilters = CKConvolution(rawValue: function) == .filters
      let isByInput = CKConvolution(rawValue: function) == .input
      guard
        let first = isByInput ? operands[0].rows(task..<(task + 1), of: tasks) : operands[0].rows(range, of: rows),
        let second = isByFilters || isByInput
          ? operands[1].rows(range, of: rows) : operands[1].rows(task..<(task + 1), of: tasks),
        let out = isByFilters ? out.rows(task..<(task + 1), of: tasks) : out.rows(range, of: rows)
      else { return nil }
      geometry.images = range.count
      geometry.adds = isByFilters && range.lowerBound % images.ofTask != 0 ? 1 : 0
      part.operands = [first, second, operands[2]]
      part.out = out
      let shares = ck_is_worth_sharing(geometry) ? parameters[parameters.count - 1] : 1
      part.parameters = withUnsafeBytes(of: geometry) { Array($0.bindMemory(to: Int.self)) } + [shares]
      return part
    default:
      guard let first = operands[0].rows(range, of: rows), let out = out.rows(range, of: rows) else { return nil }
      (part.operands, part.out) = ([first], out)
      return part
    }
  }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
func leastCommonMultiple(_ a: Int, _ b: Int) -> Int { a / greatestCommonDivisor(a, b) * b }
