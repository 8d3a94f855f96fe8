#if arch(x86_64) && os(Linux)
  import Foundation
  import Testing

  @testable import Tensors

  /// Float64 functions against the library's in 80 bits, which has eleven bits more: many more numbers than the fixture.
  @Suite struct ExtendedPrecisionTests {
    static let functions: [String: @Sendable (Float80) -> Float80] = [
      "exp": { exp($0) }, "expMinusOne": { expm1($0) }, "log": { log($0) }, "logOnePlus": { log1p($0) },
      "sin": { sin($0) }, "cos": { cos($0) }, "tanh": { tanh($0) }, "erf": { erf($0) },
      "sigmoid": { x in x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) },
      "softplus": { x in x.isNaN ? x : Swift.max(x, 0) + log1p(exp(-x.magnitude)) },
    ]

    /// |actual − exact| in units of the last place of `exact` as a double; 0 if both are NaN or the same infinity.
    static func units(_ actual: Double, _ exact: Float80) -> Double {
      if exact.isNaN || exact.isInfinite { return WorstError.sameSpecial(actual, Double(exact)) ? 0 : .infinity }
      let beyond: Float80 = 0x1p1024
      var near = Double(exact).magnitude
      if Float80(near) > exact.magnitude { near = near.nextDown }
      let got = actual.isInfinite ? (actual > 0 ? beyond : -beyond) : Float80(actual)
      return Double((got - Swift.min(Swift.max(exact, -beyond), beyond)).magnitude / Float80(near.ulp))
    }

    @Test(arguments: ElementaryFunction.all) func function(_ function: ElementaryFunction) throws {
      let exact = try #require(Self.functions[function.name])
      var generator = SeededGenerator(state: 5)
      var worst = WorstError()
      for _ in 0..<50 {
        // Any bits, the ends of the range of the exponential, and numbers around zero and one.
        let x = (0..<ElementwiseAccuracyTests.block).map { i in
          switch i % 4 {
          case 0: generator.anyDouble()
          case 1: Double.random(in: -750..<712, using: &generator)
          case 2: Double.random(in: -30..<30, using: &generator)
          default: Double.random(in: -2..<2, using: &generator)
          }
        }
        let y = function.apply(Tensor(x, .float64)).doubles
        for i in x.indices { worst.meet(Self.units(y[i], exact(Float80(x[i]))), "\(x[i]): \(y[i])") }
      }
      #expect(worst.error <= function.bound, "\(function)(\(worst.place))")
    }

    @Test func powers() {
      var generator = SeededGenerator(state: 6)
      var worst = WorstError()
      for _ in 0..<25 {
        var (x, y) = ElementwiseAccuracyTests.pairs(using: &generator)
        for _ in x.indices {
          // Results over the whole range of float64, just beyond it included.
          let base = generator.anyDouble().magnitude
          x.append(base)
          y.append(.random(in: -750..<712, using: &generator) / Foundation.log(base))
        }
        let power = pow(Tensor(x, .float64), Tensor(y, .float64)).doubles
        for i in x.indices {
          let exact = Foundation.pow(Float80(x[i]), Float80(y[i]))
          worst.meet(Self.units(power[i], exact), "\(x[i]), \(y[i]): \(power[i])")
        }
      }
      #expect(worst.error <= ElementaryFunction.powerBound, "pow(\(worst.place))")
    }
  }
#endif
