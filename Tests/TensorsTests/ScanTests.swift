import Testing

@testable import Tensors

/// A scan computes what a loop in Swift computes.
@Suite struct ScanTests {
  /// A state with numbers of all kinds, of which `scale` never changes.
  struct State: TensorTree {
    var matrix: Tensor
    var row: Tensor
    var count = Tensor(0, .int32)
    var isEven = Tensor([true])
    @Buffer var scale: Tensor
    var name = "state"
  }

  static let start = State(
    matrix: sample([3, 3], seed: 1), row: sample([3], seed: 2), scale: Tensor(0.7, .float64))
  static let shift = sample([3, 3], seed: 3)

  /// Results of all kinds: computed, views of what is computed and of what is given, from outside.
  static func step(_ state: State) -> State {
    var next = state
    next.matrix = (tanh(matmul(state.matrix, state.matrix) * state.scale) + 0.1 * shift).transposed()
    next.row = state.matrix[0] + state.row.reversed([0]) / (state.count + 1).cast(to: .float64)
    next.count = state.count + 1
    next.isEven = .!state.isEven
    return next
  }

  static func bits<T: TensorTree>(_ tree: T) -> [UInt64] { tree.leaves.flatMap { $0.tensor.doubles.map(\.bitPattern) } }

  @Test(arguments: [0, 1, 2, 3, 10]) func loop(steps: Int) {
    var expected = Self.start
    for _ in 0..<steps { expected = Self.step(expected) }
    let actual = scan(Self.start, steps: steps, Self.step)
    #expect(Self.bits(actual) == Self.bits(expected))
    #expect(actual.name == "state")
    let program = Program.trace(Self.start) { scan($0, steps: steps, Self.step).leaves.map(\.tensor) }
    #expect(Self.bits(program.run(Self.start.leaves.map(\.tensor))) == Self.bits(expected))
  }

  @Test func inputsAndOutputs() {
    let x = sample([5, 3, 2])
    // Stacked inputs may be any views, here with the steps as the last axis in memory, and backwards.
    for x in [x, sample([3, 2, 5]).movingAxis(2, to: 0), x.reversed([0]), x[0].broadcast(to: [5, 3, 2])] {
      let (total, sums) = scan(Tensor.zeros([3, 2], .float64), over: x) { sum, x in
        let next = sum + x
        return (next, [next, x, Tensor([1, 2]), x.transposed(), next])
      }
      var expected = Tensor.zeros([3, 2], .float64)
      for step in 0..<5 {
        expected = expected + x[step]
        #expect(Self.bits([sums[0][step], sums[4][step]]) == Self.bits([expected, expected]))
        #expect(Self.bits([sums[1][step], sums[3][step]]) == Self.bits([x[step], x[step].transposed()]))
        #expect(sums[2][step].floats == [1, 2])
      }
      #expect(Self.bits(total) == Self.bits(expected))
    }
  }

  /// Results that are other carries, without any computing.
  @Test func rotation() {
    let (carry, outputs) = scan([Tensor(1), Tensor(2), Tensor(3)], steps: 4) { ([$0[1], $0[2], $0[0]], $0[0]) }
    #expect(carry.map { $0.item() } == [2, 3, 1])
    #expect(outputs.floats == [1, 2, 3, 1])
  }

  @Test func outputsWithoutCarries() {
    let squares = scan([Tensor](), over: Tensor.arange(4)) { carry, x in (carry, x * x) }.outputs
    #expect(squares.floats == [0, 1, 4, 9])
    #expect(scan(Tensor(3), steps: 4) { $0 }.item() == 3)
  }

  @Test func noSteps() {
    let (carry, outputs) = scan(Tensor([1, 2]), steps: 0) { ($0 * 2, $0.sum()) }
    #expect(carry.floats == [1, 2])
    #expect(outputs.shape == [0])
  }

  /// What the steps take from outside may be pending, computed, an argument of a program, or read before.
  @Test func takenFromOutside() {
    let outside = Tensor([1, 2, 3])
    let read = outside + 1
    _ = read.floats
    func sums(_ argument: Tensor) -> Tensor {
      let (pending, also) = (outside * 10, argument * argument)
      return scan(Tensor.zeros([3]), steps: 3) { $0 + pending + read + also * argument }
    }
    let program = Program(like: [outside]) { [sums($0[0])] }
    for argument in [Tensor([1, 0, 2]), Tensor([3, 1, -1])] {
      let expected = 3 * (10 * outside + outside + 1 + argument * argument * argument)
      #expect(sums(argument).floats == expected.floats)
      #expect(program.run([argument])[0].floats == expected.floats)
    }
  }

