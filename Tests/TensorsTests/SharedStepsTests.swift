import Testing

@testable import Tensors

/// Large steps of a program that several threads share have the bits of one thread.
@Suite struct SharedStepsTests {
  static let pools = [2, 3, 7].map { WorkerPool(workers: $0) }

  static func sample(_ shape: Shape, _ index: Int) -> Tensor { .randomNormal(shape, key: RandomKey(seed: 5)[index]) }

  /// Runs a function on one thread and on several.
  func check(_ arguments: [Tensor], at location: SourceLocation = #_sourceLocation, _ function: ([Tensor]) -> [Tensor])
  {
    let program = Program(like: arguments, function)
    let alone = program.run(arguments).map(\.floats)
    for pool in Self.pools {
      let shared = program.run(arguments, on: pool).map(\.floats)
      #expect(shared.map { $0.map(\.bitPattern) } == alone.map { $0.map(\.bitPattern) }, sourceLocation: location)
    }
  }

  /// Parts of odd sizes, rows and columns cut, each operand transposed, more than one stretch of the inner axis.
  @Test(arguments: [(97, 300, 400), (300, 97, 400), (385, 49, 64), (49, 385, 64), (1, 4000, 300), (4000, 1, 300)])
  func products(_ m: Int, _ n: Int, _ k: Int) {
    check([Self.sample([m, k], 0), Self.sample([k, n], 1)]) { [matmul($0[0], $0[1])] }
    check([Self.sample([k, m], 2), Self.sample([n, k], 3)]) { [matmul($0[0].transposed(), $0[1].transposed())] }
  }

  @Test func batchesOfProducts() {
    check([Self.sample([13, 40, 50], 4), Self.sample([13, 50, 60], 5)]) { [matmul($0[0], $0[1])] }
    check([Self.sample([13, 40, 50], 6), Self.sample([50, 60], 7)]) { [matmul($0[0], $0[1])] }
  }

  /// Elementwise operations, rows that are repeated, and folds that the parts must not cut.
  @Test func chains() {
    let (x, row) = (Self.sample([1003, 257], 8), Self.sample([257], 9))
    check([x, row]) { [exp(-$0[0] * $0[0]) * $0[1] + $0[0], tanh($0[0] * 2)] }
    check([x]) { given in
      let shifted = given[0] * 0.5
      return [exp(shifted) / exp(shifted).sum([1]).expandingAxis(at: 1)]
    }
  }

  /// All three forms, strides and channels that do not fill a tile; so few outputs that the filters' gradient is cut by taps, and
  /// few channels, where it never is.
  @Test(arguments: [(16, 24, 2), (64, 64, 1), (32, 70, 1), (64, 7, 1), (1, 64, 1), (3, 40, 1)])
  func convolutions(_ channels: Int, _ outputs: Int, _ stride: Int) {
    check([Self.sample([11, 15, 13, channels], 10), Self.sample([3, 3, channels, outputs], 11)]) { given in
      let slopes = gradient(at: given) {
        square(convolution($0[0], $0[1], strides: Size2D(stride), padding: .same)).sum()
      }
      return [convolution(given[0], given[1], strides: Size2D(stride), padding: .same)] + slopes
    }
  }
}
