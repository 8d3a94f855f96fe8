import Foundation

@testable import Tensors

/// A function of one number, the library's for comparison, and the error that is allowed in units of the last place.
struct ElementaryFunction: Sendable, CustomStringConvertible {
  let name: String
  let apply: @Sendable (Tensor) -> Tensor
  /// The library's function, or the formula in it, for float64.
  let library: @Sendable (Double) -> Double
  let bound: Double
  var description: String { name }

  static let all: [ElementaryFunction] = [
    .init(name: "exp", apply: { exp($0) }, library: { Foundation.exp($0) }, bound: 1),
    .init(name: "expMinusOne", apply: { expMinusOne($0) }, library: { expm1($0) }, bound: 1.5),
    .init(name: "log", apply: { log($0) }, library: { Foundation.log($0) }, bound: 1),
    .init(name: "logOnePlus", apply: { log(onePlus: $0) }, library: { log1p($0) }, bound: 1),
    .init(name: "sin", apply: { sin($0) }, library: { Foundation.sin($0) }, bound: 1),
    .init(name: "cos", apply: { cos($0) }, library: { Foundation.cos($0) }, bound: 1),
    .init(name: "tanh", apply: { tanh($0) }, library: { Foundation.tanh($0) }, bound: 1.5),
    .init(
      name: "sigmoid", apply: { sigmoid($0) },
      library: { x in x < 0 ? Foundation.exp(x) / (1 + Foundation.exp(x)) : 1 / (1 + Foundation.exp(-x)) }, bound: 2),
    .init(
      name: "softplus", apply: { softplus($0) },
      library: { x in x.isNaN ? x : Swift.max(x, 0) + log1p(Foundation.exp(-Swift.abs(x))) }, bound: 2),
    .init(name: "erf", apply: { erf($0) }, library: { Foundation.erf($0) }, bound: 1.5),
  ]

  /// The error that powers are allowed.
  static let powerBound = 1.0
}

/// The greatest error that was met, and where.
struct WorstError {
  private(set) var error = 0.0
  private(set) var place = ""

  mutating func meet(_ error: Double, _ place: @autoclosure () -> String) {
    // NaN is worse than anything.
    if !(error <= self.error) { (self.error, self.place) = (error.isNaN ? .infinity : error, place()) }
  }

  /// |actual − exact| in units of the last place of `exact` as a float32; 0 if both are NaN or the same infinity.
  static func units(_ actual: Float, _ exact: Double) -> Double {
    if exact.isNaN || exact.isInfinite { return sameSpecial(Double(actual), exact) ? 0 : .infinity }
    let beyond = 0x1p128
    var near = Float(exact).magnitude
    if Double(near) > exact.magnitude { near = near.nextDown }
    let got = actual.isInfinite ? (actual > 0 ? beyond : -beyond) : Double(actual)
    return Swift.abs(got - Swift.min(Swift.max(exact, -beyond), beyond)) / Double(near.ulp)
  }

  static func sameSpecial(_ a: Double, _ b: Double) -> Bool {
    a.isNaN ? b.isNaN : a == b && a.sign == b.sign
  }
}

/// A seeded generator (SplitMix64: Steele, Lea and Flood, 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Any bits at all, so any size, NaN and infinities included.
  mutating func anyDouble() -> Double { Double(bitPattern: next()) }
  mutating func anyFloat() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: next())) }
}
