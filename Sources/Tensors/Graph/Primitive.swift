import CKernels

/// What a node of the graph computes from its inputs: the small, closed set of operations that all others are made of.
///
/// Primitives are values that compare and hash, so that equal work can be found and plans can be kept. Shape and
/// scalar type of the result belong to the node. Each family has one file under `Operations/` with its front end, its
/// shape rule and its derivative.
enum Primitive: Hashable, Sendable {
  // Leaves
  /// Numbers that the node holds from the start.
  case source
  /// The same number everywhere.
  case constant(Double)
  /// 0, 1, 2, … along an axis.
  case iota(axis: Int)
  /// Random numbers from a descendant of a key (input: int32 of shape [2]).
  case random(RandomKind, path: [Int])
  /// An argument of a compiled function, given when the plan runs.
  case placeholder(Int)

  // Identities with a meaning
  /// The point at which a transform differentiates.
  case variable
  /// Its input, through which no derivative passes.
  case stopGradient

  // Elementwise
  case unary(CKUnary)
  case binary(CKBinary)
  case compare(CKComparison)
  /// Inputs: mask, where true, where false.
  case select
  case cast

  // Movement
  case broadcast
  case reshape
  case transpose([Int])
  /// Every `strides[a]`-th element from `starts[a]` on.
  case slice(starts: [Int], strides: [Int])
  /// The transpose of a slice: the input's elements at those places, zeros elsewhere.
  case unslice(starts: [Int], strides: [Int])
  case concatenate(axis: Int)

  // Folding and contraction
  case reduce(CKReduction, axes: [Int])
  case argument(greatest: Bool, axis: Int)
  case matmul
  /// Σ scalesᵢ · xᵢ · yᵢ of pairs of inputs with the result's rank, and the first input if `addsToFirst`. Only the planner
  /// makes these, after all transforms.
  case products(scales: [Double], addsToFirst: Bool)

  // Convolution
  /// One of the three forms of a convolution, from the tensors of the two others (in the order input, filters, output).
  case convolution(ConvolutionGeometry, ConvolutionGeometry.Operand)

  // By index (inputs: numbers, int32 indices); the first `batch` axes of both are the same and taken one by one
  case gather(axis: Int, batch: Int)
  case scatterAdd(axis: Int, batch: Int)

  // Loops
  /// A step that runs several times; the result is a tuple.
  case scan(Scan)
  /// An element of a tuple.
  case part(Int)

  // Meaning again
  /// The gradient of a function by some points (inputs: the points, then the cotangents that were found): a tuple of these
  /// cotangents, of which it is known that their derivative is symmetric.
  case gradient(Int)
}

/// Which random numbers.
enum RandomKind: Hashable, Sendable {
  case uniform, normal, permutation
  /// The descendant itself.
  case key
}

extension CKUnary {
  static var all: [CKUnary] { (0...CKUnary.floor.rawValue).compactMap(CKUnary.init(rawValue:)) }
}

extension CKBinary {
  static var all: [CKBinary] { (0...CKBinary.logicalOr.rawValue).compactMap(CKBinary.init(rawValue:)) }
}
