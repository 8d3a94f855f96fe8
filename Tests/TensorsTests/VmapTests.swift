import CKernels
import Testing

@testable import Tensors

/// Batched equals looped.
@Suite struct VmapTests {
  static let key = RandomKey(seed: 31)

  static func sample(_ shape: Shape, _ index: Int) -> Tensor { .randomNormal(shape, key: key[index], .float64) }

  /// Compares `vmap` with a loop over the slices, for one batched argument; `shared` is taken from outside.
  func check(_ batch: Tensor, _ function: (Tensor) -> Tensor, at location: SourceLocation = #_sourceLocation) {
    let batched = vmap(over: batch, function)
    let looped = stack((0..<batch.shape[0]).map { function(batch[$0]) })
    #expect(batched.shape == looped.shape, sourceLocation: location)
    let worst = abs(batched - looped).max().item()
    #expect(worst <= 1e-13 * Swift.max(1, abs(looped).max().item()), sourceLocation: location)
  }

  @Test func everyUnaryFunction() {
    for function in CKUnary.all where function != .logicalNot {
      let positive = Tensor.randomUniform([3, 4], in: 0.5..<2, key: Self.key[0], .float64)
      check(positive) { .unary(function, $0) }
    }
  }

  @Test func everyFunctionOfTwo() {
    let x = Tensor.randomUniform([3, 4], in: 0.5..<2, key: Self.key[16], .float64)
    let y = Tensor.randomUniform([4], in: 0.5..<2, key: Self.key[17], .float64)
    for function in CKBinary.all where function != .logicalAnd && function != .logicalOr {
      check(x) { .binary(function, $0, y) }
      check(x) { .binary(function, y, $0) }
    }
    for comparison in [CKComparison.equal, .notEqual, .less, .lessOrEqual] {
      check(x) { Tensor.compare(comparison, $0, y).cast(to: .float64) }
      check(x) { Tensor.compare(comparison, $0, $0).cast(to: .float64) }
    }
    check(x) { (($0 .> 1) .& (y .> 1)).cast(to: .float64) }
    check(x) { (($0 .> 1) .| (.!(y .> 1))).cast(to: .float64) }
  }

  @Test func elementwiseWithSharedOperands() {
    let x = Self.sample([3, 2, 4], 1)
    let (row, column) = (Self.sample([4], 2), Self.sample([2, 1], 3))
    check(x) { $0 * row + column - 2 }
    check(x) { row - $0[0] }
    check(x) { select($0 .> 0, $0, row) }
    check(x) { ($0 .<= column).cast(to: .float64) }
  }

  @Test func movement() {
    let x = Self.sample([3, 2, 4], 4)
    check(x) { $0.transposed() }
    check(x) { $0.reshaped([8]).reshaped([4, 2]) }
    check(x) { $0[0].broadcast(to: [5, 4]) }
    check(x) { $0[1, 1..<3] }
    check(x) { $0.reversed([1]) }
    check(x) { $0.padded([(before: 1, after: 0), (before: 0, after: 2)], with: 3) }
    check(x) { concatenate([$0, $0 * 2, Tensor.ones([1, 4], .float64)]) }
    check(x) { $0.tiled([2, 1]) }
  }

  @Test func reductionsAndChoices() {
    let x = Self.sample([3, 2, 4], 5)
    check(x) { $0.sum() }
    check(x) { $0.max(1) }
    check(x) { $0.variance([0]) }
    check(x) { logSoftmax($0) }
    check(x) { $0.argmax(0).cast(to: .float64) }
    check(x) { $0.min(0) + $0.argmin(1).cast(to: .float64).sum() }
    check(x) { stopGradient($0) }
  }

  @Test func products() {
    let (x, y) = (Self.sample([3, 2, 4], 6), Self.sample([4, 5], 7))
    check(x) { matmul($0, y) }
    check(x) { matmul(y.transposed(), $0.transposed()) }
    check(x) { matmul($0, $0.transposed()) }
    check(Self.sample([3, 2, 2, 4], 8)) { matmul($0, Self.sample([2, 4, 3], 9)) }
    check(Self.sample([3, 4], 10)) { matmul($0, y) }
  }

  @Test func indexing() {
    let x = Self.sample([3, 4, 2], 11)
    let indices = Tensor([Int32(2), 0, 2])
    check(x) { $0.gathered(indices) }
    check(x) { $0.gathered(Tensor([Int32(1), 0]), axis: 1) }
    check(x) { $0.sliced(0..<3, axis: 0).scattered(indices, axis: 0, count: 4) }
    let perSlice = Tensor([Int32(0), 3, 1, 1, 2, 0], shape: [3, 2])
    let table = Self.sample([2, 4], 12)
    let byRows = vmap(over: perSlice) { table.gathered($0, axis: 1) }
    let byLoop = stack((0..<3).map { table.gathered(perSlice[$0], axis: 1) })
    #expect(byRows.doubles == byLoop.doubles)
    struct Pair: TensorTree {
      var values: Tensor
      var indices: Tensor
    }
    let both = Pair(values: x, indices: perSlice)
    let gathered = vmap(over: both) { $0.values.gathered($0.indices) }
    #expect(gathered.doubles == stack((0..<3).map { x[$0].gathered(perSlice[$0]) }).doubles)
    let updates = Pair(values: Self.sample([3, 2, 5], 13), indices: perSlice)
    let scattered = vmap(over: updates) { $0.values.scattered($0.indices, axis: 0, count: 4) }
    let loop = (0..<3).map { updates.values[$0].scattered(perSlice[$0], axis: 0, count: 4) }
    #expect(scattered.doubles == stack(loop).doubles)
  }

  @Test func gradientsOfVmapAndVmapOfGradients() {
    let x = Self.sample([5, 3], 14)
    let w = Self.sample([3, 3], 15)
    func loss(_ w: Tensor, _ x: Tensor) -> Tensor { square(tanh(matmul(x, w))).sum() }
    // By what the slices share.
    let together = gradient(at: w) { w in vmap(over: x) { loss(w, $0) }.sum() }
    let apart = (0..<5).map { i in gradient(at: w) { loss($0, x[i]) } }
    #expect(abs(together - stack(apart).sum(0)).max().item() < 1e-13)
    // Of each slice.
    check(x) { x in gradient(at: x) { loss(w, $0) } }
    // Second order, through an inner step, as MAML does.
    func outer(_ w: Tensor, _ x: Tensor) -> Tensor { loss(w - 0.1 * gradient(at: w) { loss($0, x) }, x) }
    let batched = gradient(at: w) { w in vmap(over: x) { outer(w, $0) }.sum() }
    let looped = stack((0..<5).map { i in gradient(at: w) { outer($0, x[i]) } }).sum(0)
    #expect(abs(batched - looped).max().item() < 1e-12)
    // Nested: every pair.
    let pairs = vmap(over: x) { a in vmap(over: x) { b in a.dot(b) } }
    #expect(abs(pairs - matmul(x, x.transposed())).max().item() < 1e-14)
  }

  @Test func randomNumbersPerSlice() {
    let keys = stack((0..<3).map { Self.key[$0].words })
    let drawn = vmap(over: keys) { Tensor.randomUniform([4], key: RandomKey(traced: $0)) }
    #expect(drawn.floats == (0..<3).flatMap { Tensor.randomUniform([4], key: Self.key[$0]).floats })
  }
}
