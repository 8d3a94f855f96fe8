import Testing

@testable import Tensors

/// Gradients of gradients are taken forward over reverse where they are Hessians, and in full where they are more.
@Suite struct SymmetryTests {
  static let (w, b, x, v) = (
    sample([3, 2]), sample([2], seed: 2), sample([4, 3], seed: 3), sample([3, 2], seed: 4)
  )

  static func loss(_ w: Tensor, _ x: Tensor = x) -> Tensor { square(tanh(matmul(x, w)) - 0.3).sum() + exp(w).sum() }

  static func bits(_ tensor: Tensor) -> [UInt64] { tensor.doubles.map(\.bitPattern) }

  /// Pulling back along v is moving along v, to the last bit.
  @Test func hessians() {
    let back = vjp(at: Self.w) { gradient(at: $0) { Self.loss($0) } }.pullback(Self.v)
    let along = hessianVectorProduct(at: Self.w, along: Self.v) { Self.loss($0) }
    #expect(Self.bits(back) == Self.bits(along))
    // Of several points at once, some of which are not asked for in the end.
    let (first, second) = gradient(at: Self.w, Self.b) { w, b in
      let slopes = gradient(at: w, b) { Self.loss($0) * exp($1).sum() }
      return (slopes.0 * Self.v).sum() + (slopes.1 * b).sum()
    }
    let scale = exp(Self.b)
    let slope = gradient(at: Self.w) { Self.loss($0) }
    let value = Self.loss(Self.w)
    expectClose(first, along * scale.sum() + slope * (scale * Self.b).sum(), 1e-12)
    expectClose(second, scale * (slope * Self.v).sum() + value * scale * (Self.b + 1), 1e-12)
  }

  /// What the function takes from outside has a derivative too; so has a point that is also used inside.
  @Test func moreThanTheHessian() {
    checkDerivatives(at: Self.w, Self.x) { at in gradient(at: at[0]) { Self.loss($0, at[1]) } }
    checkDerivatives(at: Self.w) { at in gradient(at: at[0]) { Self.loss($0) * (at[0] * $0).sum() } }
    checkDerivatives(at: Self.b) { at in
      let slopes = gradient(at: at[0], sin(at[0])) { (exp($0 * at[0]) * square($1) * $0).sum() }
      return slopes.0 + cos(slopes.1)
    }
    // One point twice.
    checkDerivatives(at: Self.b) { at in
      let slopes = gradient(at: at[0], at[0]) { (exp($0) * square($1)).sum() }
      return slopes.0 * sin(slopes.1)
    }
    // A point that is not differentiated beside one that is.
    checkDerivatives(at: Self.b) { at in
      let slopes = gradient(at: at[0], Self.b) { (exp($0) * square($1)).sum() }
      return slopes.0 * sin(slopes.1)
    }
  }

  /// In batches, with points that belong to one slice and points that are shared by all.
  @Test func batches() {
    let batch = stack([Self.b, 2 * Self.b, -1 * Self.b])
    func f(_ x: Tensor, _ shared: Tensor) -> Tensor {
      let own = gradient(at: x) { (exp($0) * square($0)).sum() }
      let both = gradient(at: x, shared) { (exp($0) * square($1)).sum() }
      let outer = gradient(at: shared) { (exp($0) * square($0)).sum() }
      return own * both.0 * sin(both.1) + own + outer
    }
    let (own, shared) = gradient(at: batch, Self.b) { batch, shared in
      vmap(over: batch) { f($0, shared) * Self.b }.sum()
    }
    let slopes = (0..<3).map { index in gradient(at: batch[index], Self.b) { (f($0, $1) * Self.b).sum() } }
    expectClose(own, stack(slopes.map(\.0)), 1e-12)
    expectClose(shared, slopes.map(\.1).reduce(Tensor.zeros([2], .float64)) { $0 + $1 }, 1e-12)
    checkDerivatives(at: batch, Self.b) { at in vmap(over: at[0]) { f($0, at[1]) } }
  }

  /// A scan's steps, where each variable of a step's gradient is the carry itself.
  @Test func insideLoops() {
    func step(_ w: Tensor) -> Tensor { w - 0.1 * gradient(at: w) { Self.loss($0) + (w * square($0)).sum() } }
    func steps(_ w: Tensor) -> Tensor { (0..<3).reduce(w) { w, _ in step(w) } }
    expectClose(
      gradient(at: Self.w) { sin(scan($0, steps: 3, step)).sum() }, gradient(at: Self.w) { sin(steps($0)).sum() }, 1e-12
    )
    checkDerivatives(at: Self.w) { scan($0[0], steps: 3, step) }
  }

  /// A program's plan does not know of points and gradients: what stands around them is one call.
  @Test func plans() {
    let program = Program(like: [Self.b]) { x in
      [exp(gradient(at: tanh(x[0])) { (exp($0) + stopGradient(sin($0)) * $0).sum() })]
    }
    #expect(program.stepCount == 1)
    let expected = exp(exp(tanh(Self.b)) + sin(tanh(Self.b)))
    expectClose(program.run([Self.b])[0], expected, 0)
  }

  /// Where a step moves the last weight only (ANIL), its derivative calls no more kernels than one that is written down with
  /// the gradient by that weight alone.
  @Test func partialSteps() {
    let arguments = [[6, 50], [50, 20], [20, 3]].enumerated().map {
      Tensor.randomNormal($1, standardDeviation: 0.3, key: RandomKey(seed: 5)[$0], .float64).evaluated()
    }
    func features(_ x: Tensor, _ w: Tensor) -> Tensor { tanh(matmul(x, w)) }
    func loss(_ x: Tensor, _ w: [Tensor]) -> Tensor { square(matmul(features(x, w[0]), w[1]) - 1).sum() }
    func program(_ step: @escaping (Tensor, [Tensor]) -> [Tensor]) -> Program {
      Program(like: arguments) { given in
        gradient(at: Array(given[1...])) { w in square(loss(given[0], step(given[0], w))) }
      }
    }
    let whole = program { x, w in
      let slopes = gradient(at: w) { loss(x, $0) }
      return [w[0] - 0.1 * slopes[0], w[1] - 0.1 * slopes[1]]
    }
    let last = program { x, w in [w[0], w[1] - 0.1 * gradient(at: w) { loss(x, $0) }[1]] }
    let byHand = program { x, w in
      let h = features(x, w[0])
      return [w[0], w[1] - 0.1 * 2 * matmul(h.transposed(), matmul(h, w[1]) - 1)]
    }
    #expect(last.stepCount <= byHand.stepCount + 1)
    #expect(last.stepCount < whole.stepCount)
    for (found, expected) in zip(last.run(arguments), byHand.run(arguments)) { expectClose(found, expected, 1e-12) }
  }
}
