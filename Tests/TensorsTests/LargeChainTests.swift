import Testing

@testable import Tensors

/// Chains over arrays beyond the caches: folds block by block, folds of windows, and values that are computed again instead
/// of being written. All have the bits of the plain evaluation.
@Suite struct LargeChainTests {
  static func sample(_ shape: Shape, _ index: Int, _ type: ScalarType = .float32) -> Tensor {
    .randomNormal(shape, key: RandomKey(seed: 11)[index], type).evaluated()
  }

  @discardableResult
  static func check(
    _ arguments: [Tensor], at location: SourceLocation = #_sourceLocation, _ function: ([Tensor]) -> [Tensor]
  ) -> Program {
    let program = Program(like: arguments, function)
    let traced = program.run(arguments).map { $0.doubles.map(\.bitPattern) }
    #expect(traced == function(arguments).map { $0.doubles.map(\.bitPattern) }, sourceLocation: location)
    return program
  }

  static func normalized(_ x: Tensor) -> Tensor {
    let axes = Array(0..<(x.rank - 1))
    return (x - x.mean(axes)) * rsqrt(x.variance(axes) + 1e-5) * 1.5 + 0.25
  }

  /// Rows that are equal blocks (60 of 30 · 8), that are not (a prime number of them), with several folds of one array, of
  /// what is read and of what is computed, for several outer indices.
  @Test(arguments: [[40, 45, 32], [1801, 32], [3, 1000, 24], [2, 900, 2, 8]])
  func foldsOverRows(_ shape: Shape) {
    let x = Self.sample(shape, 0)
    let axes = shape.count == 3 && shape[0] == 3 ? [1] : Array((shape.count == 4 ? 1 : 0)..<(shape.count - 1))
    Self.check([x]) { [$0[0].sum(axes), square($0[0]).sum(axes), ($0[0] * 0.5).max(axes), tanh($0[0])] }
    Self.check([x.cast(to: .float64)]) { [$0[0].mean(axes), $0[0].variance(axes), $0[0].min(axes)] }
    Self.check([x]) { [gradient(at: $0[0]) { square(Self.normalized($0)).sum() + tanh($0).sum() }] }
  }

  /// Rows that are one for all pixels of a task, and another for the next task: each task as if it were alone.
  @Test(arguments: [[3, 70, 64], [2, 1000, 48], [2, 5, 3, 40]]) func rowsRepeatedWithinATask(_ shape: Shape) {
    let x = Self.sample(shape, 5)
    let row = Self.sample([shape[0]] + shape.dropFirst().dropLast().map { _ in 1 } + [shape[shape.count - 1]], 6)
    func scaled(_ given: [Tensor]) -> [Tensor] { [tanh(given[0] * given[1] + given[1]) * given[0]] }
    let all = Program(like: [x, row], scaled).run([x, row])[0]
    for task in 0..<shape[0] {
      #expect(all[task].floats == scaled([x[task], row[task]])[0].floats)
    }
  }

  /// What is repeated twice is repeated once, so that its derivative is one sum.
  @Test func repetitionsAreJoined() {
    let row = Self.sample([1, 8], 7)
    let twice = row.broadcast(to: [5, 8]).broadcast(to: [3, 5, 8])
    #expect(twice.node.inputs.count == 1 && twice.node.inputs.first === row.node && twice.shape == [3, 5, 8])
    #expect(twice.floats == Array(repeatElement(row.floats, count: 15).joined()))
  }

  /// The way there and back, to the second order, of what a convolutional net does between its convolutions.
  @Test(arguments: [ScalarType.float32, .float64]) func normalizedAndPooled(_ type: ScalarType) {
    let (x, weights) = (Self.sample([16, 60, 56, 16], 1, type), Self.sample([16, 30, 28, 16], 2, type))
    func slope(_ x: Tensor) -> Tensor {
      gradient(at: x) { (relu(Self.normalized($0)).maxPooled(2) * weights).sum() }
    }
    let program = Self.check([x]) { [slope($0[0])] }
    // The array itself, its slope, and one more that is on its way.
    #expect(program.arenaSize < 3 * x.count * type.byteCount)
    Self.check([x]) { [gradient(at: $0[0]) { (slope($0) * $0).sum() }] }
    Self.check([x]) { [vmap(over: $0[0]) { slope($0.expandingAxis(at: 0)) }] }
  }

  /// Random graphs over shapes that hold the same elements, folded over rows and windows, spread again, reshaped.
  @Test(arguments: [ScalarType.float32, .float64]) func randomGraphs(_ type: ScalarType) {
    let (rows, windows) = ([40, 36, 32], [20, 2, 18, 2, 32])
    let filters = Self.sample([3, 3, 32, 32], 99, type)
    for seed in 0..<25 {
      Self.check([Self.sample(rows, seed, type)]) { given in
        var generator = RandomKey(seed: UInt64(seed)).makeGenerator()
        var values = given
        for _ in 0..<24 {
          let (x, y) = (values[generator.below(values.count)], values[generator.below(values.count)])
          let inWindows = x.reshaped(windows)
          let next: Tensor =
            switch generator.below(9) {
            case 0: x - y * 0.5
            case 1: relu(x) + maximum(x, y)
            case 2: x * (x .<= y).cast(to: type)
            case 3: x - x.mean([0, 1])
            case 4: x / (1 + square(x).sum([0, 1]))
            case 5: inWindows.max([1, 3], keepingAxes: true).broadcast(to: windows)
            case 6: inWindows - 0.1 * inWindows.sum([1, 3], keepingAxes: true)
            case 7: convolution(x, filters, padding: .same) * 0.1
            default: exp(-square(x))
            }
          values.append(next.reshaped(rows))
        }
        return [values[values.count - 1], values[5], values[15].reshaped([-1, 8]).sum(0)]
      }
    }
  }

  /// What is computed again is not written.
  @Test func recomputation() {
    let (x, row) = (Self.sample([40_000, 64], 3), Self.sample([64], 4))
    let program = Self.check([x, row]) { given in
      let shifted = given[0] - given[1]
      // An operation that no chain can have between two that read the difference.
      let product = matmul(shifted.sum([0]).reshaped([1, 64]), Self.sample([64, 64], 5)).reshaped([64])
      return [(shifted * product).sum([0])]
    }
    #expect(program.arenaSize < x.count * 4 / 4)
  }

  /// A long sum keeps its digits; with its terms added one after the other, half of them would be lost.
  @Test func longSums() {
    let x = Tensor.randomUniform([1 << 19, 2], key: RandomKey(seed: 12)).evaluated()
    let exact = x.cast(to: .float64).sum(0).doubles
    #expect(zip(x.sum(0).doubles, exact).allSatisfy { Swift.abs($0 / $1 - 1) < 1e-6 })
  }
}
