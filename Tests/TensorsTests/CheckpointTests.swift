import Testing

@testable import Tensors

@Suite struct CheckpointTests {
  static let x = sample([3, 3])
  static let outside = sample([3, 3], seed: 2)

  static func deep(_ x: Tensor) -> Tensor { (0..<6).reduce(x) { y, _ in tanh(matmul(y, outside) + y) } }

  func same(_ a: [Tensor], _ b: [Tensor]) { for (a, b) in zip(a, b) { expectClose(a, b, 1e-13) } }

  @Test func valuesAndDerivatives() {
    let (x, v) = (Self.x, sample([3, 3], seed: 3))
    func checkpointed(_ x: Tensor) -> Tensor { square(checkpoint(at: x, of: Self.deep)).sum() }
    func plain(_ x: Tensor) -> Tensor { square(Self.deep(x)).sum() }
    expectClose(checkpointed(x), plain(x), 0)
    expectClose(gradient(at: x, of: checkpointed), gradient(at: x, of: plain), 1e-13)
    expectClose(jvp(at: x, along: v, of: checkpointed).tangent, jvp(at: x, along: v, of: plain).tangent, 1e-13)
    expectClose(
      hessianVectorProduct(at: x, along: v, of: checkpointed), hessianVectorProduct(at: x, along: v, of: plain), 1e-12)
    let second = gradient(at: x) { (gradient(at: $0, of: checkpointed) * v).sum() }
    expectClose(second, gradient(at: x) { (gradient(at: $0, of: plain) * v).sum() }, 1e-12)
    checkDerivatives(at: x, Self.outside) { x in
      checkpoint(at: x[0]) { sin(matmul($0, x[1])) * x[0] }
    }
  }

  @Test func severalArguments() {
    let (a, b) = (Self.x, Self.outside)
    let (da, db) = gradient(at: a, b) { a, b in checkpoint(at: a, [b, b]) { sin(matmul($0, $1[0]) * $1[1]) }.sum() }
    let (ea, eb) = gradient(at: a, b) { a, b in sin(matmul(a, b) * b).sum() }
    same([da, db], [ea, eb])
  }

  @Test func batches() {
    let batch = sample([4, 3, 3], seed: 5)
    let slopes = gradient(at: batch) { vmap(over: $0) { x in checkpoint(at: x, of: Self.deep) }.sum() }
    let inside = vmap(over: batch) { x in gradient(at: x) { checkpoint(at: $0, of: Self.deep).sum() } }
    let expected = stack((0..<4).map { index in gradient(at: batch[index]) { Self.deep($0).sum() } })
    same([slopes, inside], [expected, expected])
  }

  /// What lies between is not kept until the way back.
  @Test func memory() {
    let x = sample([64, 64])
    func chain(_ x: Tensor) -> Tensor { (0..<30).reduce(x) { y, _ in tanh(matmul(y, y)) } }
    func bytes(_ f: @escaping (Tensor) -> Tensor) -> Int {
      Program(like: [x]) { x in
        [gradient(at: x[0]) { x in (0..<10).reduce(x) { y, _ in f(y) }.sum() }]
      }.arenaSize
    }
    #expect(bytes { checkpoint(at: $0, of: chain) } < bytes(chain) / 4)
    func batched(_ f: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
      { x in vmap(over: x.reshaped([4, 32, 32])) { f($0) }.reshaped([64, 64]) }
    }
    #expect(bytes(batched { checkpoint(at: $0, of: chain) }) < bytes(batched(chain)) / 4)
  }
}
