import Dispatch
import Testing

@testable import Tensors

/// Compiled equals plain, bit for bit.
@Suite struct CompiledTests {
  struct Line: TensorTree {
    var slope = Tensor(2)
    var intercept = Tensor(1)
    var isSquared = false
    @Buffer var scale = Tensor(10)

    func callAsFunction(_ x: Tensor) -> Tensor {
      let y = scale * (slope * x + intercept)
      return isSquared ? square(y) : y
    }
  }

  static let x = Tensor.randomNormal([64], key: RandomKey(seed: 1))

  @Test func valuesAndGradients() {
    let loss: @Sendable (Line, Tensor) -> Tensor = { line, x in square(sin(line(x)) - x).mean() }
    let fast = compiled(loss)
    let slopes = compiled { (line: Line, x: Tensor) in gradient(at: line) { loss($0, x) } }
    for slope in [0.5, 1, 1.5] {
      var line = Line()
      line.slope = Tensor(slope)
      #expect(fast(line, Self.x).item() == loss(line, Self.x).item())
      let (traced, plain) = (slopes(line, Self.x), gradient(at: line) { loss($0, Self.x) })
      #expect(traced.slope.item() == plain.slope.item())
      #expect(traced.intercept.item() == plain.intercept.item())
    }
  }

  @Test func otherShapesAndSettingsAreTracedAnew() {
    let apply = compiled { (line: Line, x: Tensor) in line(x) }
    var line = Line()
    #expect(apply(line, Tensor([1, 2])).floats == [30, 50])
    #expect(apply(line, Tensor([[3.0], [4]])).shape == [2, 1])
    line.isSquared = true
    #expect(apply(line, Tensor([1, 2])).floats == [900, 2500])
    line.scale = Tensor(1)
    #expect(apply(line, Tensor([1, 2])).floats == [9, 25])
    #expect(apply(line, Tensor([1, 2])).scalarType == .float32)
  }

  @Test func differentiatedBatchedAndNested() {
    let f = compiled { (x: Tensor) in sin(x) * x }
    let g = compiled { (x: Tensor) in gradient(at: x) { f($0).sum() } }
    let plain = gradient(at: Self.x) { (sin($0) * $0).sum() }
    #expect(g(Self.x).floats == plain.floats)
    #expect(gradient(at: Self.x) { f($0).sum() }.floats == plain.floats)
    #expect(vmap(over: Self.x) { f($0) }.floats == f(Self.x).floats)
    let second = gradient(at: Self.x) { x in gradient(at: x) { f($0).sum() }.sum() }
    let expected = gradient(at: Self.x) { x in gradient(at: x) { (sin($0) * $0).sum() }.sum() }
    #expect(second.floats == expected.floats)
  }

  struct Noisy: TensorTree {
    var x: Tensor
    var key: RandomKey
  }

  @Test func keysAreArguments() {
    let draw: @Sendable (Tensor, RandomKey) -> Tensor = { x, key in
      x + Tensor.randomUniform([64], key: key[3]) * Tensor.randomNormal([64], key: key[4][5])
    }
    let fast = compiled(draw)
    let inside = compiled { (noisy: Noisy) in draw(noisy.x, noisy.key) }
    for seed in 1...3 {
      let key = RandomKey(seed: UInt64(seed))
      #expect(fast(Self.x, key).floats == draw(Self.x, key).floats)
      #expect(inside(Noisy(x: Self.x, key: key)).floats == draw(Self.x, key).floats)
    }
  }

  @Test func keysComeBackFromTrees() {
    let noisy = Noisy(x: Self.x, key: RandomKey(seed: 4)[2])
    let copy = noisy.mapTensors { $0 * 2 }
    #expect(copy.key.bits == noisy.key.bits)
    #expect(copy.key[7] == noisy.key[7])
    #expect(Set([copy.key, noisy.key]).count == 1)
  }

  @Test func severalThreads() {
    let f = compiled { (x: Tensor) in tanh(x).sum(0) }
    let expected = f(Self.x).item()
    DispatchQueue.concurrentPerform(iterations: 100) { index in
      if f(Self.x).item() != expected { Issue.record("call \(index) differs") }
    }
  }
}
