import CKernels
import Testing

@testable import Tensors

/// Derivatives of every primitive, by both modes and to the second order, against differences.
///
/// The switches have no default: a new primitive or function does not compile before it has a check.
@Suite struct PrimitiveDerivativeTests {
  @Test(arguments: CKUnary.all) func unary(_ function: CKUnary) {
    let range: Range<Double>
    switch function {
    case .logicalNot:
      #expect(Tensor.derivative(of: function, at: Tensor(1), value: Tensor(1)) == nil)
      return
    case .logarithm, .squareRoot, .reciprocalSquareRoot, .reciprocal: range = 0.5..<3
    case .logarithmOnePlus: range = -0.5..<3
    case .negate, .square, .exponential, .exponentialMinusOne, .sine, .cosine, .tanh, .sigmoid, .softplus,
      .errorFunction:
      range = -2..<2
    // Away from the kinks and steps at whole numbers.
    case .absolute, .sign, .relu, .floor: range = 0.1..<0.9
    }
    let x = sample([2, 3], in: range)
    checkDerivatives(at: x) { .unary(function, $0[0]) }
    if case .absolute = function { checkDerivatives(at: -x) { .unary(function, $0[0]) } }
    if case .relu = function { checkDerivatives(at: -x) { .unary(function, $0[0]) } }
    // A third of a function is seldom written down wrong, but it is where values of zero meet infinite factors.
    checkDerivatives(at: sample([2], in: range), order: 3) { .unary(function, $0[0]) }
  }

  @Test(arguments: CKBinary.all) func binary(_ function: CKBinary) {
    var (x, y) = (sample([2, 1, 3]), sample([4, 1], seed: 2))
    switch function {
    case .logicalAnd, .logicalOr:
      let derivatives = function.derivatives(x, x, x)
      #expect(derivatives.byFirst() == nil && derivatives.bySecond() == nil)
      return
    case .add, .subtract, .multiply, .maximum, .minimum: break
    case .divide: y = sample([4, 1], in: 0.5..<3, seed: 2)
    case .power: x = sample([2, 1, 3], in: 0.5..<3)
    }
    checkDerivatives(at: x, y) { .binary(function, $0[0], $0[1]) }
    // Both arguments the same tensor.
    checkDerivatives(at: sample([3], in: 0.5..<2)) { x in
      switch function {
      case .maximum, .minimum: .binary(function, x[0], 2 - x[0])
      default: .binary(function, x[0], x[0])
      }
    }
  }

  static let representatives: [Primitive] = [
    .source, .constant(1), .iota(axis: 0), .random(.normal, path: []), .placeholder(0), .variable, .stopGradient,
    .unary(.sine), .binary(.add), .compare(.less), .select, .cast, .broadcast, .reshape, .transpose([1, 0]),
    .slice(starts: [0], strides: [1]), .unslice(starts: [0], strides: [1]), .concatenate(axis: 0),
    .reduce(.sum, axes: [0]), .argument(greatest: true, axis: 0), .matmul, .gather(axis: 0, batch: 0),
    .scatterAdd(axis: 0, batch: 0),
    .convolution(
      ConvolutionGeometry(
        input: Size2D(height: 5, width: 4), kernel: Size2D(height: 3, width: 2), output: Size2D(height: 3, width: 4),
        strides: Size2D(height: 2, width: 1), dilation: Size2D(height: 1, width: 2), before: 1, groups: 2), .output),
  ]

