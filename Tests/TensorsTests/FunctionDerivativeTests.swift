import Testing

@testable import Tensors

/// Derivatives of the public functions that are made of several primitives, and what is agreed on at kinks.
@Suite struct FunctionDerivativeTests {
  static let functions: [(name: String, shape: Shape, range: Range<Double>, apply: @Sendable (Tensor) -> Tensor)] = [
    ("gelu", [2, 3], -3..<3, { gelu($0) }),
    ("clamped", [7], -2..<2, { sin($0).clamped(to: -0.5...0.6) }),
    ("maximum of a number", [7], -2..<2, { square(maximum($0, 0.3)) }),
    ("minimum of a number", [7], -2..<2, { square(minimum($0, 0.3)) }),
    ("pow 0", [3], 0.5..<2, { pow($0, 0) * $0 }),
    ("pow 1", [3], -2..<2, { pow($0, 1) }),
    ("pow 2", [3], -2..<2, { pow($0, 2) }),
    ("pow 3", [3], -2..<2, { pow($0, 3) }),
    ("pow -2", [3], 0.5..<2, { pow($0, -2) }),
    ("pow 0.5", [3], 0.5..<2, { pow($0, 0.5) }),
    ("pow -0.5", [3], 0.5..<2, { pow($0, -0.5) }),
    ("pow -1", [3], 0.5..<2, { pow($0, -1) }),
    ("pow 2.5", [3], 0.5..<2, { pow($0, 2.5) }),
    ("number / x", [3], 0.5..<2, { 3 / $0 }),
    ("1 / x", [3], 0.5..<2, { 1 / $0 }),
    ("number - x", [3], -2..<2, { square(2 - $0) + 3 * $0 / 7 }),
    ("mean", [2, 3], -2..<2, { square($0).mean(0) * $0.mean() }),
    ("variance", [3, 4], -2..<2, { $0.variance() * $0.variance([-1], correction: 1) }),
    ("norm", [3, 4], -2..<2, { $0.norm([1]) * $0.norm() }),
    ("logSumExp", [3, 4], -2..<2, { $0.logSumExp([0]) * $0.logSumExp(keepingAxes: true) }),
    ("softmax", [3, 4], -2..<2, { softmax($0) * softmax($0, axis: 0) }),
    ("logSoftmax", [3, 4], -2..<2, { logSoftmax($0) * logSoftmax($0, axis: 0) }),
    ("subscript", [3, 4, 2], -2..<2, { sin($0[1, .newAxis, ..<(-1), -1]) }),
    ("sliced", [3, 4], -2..<2, { sin($0.sliced(1..<3, axis: -1)) }),
    ("reversed", [3, 4], -2..<2, { $0.reversed([0, 1]) * $0 }),
    ("transposed", [3, 3], -2..<2, { $0.transposed() * $0 }),
    ("movingAxis", [2, 3, 2], -2..<2, { sin($0.movingAxis(0, to: 1)) }),
    ("expandingAxis", [2, 2], -2..<2, { $0.expandingAxis(at: 1) * $0 }),
    ("squeezed", [2, 1], -2..<2, { $0.squeezed(-1) * $0 }),
    ("flattened", [2, 3], -2..<2, { square($0.flattened()) }),
    ("flattenedRows", [2, 3, 2], -2..<2, { square($0.flattenedRows()) }),
    ("padded", [2, 3], -2..<2, { sin($0.padded([(1, 0), (0, 2)])) }),
    ("padded with a value", [2, 3], -2..<2, { sin($0.padded([(1, 0), (0, 2)], with: 0.5)) }),
    ("tiled", [2, 3], -2..<2, { sin($0.tiled([2, 3])) }),
    ("stack", [2, 3], -2..<2, { stack([$0, square($0), $0], axis: -1) }),
    ("dot", [2, 3], -2..<2, { $0.dot(sin($0)) }),
    ("replacing", [4], -2..<2, { square($0).replacing(with: sin($0), where: $0 .> 0) }),
    ("stopGradient", [4], -2..<2, { 2 * $0 + stopGradient(square($0)) * 0 }),
    ("scatterAdding", [4], -2..<2, { square($0).scatterAdding(sin($0), at: Tensor([3, 3, 0, 1] as [Int32])) }),
    (
      "assignments", [4], 1..<2,
      { x in
        var y = x
        y += x
        y -= square(x)
        y *= x
        y /= x + 3
        y += 1
        y -= 2
        y *= 3
        y /= 4
        return y
      }
    ),
  ]

