import Foundation
import Testing

@testable import Tensors

/// Errors of the transcendental functions in units of the last place.
@Suite struct ElementwiseAccuracyTests {
  /// So many at a time, so that the tests of memory, which run beside these, are not misled.
  static let block = 8192

  /// Every 4,099th float32 of all there are, against the library in float64.
  @Test(arguments: ElementaryFunction.all) func singlePrecision(_ function: ElementaryFunction) {
    var worst = WorstError()
    for start in stride(from: UInt64(0), to: 1 << 32, by: UInt64.Stride(4099 * Self.block)) {
      let end = Swift.min(start + UInt64(4099 * Self.block), 1 << 32)
      let x = stride(from: start, to: end, by: 4099).map { Float(bitPattern: UInt32($0)) }
      let y = function.apply(Tensor(x)).floats
      for i in x.indices {
        worst.meet(WorstError.units(y[i], function.library(Double(x[i]))), "\(x[i]): \(y[i])")
      }
    }
    #expect(worst.error <= function.bound, "\(function)(\(worst.place))")
  }

  @Test func singlePrecisionPowers() {
    var generator = SeededGenerator(state: 3)
    var worst = WorstError()
    for _ in 0..<50 {
      let (x, y) = Self.pairs(using: &generator)
      let (base, exponent) = (x.map { Float($0) }, y.map { Float($0) })
      let power = pow(Tensor(base), Tensor(exponent)).floats
      for i in x.indices {
        let exact = Foundation.pow(Double(base[i]), Double(exponent[i]))
        worst.meet(WorstError.units(power[i], exact), "\(base[i]), \(exponent[i]): \(power[i])")
      }
    }
    #expect(worst.error <= ElementaryFunction.powerBound, "pow(\(worst.place))")
  }

  /// Bases and exponents of any size, bases near 1 with great exponents, results over the whole range of float32, and
  /// bases of both signs with whole exponents.
  static func pairs(using generator: inout SeededGenerator) -> (base: [Double], exponent: [Double]) {
    var (base, exponent) = ([Double](), [Double]())
    for i in 0..<block {
      let any = Double(generator.anyFloat())
      let (x, y): (Double, Double) =
        switch i % 4 {
        case 0: (any, Double(generator.anyFloat()))
        case 1: (.random(in: 0.99..<1.01, using: &generator), .random(in: -9000..<9000, using: &generator))
        case 2: (any.magnitude, .random(in: -100..<90, using: &generator) / Foundation.log(any.magnitude))
        default:
          (
            i % 8 == 3 ? any : .random(in: -9..<9, using: &generator),
            Double(Int.random(in: -40...40, using: &generator))
          )
        }
      base.append(x)
      exponent.append(y)
    }
    return (base, exponent)
  }

  // MARK: - float64 against mpmath

  struct Reference: Decodable {
    struct Unary: Decodable {
      var name: String
      var x, value, rest: [Double]
    }
    struct Power: Decodable {
      var base, exponent, value, rest: [Double]
    }
    var unary: [Unary]
    var power: Power

    static func load() throws -> Reference {
      let url = try #require(
        Bundle.module.url(forResource: "elementary", withExtension: "json", subdirectory: "Fixtures"))
      return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }
  }

  /// The greatest error against exact results `value + rest`.
  func worst(_ actual: [Double], _ value: [Double], _ rest: [Double], _ place: (Int) -> String) -> WorstError {
    var worst = WorstError()
    for i in value.indices {
      // The exact result is below `value` in size where the rest takes from it.
      let isBelow = value[i] > 0 ? rest[i] < 0 : rest[i] > 0
      let unit = (isBelow ? value[i].magnitude.nextDown : value[i].magnitude).ulp
      worst.meet(Swift.abs((actual[i] - value[i]) - rest[i]) / unit, "\(place(i)): \(actual[i])")
    }
    return worst
  }

  @Test(arguments: ElementaryFunction.all) func doublePrecision(_ function: ElementaryFunction) throws {
    let reference = try #require(try Reference.load().unary.first { $0.name == function.name })
    let y = function.apply(Tensor(reference.x, .float64)).doubles
    let worst = worst(y, reference.value, reference.rest) { "\(reference.x[$0])" }
    #expect(worst.error <= function.bound, "\(function)(\(worst.place))")
  }

  @Test func doublePrecisionPowers() throws {
    let reference = try Reference.load().power
    let y = pow(Tensor(reference.base, .float64), Tensor(reference.exponent, .float64)).doubles
    let worst = worst(y, reference.value, reference.rest) { "\(reference.base[$0]), \(reference.exponent[$0])" }
    #expect(worst.error <= ElementaryFunction.powerBound, "pow(\(worst.place))")
  }
}
