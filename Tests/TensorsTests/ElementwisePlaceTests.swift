import CKernels
import Foundation
import Testing

@testable import Tensors

/// The transcendental functions at special values, and that an element has the same bits wherever it lies.
@Suite struct ElementwisePlaceTests {
  static let tiny = [Double(Float.leastNonzeroMagnitude), .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-30]
  static let special: [Double] =
    [0, 1, 2, 0.5, 3, 1e5, 1e30, 1e300, .greatestFiniteMagnitude, .infinity].flatMap { [$0, -$0] } + [.nan]
    + tiny.flatMap { [$0, -$0] }

  /// Zero with its sign, infinity and NaN where the library has them; elsewhere, close.
  func expectLike(_ actual: Double, _ expected: Double, _ tolerance: Double, _ what: @autoclosure () -> String) {
    let isSame =
      expected.isFinite && expected != 0
      ? Swift.abs(actual - expected) <= tolerance * Swift.abs(expected) : WorstError.sameSpecial(actual, expected)
    #expect(isSame, "\(what()): \(actual), not \(expected)")
  }

  @Test(arguments: ElementaryFunction.all) func specialValues(_ function: ElementaryFunction) {
    let wide = function.apply(Tensor(Self.special, .float64)).doubles
    let narrow = function.apply(Tensor(Self.special)).floats
    for (i, x) in Self.special.enumerated() {
      expectLike(wide[i], function.library(x), 1e-15, "\(function)(\(x))")
      let single = Float(x)
      if single.isFinite && single.magnitude < .leastNormalMagnitude && single != 0 { continue }
      expectLike(Double(narrow[i]), Double(Float(function.library(Double(single)))), 3e-7, "\(function)(\(single))")
    }
  }

  /// Below the normal range of float32, where a unit of the last place is much of a number.
  @Test(arguments: ["expMinusOne", "logOnePlus", "sin", "tanh"]) func subnormals(_ name: String) throws {
    let function = try #require(ElementaryFunction.all.first { $0.name == name })
    let x: [Float] = [.leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0x1p-131, -0x1p-131, 0x1.8p-127]
    #expect(function.apply(Tensor(x)).floats == x)
  }

  @Test func specialPowers() {
    let exponents = Self.special + [7, -7, 0.25]
    let pairs: [(Double, Double)] = Self.special.flatMap { x in exponents.map { y in (x, y) } }
    let wide = pow(Tensor(pairs.map(\.0), .float64), Tensor(pairs.map(\.1), .float64)).doubles
    let narrow = pow(Tensor(pairs.map(\.0)), Tensor(pairs.map(\.1))).floats
    for (i, (x, y)) in pairs.enumerated() {
      expectLike(wide[i], Foundation.pow(x, y), 1e-15, "pow(\(x), \(y))")
      let exact = Float(Foundation.pow(Double(Float(x)), Double(Float(y))))
      if exact.magnitude < .leastNormalMagnitude && exact != 0 { continue }
      expectLike(Double(narrow[i]), Double(exact), 3e-7, "pow(\(Float(x)), \(Float(y)))")
    }
  }

  /// A row as a whole, its pieces of any length and start, a row of strided elements, and one in a chain.
  @Test(arguments: ElementaryFunction.all, [ScalarType.float32, .float64])
  func sameBitsAnywhere(_ function: ElementaryFunction, _ type: ScalarType) {
    let count = 1003
    // Some angles beyond the exact reduction, so that these rows are mended.
    let x = concatenate([
      Tensor.randomUniform([count - 3], in: -9..<9, key: RandomKey(seed: 4), type), Tensor([3e7, -1e9, 0.1], type),
    ]).evaluated()
    let whole = bits(function.apply(x))
    for start in [0, 1, 3, 7, 17] {
      for length in [1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 64, 100] {
        let piece = function.apply(x[start..<start + length].evaluated())
        #expect(bits(piece) == Array(whole[start..<start + length]), "\(length) from \(start)")
      }
    }
    #expect(bits(function.apply(x[(count - 5)...].evaluated())) == Array(whole.suffix(5)))
    let doubled = concatenate([x.reshaped([count, 1]), x.reshaped([count, 1])], axis: 1).evaluated()
    #expect(bits(function.apply(doubled[0..., 1])) == whole)
    let chain = compiled { (x: Tensor) in -function.apply(-(-x)) }
    #expect(bits(-chain(x)) == whole)
  }

  @Test(arguments: [ScalarType.float32, .float64]) func samePowersAnywhere(_ type: ScalarType) {
    let x = Tensor.randomUniform([333], in: 0..<9, key: RandomKey(seed: 5), type).evaluated()
    let y = Tensor.randomUniform([333], in: -5..<5, key: RandomKey(seed: 6), type).evaluated()
    let whole = bits(pow(x, y))
    for i in [0, 1, 100, 331, 332] {
      #expect(bits(pow(x[i], y[i])) == [whole[i]])
      #expect(bits(pow(x, y[i]))[i] == whole[i])
      #expect(bits(pow(x[i], y))[i] == whole[i])
    }
    let chain = compiled { (x: Tensor, y: Tensor) in -pow(x, -(-y)) }
    #expect(bits(-chain(x, y)) == whole)
  }

  func bits(_ x: Tensor) -> [UInt64] {
    x.scalarType == .float32 ? x.floats.map { UInt64($0.bitPattern) } : x.doubles.map(\.bitPattern)
  }
}