  @Test(arguments: representatives) func primitive(_ primitive: Primitive) {
    let x = sample([2, 3])
    // The sine makes the second derivative depend on where the first one's numbers end up.
    func check(at x: Tensor..., line: SourceLocation = #_sourceLocation, _ f: @escaping ([Tensor]) -> Tensor) {
      var checker = GradientChecker()
      checker.check({ [sin(f($0))] }, at: x, at: line)
    }
    switch primitive {
    case .source, .constant, .iota, .random, .placeholder:
      // Leaves have no inputs, so nothing flows into them.
      let tape = primitive.pullBack(x, .init(inputs: [], output: x), needed: [])
      #expect(tape.isEmpty && primitive.pushForward([], .init(inputs: [], output: x)) == nil)
    case .compare, .argument, .stopGradient:
      let at = Primitive.Application(inputs: [x, x], output: x)
      let flowing = primitive.pullBack(x, at, needed: [true, true]).compactMap(\.self)
      #expect(flowing.isEmpty)
      #expect(primitive.pushForward([x, x], at) == nil)
    case .products: break  // made after all transforms
    case .variable: check(at: x) { $0[0] }
    case .scan, .part, .gradient: break  // see ScanDerivativeTests and SymmetryTests
    case .unary, .binary: break  // each function has its own test above
    case .select:
      let mask = Tensor([[true, false, true]])
      check(at: x, sample([4, 2, 1], seed: 2)) { select(mask, $0[0], $0[1]) }
      check(at: x) { select(mask, $0[0], square($0[0])) }
    case .cast:
      // Back and forth without a loss of digits: the numbers are float32 numbers, and the difference's step is large.
      let rough = sample([3]).cast(to: .float32)
      let g = gradient(at: rough) { ($0.cast(to: .float64) * Tensor([1, 2, 3], .float64)).sum() }
      #expect(g.scalarType == .float32 && g.floats == [1, 2, 3])
      let t = jvp(at: rough, along: rough) { square($0.cast(to: .float64)) }
      expectClose(t.tangent, 2 * square(rough.cast(to: .float64)), 1e-15)
      let h = gradient(at: rough) { gradient(at: $0) { pow($0.cast(to: .float64), 3).sum() }.sum() }
      expectClose(h, 6 * rough, 1e-6)
    case .broadcast:
      check(at: x) { $0[0].broadcast(to: [4, 2, 3]) }
      check(at: sample([2, 1])) { $0[0].broadcast(to: [3, 2, 4]) }
      check(at: sample([])) { $0[0].broadcast(to: [2, 2]) }
    case .reshape: check(at: x) { square($0[0]).transposed().reshaped([3, 1, -1]) }
    case .transpose: check(at: sample([2, 3, 4])) { square($0[0]).transposed([2, 0, 1]) }
    case .slice:
      check(at: sample([5, 4])) { $0[0][1..<4, .every(3)] }
      check(at: sample([5, 4])) { $0[0].slice(starts: [4, 3], strides: [-2, -1], shape: [3, 4]) }
    case .unslice:
      check(at: x) { $0[0].unslice(starts: [1, 0], strides: [2, 1], shape: [5, 4]) }
      check(at: x) { $0[0].unslice(starts: [3, 4], strides: [-2, -1], shape: [4, 5]) }
    case .concatenate:
      check(at: x, sample([2, 2], seed: 2)) { concatenate([$0[0], $0[1], $0[0]], axis: -1) }
    case .reduce:
      for axes in [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]] {
        for function in [CKReduction.sum, .maximum, .minimum] {
          for keeping in [false, true] {
            check(at: sample([2, 3, 2])) { $0[0].reduced(function, axes, keeping) }
          }
        }
      }
    case .matmul:
      for (a, b) in [
        ([2, 3], [3, 4]), ([3], [3]), ([3], [3, 2]), ([2, 3], [3]), ([2, 1, 2, 3], [2, 3, 2]), ([2, 2, 3], [3, 2]),
        ([2, 3], [2, 3, 1]), ([1, 2], [3, 2, 2]),
      ] { check(at: sample(a), sample(b, seed: 2)) { matmul($0[0], $0[1]) } }
      check(at: sample([3, 2]), sample([4, 6], seed: 2)) { matmul($0[0].transposed(), $0[1][1..., .every(2)]) }
      check(at: sample([3, 3])) { matmul($0[0], $0[0].reversed([0]).transposed()) }
    case .convolution(var geometry, _):
      let (x, filters) = (sample([2, 5, 4, 4]), sample([3, 2, 2, 6], seed: 2))
      let g = sample([2, 3, 4, 6], seed: 3)
      check(at: x, filters) { geometry.apply(.output, from: [.input: $0[0], .filters: $0[1]]) }
      check(at: filters, g) { geometry.apply(.input, from: [.filters: $0[0], .output: $0[1]]) }
      check(at: x, g) { geometry.apply(.filters, from: [.input: $0[0], .output: $0[1]]) }
      geometry.batch = 1
      check(at: x.expandingAxis(at: 1), sample([2, 3, 2, 2, 6])) {
        geometry.apply(.output, from: [.input: $0[0], .filters: $0[1]])
      }
    case .gather:
      let indices = Tensor([[2, 0], [2, 1]] as [[Int32]])
      check(at: sample([3, 2])) { $0[0].gathered(indices) }
      check(at: sample([2, 3, 2])) { $0[0].gathered(indices, axis: 1) }
    case .scatterAdd:
      let indices = Tensor([1, 1, 0] as [Int32])
      check(at: sample([3, 2])) { $0[0].scattered(indices, axis: 0, count: 4) }
      check(at: sample([2, 4]), sample([2, 3], seed: 2)) { $0[0].scatterAdding($0[1], at: indices, axis: 1) }
    }
  }
}
