import Testing

@testable import Tensors

@Suite struct Smoke {
  @Test func basics() {
    let x = Tensor([1, 2, 3])
    #expect((x * x).sum().item() == 14)
    #expect(gradient(at: x) { ($0 * $0).sum() }.floats == [2, 4, 6])
    let t = Tensor(0.7, .float64)
    let third = gradient(at: t) { a in gradient(at: a) { b in gradient(at: b) { sin($0) } } }
    #expect(Swift.abs(third.item() + 0.7648421872844885) < 1e-14)
    let h = hessianVectorProduct(at: t, along: Tensor(1, .float64)) { exp(2 * $0) }
    #expect(Swift.abs(h.item() - 4 * 4.0551999668446745) < 1e-12)
    let m = Tensor([[1, 2], [3, 4]]), b = Tensor([1, 1])
    let (dm, db) = gradient(at: m, b) { square(matmul($0, $1)).sum() }
    #expect(dm.floats == [6, 6, 14, 14])
    #expect(db.floats == [48, 68])
  }

  @Test func deep() {
    let x = Tensor(1.0, .float64)
    let g = gradient(at: x) { x in
      var y = x
      for _ in 0..<100_000 { y = y * 1.00001 }
      return y
    }
    #expect(Swift.abs(g.item() - 2.7182682) < 1e-5)
    var y = x
    for _ in 0..<1_000_000 { y = y + 1 }
    #expect(y.item() == 1_000_001)
  }

  struct Line: TensorTree {
    var slope = Tensor(2)
    var intercept = Tensor(1)
    var name = "line"
    @Buffer var scale = Tensor(10)
  }

  @Test func tree() {
    let line = Line()
    #expect(line.leaves.map(\.name) == ["slope", "intercept", "scale"])
    let g = gradient(at: line) { l in l.slope * l.intercept * l.scale }
    #expect(g.slope.item() == 10)
    #expect(g.intercept.item() == 20)
  }
}
