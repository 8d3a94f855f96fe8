import CKernels

/// What a kernel call does, on arrays of which shapes: calls with one signature are counted together.
struct KernelSignature: Hashable, Sendable {
  struct Operand: Hashable, Sendable {
    var shape: Shape
    var type: ScalarType
    /// Elements in memory, where an axis along which the array is repeated counts once.
    var elements: Int
    /// Whether neighbours lie along the last axis but one, as in the transpose of a dense matrix.
    var isTransposed: Bool

    init(_ location: Location) {
      shape = location.shape
      type = location.scalarType
      let strides = location.strides ?? []
      elements = strides.isEmpty ? shape.elementCount : zip(shape, strides).reduce(1) { $1.1 == 0 ? $0 : $0 * $1.0 }
      let last = shape.count - 1
      isTransposed = strides.count > 1 && strides[last] != 1 && strides[last - 1] == 1 && shape[last] > 1
    }

    var bytes: Int { elements * type.byteCount }
  }

  private let kind: CKStepKind
  private let function: UInt32
  private let operands: [Operand]
  private let results: [Operand]
  /// The functions of a chain, and the shape that it runs over.
  private let functions: Int
  private let shape: Shape
  private let loop: String
  /// Of a sum of products, whether the first operand is added to them.
  private let addsFirst: Bool
  /// Of a convolution, beyond the image too.
  private let multiplications: Int
  /// Of a convolution, whether its factors are rounded to bfloat16.
  private let hasHalves: Bool

  init(_ call: KernelCall) {
    kind = call.kind
    function = call.function
    // A chain's results come after its inputs, a convolution's scratch memory after its operands.
    let inputs = call.chain?.inputCount ?? (call.kind == .convolution ? 2 : call.operands.count)
    operands = call.operands[..<inputs].map(Operand.init)
    results = (call.chain == nil ? [call.out] : Array(call.operands[inputs...])).map(Operand.init)
    functions = call.chain?.operationCount ?? 1
    loop = call.loop.map { "\($0.steps) steps of \($0.calls.count) kernels" } ?? ""
    shape = call.chain?.shape ?? call.out.shape
    addsFirst = call.kind == .matmul && call.parameters[0] != 0
    multiplications = call.kind == .convolution ? ConvolutionGeometry.multiplications(call) : 0
    hasHalves = call.kind == .convolution && ConvolutionGeometry.hasHalves(call)
  }

  /// Read and written by a call.
  var bytes: Int {
    let written = results.reduce(0) { $0 + $1.bytes }
    switch kind {
    // Only the rows that are picked are read; and adding to rows reads what it writes, which the caches hold.
    case .gather: return written + results[0].bytes + operands[1].bytes
    default: return written + operands.reduce(0) { $0 + $1.bytes }
    }
  }

  /// Multiplications and additions of a matrix product or a convolution; elements times functions otherwise.
  var operations: Int {
    switch kind {
    case .matmul:
      stride(from: addsFirst ? 1 : 0, to: operands.count, by: 2).reduce(0) {
        $0 + 2 * results[0].shape.elementCount * (operands[$1].shape.last ?? 1)
      }
    // Every number of the filters meets every output pixel.
    case .convolution: 2 * multiplications
    case .reduce, .argument, .scatter: operands[0].shape.elementCount
    default: functions * shape.elementCount
    }
  }

  /// `matmul 25x[10,40]·[40,40] float32`, `chain of 7 over [25,10,40] float32`, `sum [25,10,40] → [25,40] float32`.
  var description: String {
    let out = results[0]
    switch kind {
    case .matmul:
      let batch = out.shape.dropLast(2).elementCount
      let factors = operands.dropFirst(addsFirst ? 1 : 0).map { operand -> String in
        let matrix = Array(operand.shape.suffix(2))
        return operand.isTransposed ? "\(text(matrix.reversed()))ᵀ" : text(matrix)
      }
      let products = stride(from: 0, to: factors.count, by: 2).map { "\(factors[$0])·\(factors[$0 + 1])" }
      let sum = ((addsFirst ? ["base"] : []) + products).joined(separator: " + ")
      return "matmul \(batch == 1 ? "" : "\(batch)x")\(sum) \(out.type)"
    case .convolution:
      return
        "\(name) \(operands.map { text($0.shape) }.joined(separator: "∗")) \(hasHalves ? "bfloat16" : "\(out.type)")"
    case .loop: return "loop of \(loop)"
    case .chain: return "chain of \(functions) over \(text(shape)) \(out.type)"
    case .cast: return "cast \(text(out.shape)) \(operands[0].type) → \(out.type)"
    case .reduce, .argument, .gather, .scatter:
      return "\(name) \(text(operands[0].shape)) → \(text(out.shape)) \(out.type)"
    default: return "\(name) \(text(out.shape)) \(out.type)"
    }
  }

  private func text(_ shape: Shape) -> String { "[\(shape.map(String.init).joined(separator: ","))]" }

  /// Of the function, where the kind has functions, or of the kind.
  private var name: String {
    let known: String? =
      switch kind {
      case .unary: CKUnary(rawValue: function).flatMap { Self.unaryNames[$0] }
      case .binary: CKBinary(rawValue: function).flatMap { Self.binaryNames[$0] }
      case .compare: CKComparison(rawValue: function).flatMap { Self.comparisonNames[$0] }
      case .reduce: CKReduction(rawValue: function).flatMap { Self.reductionNames[$0] }
      case .random: CKRandom(rawValue: function).flatMap { Self.randomNames[$0] }
      case .convolution: CKConvolution(rawValue: function).flatMap { Self.convolutionNames[$0] }
      case .argument: function != 0 ? "argmax" : "argmin"
      default: Self.kindNames[kind]
      }
    return known ?? "kernel \(kind.rawValue).\(function)"
  }

  private static let kindNames: [CKStepKind: String] = [
    .select: "select", .copy: "copy", .clear: "clear", .gather: "gather", .scatter: "scatter",
  ]
  private static let convolutionNames: [CKConvolution: String] = [
    .output: "convolution", .input: "convolution by input", .filters: "convolution by filters",
  ]
  private static let unaryNames: [CKUnary: String] = [
    .negate: "negate", .absolute: "abs", .sign: "sign", .square: "square", .logicalNot: "not",
    .reciprocal: "reciprocal", .squareRoot: "sqrt", .reciprocalSquareRoot: "rsqrt", .exponential: "exp",
    .exponentialMinusOne: "expm1", .logarithm: "log", .logarithmOnePlus: "log1p", .sine: "sin", .cosine: "cos",
    .tanh: "tanh", .sigmoid: "sigmoid", .relu: "relu", .softplus: "softplus", .errorFunction: "erf", .floor: "floor",
  ]
  private static let binaryNames: [CKBinary: String] = [
    .add: "add", .subtract: "subtract", .multiply: "multiply", .divide: "divide", .power: "pow",
    .maximum: "maximum", .minimum: "minimum", .logicalAnd: "and", .logicalOr: "or",
  ]
  private static let comparisonNames: [CKComparison: String] = [
    .equal: "equal", .notEqual: "unequal", .less: "less", .lessOrEqual: "less or equal",
  ]
  private static let reductionNames: [CKReduction: String] = [.sum: "sum", .maximum: "max", .minimum: "min"]
  private static let randomNames: [CKRandom: String] = [
    .uniform: "uniform numbers", .normal: "normal numbers", .permutation: "permutation",
  ]
}
