import Dispatch
import Foundation
import Testing

@testable import Tensors

/// A program gives the bits of the plain evaluation.
@Suite struct ProgramTests {
  static func sample(_ shape: Shape, _ key: RandomKey, _ type: ScalarType = .float32) -> Tensor {
    .randomNormal(shape, key: key, type).evaluated()
  }

  /// A random graph of elementwise operations, reductions, products and views over matrices and rows.
  static func randomFunction(_ key: RandomKey, length: Int) -> @Sendable ([Tensor]) -> [Tensor] {
    { arguments in
      var generator = key.makeGenerator()
      var values = arguments
      func pick(_ generator: inout KeyedGenerator) -> Tensor { values[generator.below(values.count)] }
      for _ in 0..<length {
        let (x, y) = (pick(&generator), pick(&generator))
        let next: Tensor =
          switch generator.below(12) {
          case 0: tanh(x)
          case 1: sigmoid(x) * 0.5
          case 2: relu(x - 0.1)
          case 3: x * (1 / (1 + abs(x)))
          case 4: select(x .> 0, x, -0.5 * x)
          case 5: (x .<= 0.2).cast(to: x.scalarType)
          case 6: x.rank == 2 ? tanh(x.sum(0)) : x
          case 7: x.rank == 2 ? x - x.mean(1, keepingAxes: true) : x.reversed([0])
          case 8: x.rank == 2 && x.shape[0] == x.shape[1] ? x.transposed() : exp(-square(x))
          case 9: x.rank == 2 && y.rank == 2 && x.shape[1] == y.shape[0] ? tanh(matmul(x, y)) : x
          case 10: x.rank == 2 ? concatenate([x[1...], x[..<1]]) : x.reshaped([1, -1]).reshaped(x.shape)
          default: x.shape.broadcast(with: y.shape) != nil ? maximum(x, y) - 0.25 * minimum(x, y) : x
          }
        values.append(next)
      }
      // Results of all kinds: values from the middle, views, arguments themselves, the same twice.
      return [values[values.count - 1], pick(&generator), pick(&generator), values[0], values[0].transposed()]
    }
  }

  @Test(arguments: [ScalarType.float32, .float64])
  func randomGraphs(_ type: ScalarType) {
    for seed in 0..<60 {
      let key = RandomKey(seed: UInt64(seed))
      let function = Self.randomFunction(key[0], length: 40)
      func arguments(_ key: RandomKey) -> [Tensor] {
        [[5, 5], [5], [7, 5], [5, 300], [300]].enumerated().map { Self.sample($1, key[$0], type) }
      }
      let program = Program(like: arguments(key[1]), function)
      for run in 1...2 {
        let given = arguments(key[run])
        for (traced, plain) in zip(program.run(given), function(given)) {
          #expect(traced.shape == plain.shape)
          #expect(traced.doubles.map(\.bitPattern) == plain.doubles.map(\.bitPattern), "seed \(seed)")
        }
      }
    }
  }

  @Test func equalWorkIsDoneOnce() {
    let x = Tensor([1.0, 2, 3])
    let once = Program(like: [x]) { [matmul($0[0].reshaped([1, 3]), $0[0].reshaped([3, 1]))] }
    let twice = Program(like: [x]) { x in
      let products = (0..<4).map { _ in matmul(x[0].reshaped([1, 3]), x[0].reshaped([3, 1])) }
      return [products[0], products[3]]
    }
    #expect(once.stepCount == 1)
    #expect(twice.stepCount == 1)
  }

  @Test func elementwiseOperationsAreOneCall() {
    let x = Self.sample([64, 33], RandomKey(seed: 1))
    let row = Self.sample([33], RandomKey(seed: 2))
    let program = Program(like: [x, row]) { [tanh($0[0] * $0[1] + 1) - relu($0[0])] }
    #expect(program.stepCount == 1)
    let plain = tanh(x * row + 1) - relu(x)
    #expect(program.run([x, row])[0].floats == plain.floats)
  }

  @Test func argumentsMayBeViews() {
    let x = Self.sample([4, 6], RandomKey(seed: 3))
    let program = Program(like: [x.transposed()]) { [$0[0] * 2, $0[0]] }
    for given in [x.transposed(), x.reshaped([6, 4]), Tensor.full([6, 4], 3), x.reshaped([6, 4]).reversed([0])] {
      let results = program.run([given])
      #expect(results[0].floats == (given * 2).floats)
      #expect(results[1].floats == given.floats)
    }
  }

  @Test func emptyArrays() {
    let x = Tensor.zeros([0, 3])
    let program = Program(like: [x]) { [tanh($0[0] + 1), $0[0].sum(0), matmul($0[0].transposed(), $0[0])] }
    let results = program.run([x])
    #expect(results.map(\.shape) == [[0, 3], [3], [3, 3]])
    #expect(results[1].floats == [0, 0, 0])
    #expect(results[2].floats == [Float](repeating: 0, count: 9))
  }

  @Test func severalThreadsRunOneProgram() {
    let function = Self.randomFunction(RandomKey(seed: 9)[0], length: 60)
    let key = RandomKey(seed: 9)[1]
    let arguments = [[5, 5], [5], [7, 5], [5, 300], [300]].enumerated().map { Self.sample($1, key[$0]) }
    let program = Program(like: arguments, function)
    let expected = program.run(arguments)[0].floats
    final class Mismatches: @unchecked Sendable {
      // @unchecked: counted under the lock.
      private let lock = NSLock()
      private var count = 0
      func add() { lock.withLock { count += 1 } }
      var total: Int { lock.withLock { count } }
    }
    let mismatches = Mismatches()
    DispatchQueue.concurrentPerform(iterations: 200) { _ in
      if program.run(arguments)[0].floats != expected { mismatches.add() }
    }
    #expect(mismatches.total == 0)
  }
}