  @Test(arguments: functions.indices) func function(_ index: Int) {
    let (name, shape, range, apply) = Self.functions[index]
    var checker = GradientChecker()
    checker.check({ [apply($0[0])] }, at: [sample(shape, in: range)], path: name)
  }

  @Test func tiesShareTheDerivative() {
    let x = Tensor([1, 3, 3, 2], .float64)
    #expect(gradient(at: x) { $0.max() }.doubles == [0, 0.5, 0.5, 0])
    #expect(gradient(at: -x) { $0.min() }.doubles == [0, 0.5, 0.5, 0])
    let (a, b) = gradient(at: x, Tensor([1, 2, 3, 4], .float64)) { maximum($0, $1).sum() }
    #expect(a.doubles == [0.5, 1, 0.5, 0])
    #expect(b.doubles == [0.5, 0, 0.5, 1])
    let (c, d) = gradient(at: x, Tensor([1, 2, 3, 4], .float64)) { minimum($0, $1).sum() }
    #expect(c.doubles == [0.5, 0, 0.5, 1])
    #expect(d.doubles == [0.5, 1, 0.5, 0])
  }

  @Test func kinks() {
    let zero = Tensor([0, 0], .float64)
    #expect(gradient(at: zero) { relu($0).sum() }.doubles == [0, 0])
    #expect(gradient(at: zero) { abs($0).sum() }.doubles == [0, 0])
    #expect(gradient(at: zero) { $0.norm() }.doubles == [0, 0])
    #expect(gradient(at: zero) { sqrt($0).sum() }.doubles == [.infinity, .infinity])
    let second = gradient(at: zero) { gradient(at: $0) { $0.norm() }.sum() }.doubles
    #expect(second == [0, 0])
    #expect(gradient(at: zero) { floor($0 + 0.5).sum() + sign($0).sum() }.doubles == [0, 0])
  }

  /// Powers of zero with whole exponents are polynomials: all derivatives by the base are finite.
  @Test func powersOfZero() {
    let x = Tensor([0, 0, 0, 0], .float64)
    let y = Tensor([0, 1, 2, 3], .float64)
    func first(_ x: Tensor) -> Tensor { gradient(at: x) { pow($0, y).sum() } }
    #expect(first(x).doubles == [0, 1, 0, 0])
    func second(_ x: Tensor) -> Tensor { gradient(at: x) { first($0).sum() } }
    #expect(second(x).doubles == [0, 0, 2, 0])
    func third(_ x: Tensor) -> Tensor { gradient(at: x) { second($0).sum() } }
    #expect(third(x).doubles == [0, 0, 0, 6])
    let byExponent = gradient(at: y) { pow(x, $0).sum() }
    #expect(byExponent.doubles == [0, 0, 0, 0])
    // Each exponent by itself: the short cuts must agree.
    for (exponent, expected) in zip([0.0, 1, 2, 3], [[0.0, 0], [1, 0], [0, 2], [0, 0]]) {
      let zero = Tensor(0, .float64)
      let g = gradient(at: zero) { pow($0, exponent) }
      let h = gradient(at: zero) { gradient(at: $0) { pow($0, exponent) } }
      #expect([g.item(), h.item()] == expected)
    }
  }

  @Test func oneHotIsConstant() {
    let x = Tensor([1, 2], .float64)
    let g = gradient(at: x) { (Tensor([1, 0, 1] as [Int32]).oneHot(2, .float64) * $0).sum() }
    #expect(g.doubles == [1, 2])
  }
}
