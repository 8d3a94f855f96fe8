import Testing

@testable import Tensors

/// `gradient`, `vjp`, `jvp` and what they make when nested.
@Suite struct TransformTests {
  let x = Tensor([0.3, -0.7, 1.1], .float64)

  @Test func thirdDerivative() {
    let t = Tensor(0.7, .float64)
    let third = gradient(at: t) { gradient(at: $0) { gradient(at: $0) { sin($0) } } }
    expectClose([third.item()], [-0.7648421872844885], 1e-15)
    func forward(_ x: Tensor, _ f: (Tensor) -> Tensor) -> Tensor { jvp(at: x, along: .ones(like: x), of: f).tangent }
    let mixed = forward(t) { t in gradient(at: t) { t in forward(t) { sin($0) } } }
    expectClose([mixed.item()], [-0.7648421872844885], 1e-15)
  }

  /// The derivative of an inner derivative's norm, as in a gradient penalty: f = Σ x³, |∇f|² = 9 Σ x⁴.
  @Test func gradientPenalty() {
    let g = gradient(at: x) { x in square(gradient(at: x) { pow($0, 3).sum() }).sum() }
    expectClose(g, 36 * pow(x, 3), 1e-14)
  }

  @Test func hessian() {
    func f(_ x: Tensor) -> Tensor { sin(x[0] * x[1]) * exp(x[2]) + pow(x, 3).sum() }
    let v = Tensor([1, -2, 0.5], .float64)
    let rows = (0..<3).map { i in gradient(at: x) { gradient(at: $0, of: f)[i] } }
    let matrix = stack(rows)
    expectClose(matrix, matrix.transposed(), 1e-15)
    expectClose(hessianVectorProduct(at: x, along: v, of: f), matmul(matrix, v), 1e-14)
    // The same, reverse over reverse and reverse over forward.
    expectClose(gradient(at: x) { gradient(at: $0, of: f).dot(v) }, matmul(matrix, v), 1e-14)
    expectClose(gradient(at: x) { jvp(at: $0, along: v, of: f).tangent }, matmul(matrix, v), 1e-14)
  }

  /// Inner and outer variables meet in one closure and must not be confused.
  @Test func nestedVariables() {
    let t = Tensor(2, .float64)
    // d/dx (x · d/dy (x + y)) = 1, not 2.
    let one = gradient(at: t) { x in x * gradient(at: Tensor(3, .float64)) { y in x + y } }
    #expect(one.item() == 1)
    // d/dx d/dy (x² y³) at (2, 3) = 2x · 3y².
    let mixed = gradient(at: t) { x in gradient(at: Tensor(3, .float64)) { y in square(x) * pow(y, 3) } }
    #expect(mixed.item() == 108)
    let forward = jvp(at: t, along: Tensor(1, .float64)) { x in
      x * jvp(at: x, along: Tensor(1, .float64)) { y in x * y }.tangent
    }
    #expect(forward.tangent.item() == 4)
    // Three deep, each using all that are outside.
    let deep = gradient(at: t) { a in gradient(at: a) { b in gradient(at: b) { c in a * a * b * b * c * c } } }
    // 4a²b²c' by c: 2a²b²c at c = b: 2a²b³; hence 6a²b² at b = a: 6a⁴; but a stays apart: 24a³ by the outermost.
    #expect(deep.item() == 24 * 8)
  }

  /// The example of the documentation: how the loss after one step depends on the rate of that step.
  @Test func derivativeByTheLearningRate() {
    let x = Tensor([1, 2, 3], .float64)
    func loss(_ w: Tensor) -> Tensor { square(w * x - 2 * x).mean() }
    let slope = gradient(at: Tensor(0.01, .float64)) { rate in
      let w = Tensor(0.5, .float64)
      return loss(w - rate * gradient(at: w, of: loss))
    }
    // loss = (w − 2)² · 14/3, its gradient at 0.5 is −14, and the step leads to 0.64.
    expectClose([slope.item()], [2 * (0.64 - 2) * 14 / 3 * 14], 1e-13)
  }

  struct Model: TensorTree {
    var weight = Tensor([[1, 2], [3, 4]], .float64)
    var bias = Tensor([1, -1], .float64)
    var steps = Tensor([3] as [Int32])
    @Buffer var scale = Tensor(2, .float64)
    var more: [Tensor] = [Tensor(1, .float64), Tensor([1, 1], .float64)]
    func callAsFunction(_ x: Tensor) -> Tensor { (matmul(x, weight) + bias) * scale * more[0] + more[1] }
  }

  @Test func severalTreesAndArrays() {
    let v = Tensor([1, 10], .float64)
    let (byModel, byInput, byArray) = gradient(at: Model(), v, [v, v]) { m, v, a in (m(v) * a[0]).sum() }
    #expect(byModel.weight.doubles == [2, 20, 20, 200])
    #expect(byModel.bias.doubles == [2, 20])
    #expect(byModel.more[1].doubles == [1, 10])
    #expect(byModel.more[0].item() == Double(2 * (32 + 10 * 41)))
    #expect(byInput.doubles == [42, 86])
    #expect(byArray[0].doubles == Model()(v).doubles)
    #expect(byArray[1].doubles == [0, 0])
    // What is not trained has a derivative of zeros, of its own type.
    #expect(byModel.scale.item() == 0 && byModel.steps.scalars() == [0] as [Int32])
    let forward = jvp(at: Model(), along: byModel) { m in [m(v), Tensor(7, .float64)] }
    #expect(forward.tangent[1].item() == 0)
    expectClose([forward.tangent[0].dot(v).item()], [dot(byModel, byModel)], 1e-14)
  }

