import CKernels

// Functions applied to every element. Operands broadcast: explicit broadcast nodes are put in front of the primitive,
// so that its derivative need not know, and cost nothing, because broadcasting only makes a view.

extension Tensor {
  static func unary(_ function: CKUnary, _ x: Tensor) -> Tensor {
    let fits: Bool
    switch function {
    case .negate, .absolute, .sign, .square: fits = x.scalarType != .bool
    case .logicalNot: fits = x.scalarType == .bool
    default: fits = x.scalarType.isFloating
    }
    guard fits else { stop("\(function.name) is not defined for tensors of \(x.scalarType); cast them first") }
    if case .broadcast = x.node.primitive, let small = x.node.inputs.first.map(Tensor.init), small.count < x.count {
      return unary(function, small).broadcast(to: x.shape)
    }
    return Tensor(.unary(function), [x], shape: x.shape, scalarType: x.scalarType)
  }

  static func binary(_ function: CKBinary, _ x: Tensor, _ y: Tensor) -> Tensor {
    let (a, b) = matched(x, y, in: function.name)
    let isLogical = function == .logicalAnd || function == .logicalOr
    guard (a.scalarType == .bool) == isLogical else {
      stop("\(function.name) is not defined for tensors of \(a.scalarType); cast them first")
    }
    // Derivatives are full of these; leaving them out is cheaper than computing them.
    switch function {
    case .add where b.isConstant(0), .subtract where b.isConstant(0): return a
    case .multiply where b.isConstant(1), .divide where b.isConstant(1): return a
    case .add where a.isConstant(0): return b
    case .multiply where a.isConstant(1): return b
    default:
      if let (small, other) = a.beforeSpread(b) { return binary(function, small, other).broadcast(to: a.shape) }
      return Tensor(.binary(function), [a, b], shape: a.shape, scalarType: a.scalarType)
    }
  }

  static func compare(_ function: CKComparison, _ x: Tensor, _ y: Tensor) -> Tensor {
    let (a, b) = matched(x, y, in: "comparing")
    return Tensor(.compare(function), [a, b], shape: a.shape, scalarType: .bool)
  }

  /// Both operands broadcast to their common shape.
  static func matched(_ x: Tensor, _ y: Tensor, in operation: String) -> (Tensor, Tensor) {
    guard x.scalarType == y.scalarType else {
      stop("\(operation): the scalar types \(x.scalarType) and \(y.scalarType) differ; cast one of the tensors")
    }
    guard let shape = x.shape.broadcast(with: y.shape) else {
      stop("\(operation): the shapes \(x.shape) and \(y.shape) do not broadcast")
    }
    return (x.broadcast(to: shape), y.broadcast(to: shape))
  }

  /// Both before they are spread to their shape, where they are: what is computed of them is then spread.
  private func beforeSpread(_ other: Tensor) -> (Tensor, Tensor)? {
    func small(_ x: Tensor) -> Tensor? {
      switch x.node.primitive {
      case .broadcast: x.node.inputs.first.map(Tensor.init)
      case .constant(let value): .full([], value, x.scalarType)
      default: nil
      }
    }
    if case .constant = node.primitive, case .constant = other.node.primitive { return nil }
    guard let x = small(self), let y = small(other), x.shape.broadcast(with: y.shape) != shape else { return nil }
    return (x, y)
  }

  func isConstant(_ value: Double) -> Bool { node.primitive == .constant(value) }

  func constant(_ value: Double) -> Tensor { .full(shape, value, scalarType) }

  /// The same numbers as another type. To int32, fractions are cut off; to bool, all but zero are true.
  public func cast(to type: ScalarType) -> Tensor {
    if type == scalarType { return self }
    if case .constant(let value) = node.primitive, type != .int32 { return .full(shape, value, type) }
    return Tensor(.cast, [self], shape: shape, scalarType: type)
  }
}

/// The elements of `x` where `mask` is true, and of `y` elsewhere. All three broadcast.
public func select(_ mask: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
  guard mask.scalarType == .bool else { stop("select: the mask must be bool, not \(mask.scalarType)") }
  let (a, b) = Tensor.matched(x, y, in: "select")
  guard let shape = mask.shape.broadcast(with: a.shape) else {
    stop("select: the mask's shape \(mask.shape) does not broadcast with \(a.shape)")
  }
  return Tensor(
    .select, [mask.broadcast(to: shape), a.broadcast(to: shape), b.broadcast(to: shape)], shape: shape,
    scalarType: a.scalarType)
}

