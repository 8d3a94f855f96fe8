import CKernels

// Operators and functions of tensors, named as in formulas. A number next to a tensor takes the tensor's scalar type.

extension Tensor {
  public static func + (x: Tensor, y: Tensor) -> Tensor { binary(.add, x, y) }
  public static func - (x: Tensor, y: Tensor) -> Tensor { binary(.subtract, x, y) }
  public static func * (x: Tensor, y: Tensor) -> Tensor { binary(.multiply, x, y) }
  /// Division; of int32, rounded down, as in NumPy.
  public static func / (x: Tensor, y: Tensor) -> Tensor { binary(.divide, x, y) }

  public static func + (x: Tensor, y: Double) -> Tensor { x + x.constant(y) }
  public static func - (x: Tensor, y: Double) -> Tensor { x - x.constant(y) }
  public static func * (x: Tensor, y: Double) -> Tensor { x * x.constant(y) }
  public static func / (x: Tensor, y: Double) -> Tensor { x / x.constant(y) }
  public static func + (x: Double, y: Tensor) -> Tensor { y.constant(x) + y }
  public static func - (x: Double, y: Tensor) -> Tensor { y.constant(x) - y }
  public static func * (x: Double, y: Tensor) -> Tensor { y.constant(x) * y }
  public static func / (x: Double, y: Tensor) -> Tensor { y.isFloating ? x.reciprocal(of: y) : y.constant(x) / y }

  public static prefix func - (x: Tensor) -> Tensor { unary(.negate, x) }

  public static func += (x: inout Tensor, y: Tensor) { x = x + y }
  public static func -= (x: inout Tensor, y: Tensor) { x = x - y }
  public static func *= (x: inout Tensor, y: Tensor) { x = x * y }
  public static func /= (x: inout Tensor, y: Tensor) { x = x / y }
  public static func += (x: inout Tensor, y: Double) { x = x + y }
  public static func -= (x: inout Tensor, y: Double) { x = x - y }
  public static func *= (x: inout Tensor, y: Double) { x = x * y }
  public static func /= (x: inout Tensor, y: Double) { x = x / y }

  private var isFloating: Bool { scalarType.isFloating }
}

extension Double {
  fileprivate func reciprocal(of x: Tensor) -> Tensor {
    self == 1 ? .unary(.reciprocal, x) : x.constant(self) / x
  }
}

// MARK: - Comparisons, with a bool tensor as the result

extension Tensor {
  public static func .== (x: Tensor, y: Tensor) -> Tensor { compare(.equal, x, y) }
  public static func .!= (x: Tensor, y: Tensor) -> Tensor { compare(.notEqual, x, y) }
  public static func .< (x: Tensor, y: Tensor) -> Tensor { compare(.less, x, y) }
  public static func .<= (x: Tensor, y: Tensor) -> Tensor { compare(.lessOrEqual, x, y) }
  public static func .> (x: Tensor, y: Tensor) -> Tensor { compare(.less, y, x) }
  public static func .>= (x: Tensor, y: Tensor) -> Tensor { compare(.lessOrEqual, y, x) }

  public static func .== (x: Tensor, y: Double) -> Tensor { x .== x.constant(y) }
  public static func .!= (x: Tensor, y: Double) -> Tensor { x .!= x.constant(y) }
  public static func .< (x: Tensor, y: Double) -> Tensor { x .< x.constant(y) }
  public static func .<= (x: Tensor, y: Double) -> Tensor { x .<= x.constant(y) }
  public static func .> (x: Tensor, y: Double) -> Tensor { x .> x.constant(y) }
  public static func .>= (x: Tensor, y: Double) -> Tensor { x .>= x.constant(y) }

  /// Both masks.
  public static func .& (x: Tensor, y: Tensor) -> Tensor { binary(.logicalAnd, x, y) }
  /// Either mask.
  public static func .| (x: Tensor, y: Tensor) -> Tensor { binary(.logicalOr, x, y) }
  /// The opposite of a mask.
  public static prefix func .! (x: Tensor) -> Tensor { unary(.logicalNot, x) }
}

