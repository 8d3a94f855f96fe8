import Testing

@testable import Tensors

/// Results of chains that lie where an array lay that is read for the last time.
@Suite struct InPlaceTests {
  static let count = 1 << 16
  static let x = Tensor.randomNormal([count], key: RandomKey(seed: 1)).evaluated()

  private func check(_ function: @escaping ([Tensor]) -> Tensor, sourceLocation: SourceLocation = #_sourceLocation)
    -> Program
  {
    let program = Program(like: [Self.x]) { [function($0)] }
    let expected = function([Self.x]).evaluated()
    for _ in 0..<2 {
      #expect(program.run([Self.x])[0].floats == expected.floats, sourceLocation: sourceLocation)
    }
    return program
  }

  @Test func oneArrayForAll() {
    // Three arrays of 256 kB one after the other, each read with its maximum to make the next.
    let program = check { x in
      var y = exp(x[0])
      for _ in 0..<3 { y = exp(y / y.max()) }
      return y.sum()
    }
    #expect(program.arenaSize < 2 * Self.count * 4)
  }

  /// What is read once more after the result has been written, or in another order, stays.
  @Test func whatIsStillRead() {
    _ = check { x in
      let y = exp(x[0])
      let z = y / y.max()
      return (z * y).sum() + z.max() * y.sum()
    }
    _ = check { x in
      let y = exp(x[0]).reshaped([256, 256])
      return ((y / y.max()) + y.transposed()).max() + (y.transposed() - y.sum(0)).sum()
    }
    _ = check { x in
      let y = exp(x[0])
      let m = y.max()
      // The first result is written before y is read for the last time.
      let (a, b) = (y - m, sin(y * 1e7) * m)
      return (a / (a.max() + 1)).sum() + (b / b.max()).sum()
    }
  }
}