extension Tensor {
  /// The elements of `other` where `mask` is true, and this tensor's elsewhere.
  public func replacing(with other: Tensor, where mask: Tensor) -> Tensor { select(mask, other, self) }
}

// MARK: - Derivatives

extension Tensor {
  /// The derivative of a function at x, where y is its value, or nil where it is zero everywhere.
  static func derivative(of function: CKUnary, at x: Tensor, value y: Tensor) -> Tensor? {
    switch function {
    case .sign, .floor, .logicalNot: return nil
    case .negate: return x.constant(-1)
    case .absolute: return sign(x)
    case .square: return 2 * x
    case .reciprocal: return -square(y)
    case .squareRoot: return 0.5 / y
    case .reciprocalSquareRoot: return -0.5 * (y / x)
    case .exponential: return y
    case .exponentialMinusOne: return exp(x)
    case .logarithm: return 1 / x
    case .logarithmOnePlus: return 1 / (1 + x)
    case .sine: return cos(x)
    case .cosine: return -sin(x)
    case .tanh: return 1 - square(y)
    case .sigmoid: return y * (1 - y)
    case .relu: return (x .> 0).cast(to: x.scalarType)
    case .softplus: return sigmoid(x)
    case .errorFunction: return exp(-square(x)) * (2 / Double.pi.squareRoot())
    }
  }
}

extension CKBinary {
  /// The derivatives by the first and by the second argument, where z is the function's value.
  func derivatives(_ x: Tensor, _ y: Tensor, _ z: Tensor) -> (byFirst: () -> Tensor?, bySecond: () -> Tensor?) {
    switch self {
    case .add: ({ x.constant(1) }, { x.constant(1) })
    case .subtract: ({ x.constant(1) }, { x.constant(-1) })
    case .multiply: ({ y }, { x })
    case .divide: ({ 1 / y }, { -(z / y) })
    // x⁰ has the derivative 0 even at x = 0, and 0ʸ does not depend on y.
    case .power:
      (
        {
          // At 0⁰, x⁻¹ must not even be computed: in the next derivative, 0 · ∞ would be NaN.
          let isZero = (x .== 0) .& (y .== 0)
          return select(isZero, x.constant(0), y * pow(x, select(isZero, y.constant(1), y) - 1))
        },
        { select(x .== 0, x.constant(0), z * log(select(x .== 0, x.constant(1), x))) }
      )
    // Where both are equal, each has a half.
    case .maximum: ({ Self.share(x .> y, x .== y, x) }, { Self.share(y .> x, x .== y, x) })
    case .minimum: ({ Self.share(x .< y, x .== y, x) }, { Self.share(y .< x, x .== y, x) })
    case .logicalAnd, .logicalOr: ({ nil }, { nil })
    }
  }

  private static func share(_ wins: Tensor, _ ties: Tensor, _ x: Tensor) -> Tensor {
    wins.cast(to: x.scalarType) + 0.5 * ties.cast(to: x.scalarType)
  }
}

// Imported C enumerations do not know the names of their cases; these are for error messages.

extension CKUnary {
  var name: String {
    switch self {
    case .negate: "negation"
    case .absolute: "abs"
    case .logicalNot: "the opposite of a mask"
    case .squareRoot: "sqrt"
    case .reciprocalSquareRoot: "rsqrt"
    case .exponential: "exp"
    case .logarithm: "log"
    case .sine: "sin"
    case .cosine: "cos"
    case .reciprocal: "division"
    case .sign: "sign"
    case .square: "square"
    case .exponentialMinusOne: "expMinusOne"
    case .logarithmOnePlus: "log(onePlus:)"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .relu: "relu"
    case .softplus: "softplus"
    case .errorFunction: "erf"
    case .floor: "floor"
    }
  }
}

extension CKBinary {
  var name: String {
    switch self {
    case .add: "addition"
    case .subtract: "subtraction"
    case .multiply: "multiplication"
    case .divide: "division"
    case .power: "pow"
    case .maximum: "maximum"
    case .minimum: "minimum"
    case .logicalAnd: "“and” of masks"
    case .logicalOr: "“or” of masks"
    }
  }
}

extension CKReduction {
  var name: String {
    switch self {
    case .sum: "sum"
    case .maximum: "max"
    case .minimum: "min"
    }
  }
}