// MARK: - Functions

/// eˣ.
public func exp(_ x: Tensor) -> Tensor { .unary(.exponential, x) }
/// eˣ − 1, exact near 0.
public func expMinusOne(_ x: Tensor) -> Tensor { .unary(.exponentialMinusOne, x) }
/// The natural logarithm.
public func log(_ x: Tensor) -> Tensor { .unary(.logarithm, x) }
/// log(1 + x), exact near 0.
public func log(onePlus x: Tensor) -> Tensor { .unary(.logarithmOnePlus, x) }
/// The square root. Its derivative at 0 is infinite.
public func sqrt(_ x: Tensor) -> Tensor { .unary(.squareRoot, x) }
/// 1 / √x.
public func rsqrt(_ x: Tensor) -> Tensor { .unary(.reciprocalSquareRoot, x) }
/// x².
public func square(_ x: Tensor) -> Tensor { .unary(.square, x) }
/// The sine of an angle in radians.
public func sin(_ x: Tensor) -> Tensor { .unary(.sine, x) }
/// The cosine of an angle in radians.
public func cos(_ x: Tensor) -> Tensor { .unary(.cosine, x) }
/// The hyperbolic tangent.
public func tanh(_ x: Tensor) -> Tensor { .unary(.tanh, x) }
/// 1 / (1 + e⁻ˣ).
public func sigmoid(_ x: Tensor) -> Tensor { .unary(.sigmoid, x) }
/// x where it is positive, else 0. Its derivative at 0 is 0.
public func relu(_ x: Tensor) -> Tensor { .unary(.relu, x) }
/// log(1 + eˣ), without overflow.
public func softplus(_ x: Tensor) -> Tensor { .unary(.softplus, x) }
/// The error function.
public func erf(_ x: Tensor) -> Tensor { .unary(.errorFunction, x) }
/// x · Φ(x) with the normal distribution function Φ (Hendrycks and Gimpel, 2016), exact, not the tanh approximation.
public func gelu(_ x: Tensor) -> Tensor { 0.5 * x * (1 + erf(x * 0.5.squareRoot())) }
/// The absolute value. Its derivative at 0 is 0.
public func abs(_ x: Tensor) -> Tensor { .unary(.absolute, x) }
/// −1, 0 or 1.
public func sign(_ x: Tensor) -> Tensor { .unary(.sign, x) }
/// The greatest whole number that is not above.
public func floor(_ x: Tensor) -> Tensor { .unary(.floor, x) }
/// xʸ.
public func pow(_ x: Tensor, _ y: Tensor) -> Tensor { .binary(.power, x, y) }
/// xʸ for a fixed exponent.
public func pow(_ x: Tensor, _ y: Double) -> Tensor {
  switch y {
  case 0: return x.constant(1)
  case 1: return x
  case 2: return square(x)
  case 0.5 where x.scalarType.isFloating: return sqrt(x)
  case -0.5 where x.scalarType.isFloating: return rsqrt(x)
  case -1 where x.scalarType.isFloating: return 1 / x
  default: return pow(x, x.constant(y))
  }
}
/// The greater of each pair. Where both are equal, each has half of the derivative.
public func maximum(_ x: Tensor, _ y: Tensor) -> Tensor { .binary(.maximum, x, y) }
/// The greater of each element and a number.
public func maximum(_ x: Tensor, _ y: Double) -> Tensor { maximum(x, x.constant(y)) }
/// The lesser of each pair. Where both are equal, each has half of the derivative.
public func minimum(_ x: Tensor, _ y: Tensor) -> Tensor { .binary(.minimum, x, y) }
/// The lesser of each element and a number.
public func minimum(_ x: Tensor, _ y: Double) -> Tensor { minimum(x, x.constant(y)) }

extension Tensor {
  /// Each element, or the bound that it is beyond.
  public func clamped(to range: ClosedRange<Double>) -> Tensor {
    minimum(maximum(self, range.lowerBound), range.upperBound)
  }
}
