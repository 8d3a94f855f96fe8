import Testing

@testable import Tensors

/// Float32 functions against the float64 ones, in units of the last place of the float32 result.
@Suite struct SinglePrecisionTests {
  static let functions: [(name: String, range: Range<Double>, worst: Double, apply: @Sendable (Tensor) -> Tensor)] = [
    ("exp", -87..<88.5, 1, { exp($0) }),
    ("exp, subnormal", -104 ..< -87, 1, { exp($0) }),
    ("expMinusOne", -10..<80, 2, { expMinusOne($0) }),
    ("log", 1e-6..<1e6, 2, { log($0) }),
    ("log(onePlus:)", -0.9..<10, 2, { log(onePlus: $0) }),
    ("sqrt", 0..<1e6, 0.5, { sqrt($0) }),
    ("rsqrt", 1e-6..<1e6, 1.5, { rsqrt($0) }),
    ("1 / x", 1e-6..<1e6, 0.5, { 1 / $0 }),
    ("sin", -100..<100, 2, { sin($0) }),
    ("cos", -100..<100, 2, { cos($0) }),
    ("tanh", -10..<10, 2, { tanh($0) }),
    ("sigmoid", -80..<80, 2, { sigmoid($0) }),
    ("softplus", -80..<80, 2, { softplus($0) }),
    ("erf", -4..<4, 2, { erf($0) }),
  ]

  @Test(arguments: functions.indices) func function(_ index: Int) {
    let (name, range, allowed, apply) = Self.functions[index]
    let spread = Tensor.randomUniform([200_000], in: range, key: RandomKey(seed: 7))
    let near = spread * 1e-3 + (range.contains(0) ? 0 : range.lowerBound)
    let x = concatenate(range.contains(0) ? [spread, near] : [spread])
    let single: [Float] = apply(x).scalars()
    let exact = apply(x.cast(to: .float64)).doubles
    var (worst, place) = (0.0, 0)
    for i in single.indices {
      let unit = Double(Float(exact[i]).ulp)
      let error = Swift.abs(Double(single[i]) - exact[i]) / unit
      if !(error <= worst) { (worst, place) = (error, i) }
    }
    #expect(worst <= allowed, "\(name)(\(x.floats[place]))")
  }

  @Test func exponentialAtItsEnds() {
    let x = Tensor([-.infinity, -1000, -104, 0, 88.72283, 88.7229, 1000, .infinity, .nan, -0.0])
    let y = exp(x).floats
    #expect(Array(y[..<4]) == [0, 0, 0, 1])
    #expect(y[4].isFinite && y[4] > 3.4e38)
    #expect(Array(y[5..<8]) == [.infinity, .infinity, .infinity])
    #expect(y[8].isNaN && y[9] == 1)
  }

  /// A long sum of float32 numbers does not drift.
  @Test func longSums() {
    let x = Tensor.full([1_000_000], 0.1) + 0 * Tensor.arange(1_000_000)
    #expect(Swift.abs(x.sum().item() - 1_000_000 * Double(Float(0.1))) < 0.1)
  }
}