  func dot(_ a: some TensorTree, _ b: some TensorTree) -> Double {
    zip(a.trainable, b.trainable).reduce(0) { $0 + $1.0.dot($1.1).item() }
  }

  @Test func forwardOfReverse() {
    let u = Tensor([1, 2, 3], .float64)
    let v = Tensor([3, -1, 2], .float64)
    let t = jvp(at: x, along: v) { x in vjp(at: x) { sin($0) }.pullback(u) }
    expectClose(t.tangent, -sin(x) * u * v, 1e-15)
    let linear = jvp(at: u, along: v) { u in vjp(at: x) { sin($0) }.pullback(u) }
    expectClose(linear.tangent, cos(x) * v, 1e-15)
  }

  @Test func pullbackLaterAndTwice() {
    let (value, pullback) = vjp(at: x) { exp($0) * $0 }
    let expected = (exp(x) * (x + 1)).doubles
    expectClose(value.doubles, (exp(x) * x).doubles, 0)
    let one = Tensor.ones(like: x)
    expectClose(pullback(one).doubles, expected, 1e-15)
    expectClose(pullback(one * 2).doubles, expected.map { $0 * 2 }, 1e-15)
    // And within another transform.
    let g = gradient(at: one) { pullback($0).sum() }
    expectClose(g.doubles, expected, 1e-15)
  }

  /// A pullback that outlives the transform in which it was made still has its graph, evaluated or not.
  @Test func pullbackEscapes() {
    for reads in [false, true] {
      var later: ((Tensor) -> Tensor)?
      let g = gradient(at: x) { x in
        let inner = vjp(at: x) { sin($0 * x) }
        later = inner.pullback
        if reads { inner.value.evaluated() }
        return inner.value.sum()
      }
      _ = g.doubles
      let expected = (x * cos(x * x)).doubles
      expectClose(later?(.ones(like: x)).doubles ?? [], expected, 1e-15)
    }
  }

  @Test func readingInside() {
    let g = gradient(at: x) { x in
      let y = exp(x)
      // Not only is the value read, the rest depends on it.
      let factor = y.sum().item() > 0 ? 3.0 : 5
      let z = square(y) * factor
      _ = z.doubles
      return z.sum()
    }
    expectClose(g, 6 * exp(2 * x), 1e-14)
    let second = gradient(at: x) { x in
      let inner = gradient(at: x) { x in
        let y = exp(x)
        _ = y.doubles
        let z = square(y)
        _ = z.doubles
        return z.sum()
      }
      _ = inner.doubles
      return inner.sum()
    }
    expectClose(second, 4 * exp(2 * x), 1e-14)
    let tangent = jvp(at: x, along: .ones(like: x)) { x in exp(x).evaluated() * x }.tangent
    expectClose(tangent, exp(x) * (1 + x), 1e-15)
  }

  @Test func stopping() {
    #expect(gradient(at: x) { (stopGradient($0) * $0).sum() }.doubles == x.doubles)
    let (g, h) = gradient(at: x, Model()) { (stopGradient($1)($0[..<2]) * $0[..<2]).sum() }
    #expect(g.doubles[2] == 0 && g.doubles[0] != 0)
    #expect(h.trainable.allSatisfy { tensor in tensor.doubles.allSatisfy { $0 == 0 } })
    #expect(jvp(at: x, along: x) { stopGradient($0) }.tangent.doubles == [0, 0, 0])
  }

  @Test func unconnectedAndIdentity() {
    let (a, b) = gradient(at: x, Tensor([[1, 2]], .float32)) { x, _ in x.sum() }
    #expect(a.doubles == [1, 1, 1])
    #expect(b.shape == [1, 2] && b.scalarType == .float32 && b.floats == [0, 0])
    #expect(gradient(at: x) { _ in Tensor(3) }.doubles == [0, 0, 0])
    #expect(jvp(at: x, along: x) { _ in Tensor(3) }.tangent.item() == 0)
    #expect(vjp(at: x) { $0 }.pullback(x).doubles == x.doubles)
    #expect(jvp(at: x, along: 2 * x) { $0 }.tangent.doubles == (2 * x).doubles)
    let itself = gradient(at: Tensor(3)) { $0 }
    #expect(itself.item() == 1)
    let exchanged = vjp(at: [x, x]) { [$0[1], $0[0], $0[0]] }.pullback([x, 2 * x, 3 * x])
    expectClose(exchanged[0], 5 * x, 1e-15)
    #expect(exchanged[1].doubles == x.doubles)
    // A function that gives another tensor than its argument, though an equal one.
    let other = gradient(at: x) { [x] _ in x.sum() }
    #expect(other.doubles == [0, 0, 0])
  }

  @Test func throwingClosures() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { try gradient(at: x) { _ -> Tensor in throw Stop() } }
    #expect(gradient(at: x) { $0.sum() }.doubles == [1, 1, 1])
  }

  /// A wrong derivative is found: the checks can fail.
  @Test func checkerFindsMistakes() {
    withKnownIssue {
      checkDerivatives(at: x, order: 1) { $0[0] * stopGradient($0[0]) }
    } matching: {
      "\($0)".contains("jvp of output")
    }
    withKnownIssue {
      // Right at first order, wrong at second.
      checkDerivatives(at: x) { point in
        // The value of x², and a first derivative that is right but for being taken for a constant.
        let (x, fixed) = (point[0], stopGradient(point[0]))
        return square(fixed) + 2 * fixed * (x - fixed)
      }
    } matching: {
      "\($0)".contains("f'")
    }
  }
}