  @Test func nested() {
    let x = sample([4, 2, 3])
    let (total, partial) = scan(Tensor.zeros([3], .float64), over: x) { sum, rows in
      let inner = scan(sum, over: rows) { sum, row in (sin(sum + row), sum) }
      return (inner.carry, inner.outputs)
    }
    var expected = Tensor.zeros([3], .float64)
    for step in 0..<4 {
      for row in 0..<2 {
        #expect(Self.bits(partial[step, row]) == Self.bits(expected))
        expected = sin(expected + x[step, row])
      }
    }
    #expect(Self.bits(total) == Self.bits(expected))
  }

  @Test func manySteps() {
    #expect(scan(Tensor(0, .int32), steps: 1_000_000) { $0 + 1 }.item() == 1_000_000)
    let x = Tensor(1.0, .float64)
    let slope = gradient(at: x) { scan($0, steps: 100_000) { $0 * 1.00001 } }
    expectClose([slope.item()], [2.718268237], 1e-9)
  }

  @Test func keysAreCarriedAndSplit() {
    struct Walk: TensorTree {
      var key: RandomKey
      var place = Tensor(0)
    }
    @Sendable func step(_ walk: Walk) -> Walk {
      let (now, next) = walk.key.split()
      return Walk(key: next, place: walk.place + Tensor.randomNormal([], key: now))
    }
    let start = Walk(key: RandomKey(seed: 6))
    let expected = (0..<5).reduce(start) { walk, _ in step(walk) }
    let actual = scan(start, steps: 5, step)
    #expect(actual.place.item() == expected.place.item())
    #expect(actual.key == expected.key)
    let compiledStep = compiled(step)
    #expect(compiledStep(start).key == step(start).key)
  }

  /// What nobody reads is not computed: here the sum, and what leads to it only.
  @Test func unreadCarriesAreLeftOut() {
    func calls(_ read: @escaping ([Tensor]) -> [Tensor]) -> Int {
      Program(like: [Self.shift]) { x in
        read(
          scan([x[0], x[0].sum(), x[0]], steps: 3) {
            [matmul($0[0], $0[0]), $0[1] + $0[2].max(), matmul($0[2], $0[2])]
          })
      }.arenaSize
    }
    #expect(calls { [$0[0]] } == calls { [$0[2]] })
    #expect(calls { [$0[0]] } < calls { [$0[0], $0[2]] })
    #expect(calls { [$0[2]] } < calls { [$0[1]] })
  }

  /// The calls of a plan do not depend on the steps; its memory only where a history is kept, and by one copy a step.
  @Test func sizesOfPlans() {
    let x = sample([64, 64])
    func plan(_ steps: Int, _ function: @escaping (Tensor) -> Tensor) -> (calls: Int, bytes: Int) {
      let program = Program(like: [x]) { [function($0[0])] }
      return (program.stepCount, program.arenaSize)
    }
    func body(_ x: Tensor) -> Tensor { tanh(matmul(x, x) * 0.01 + exp(-square(x))) }
    for steps in [10, 100, 1000] {
      #expect(plan(steps) { scan($0, steps: steps, body) } == plan(2) { scan($0, steps: 2, body) })
    }
    func slope(_ steps: Int) -> (Tensor) -> Tensor { { gradient(at: $0) { scan($0, steps: steps, body).sum() } } }
    let (few, many) = (plan(10, slope(10)), plan(110, slope(110)))
    #expect(few.calls == many.calls)
    #expect(many.bytes - few.bytes == 100 * 64 * 64 * 8)
    // A linear step needs no carry on the way back, so none is kept.
    func linear(_ steps: Int) -> (Tensor) -> Tensor {
      { gradient(at: $0) { scan($0, steps: steps) { matmul($0, x) }.sum() } }
    }
    #expect(plan(10, linear(10)) == plan(1000, linear(1000)))
  }

  /// Without a transform around it, a loop keeps nothing but its last state.
  @Test func plainLoopsKeepNoHistory() {
    func scanNode(_ tensor: Tensor) -> Node? { tensor.node.inputs.first }
    let plain = scan(Tensor([1, 2]), steps: 50) { $0 * 2 }
    #expect(scanNode(plain)?.keepsHistory == false)
    _ = gradient(at: Tensor([1, 2])) { x in
      let kept = scan(x, steps: 50) { square($0) }
      #expect(scanNode(kept)?.keepsHistory == true)
      return kept.sum()
    }
  }

  @Test func reversingIsNotKeptTwice() {
    // The loop backwards depends on the variable of the transform that walks it, but nobody will walk the loop itself.
    let slope = gradient(at: Tensor([1, 2])) { scan($0, steps: 5) { square($0) }.sum() }
    let loops = postOrder([slope.node]) { $0.inputs }.map(\.node).filter { $0.keepsHistory != nil }
    #expect(loops.map(\.keepsHistory) == [true, false])
  }
}

extension Node {
  fileprivate var keepsHistory: Bool? { if case .scan(let scan) = primitive { scan.keepsHistory } else { nil } }
}
