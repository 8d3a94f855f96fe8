import Testing

@testable import Tensors

/// Products that the planner distributes, re-associates and folds have the values of plain evaluation.
@Suite struct FactoredProductsTests {
  static let key = RandomKey(seed: 20)

  static func sample(_ shape: Shape, _ number: Int) -> Tensor {
    .randomNormal(shape, key: key[number], .float64).evaluated()
  }

  /// Runs a function as a program and plainly, compares the results, and gives the program.
  @discardableResult
  static func check(
    _ arguments: [Tensor], _ what: String = "", _ location: SourceLocation = #_sourceLocation,
    _ function: ([Tensor]) -> [Tensor]
  ) -> Program {
    let program = Program(like: arguments, function)
    for (traced, plain) in zip(program.run(arguments), function(arguments)) {
      let scale = max(plain.doubles.map { Swift.abs($0) }.max() ?? 0, 1e-300)
      expectClose(traced / scale, plain / scale, 1e-12, what, location)
    }
    return program
  }

  static let (tasks, support, query, width, outputs) = (6, 3, 7, 50, 40)
  /// Of the weights of all tasks, which a factored program never holds.
  static let allWeights = tasks * width * outputs * 8

  static func weights() -> [Tensor] {
    [
      sample([width, outputs], 0), sample([tasks, support, width], 1), sample([tasks, support, outputs], 2),
      sample([tasks, query, width], 3),
    ]
  }

  @Test func aProductWithFastWeightsSharesTheInitialOnes() {
    let program = Self.check(Self.weights()) { x in
      let fast = x[0] - 0.3 * matmul(x[1].transposed(), x[2])
      return [tanh(matmul(x[3], fast))]
    }
    #expect(program.arenaSize < Self.allWeights)
  }

  @Test func transposedAndOnTheLeft() {
    Self.check(Self.weights()) { x in
      let fast = x[0] - matmul(x[1].transposed(), x[2]) / 4
      let back = tanh(matmul(fast.transposed(), x[3].transposed()))
      return [back, matmul(back.transposed(), fast.transposed()).sum(1)]
    }
  }

  @Test func sumsOverTasksAreFolded() {
    let program = Self.check(Self.weights()) { x in
      let gradient = matmul(x[1].transposed(), x[2])
      return [(0.25 * gradient).sum(0), -gradient.sum([0])]
    }
    #expect(program.arenaSize < Self.allWeights)
  }

  @Test func learnedRatesScaleTheTerms() {
    Self.check(Self.weights() + [Self.sample([], 9)]) { x in
      let fast = x[0] - x[4] * matmul(x[1].transposed(), x[2])
      return [tanh(matmul(x[3], fast)), (x[4] * matmul(x[1].transposed(), x[2])).sum(0)]
    }
  }

  @Test func whatIsReadAsAWholeIsComputedAsAWhole() {
    Self.check(Self.weights()) { x in
      let fast = x[0] - 0.3 * matmul(x[1].transposed(), x[2])
      return [matmul(x[3], fast), fast, exp(fast).sum(), fast.sum(0), (fast + fast).sum(0)]
    }
  }

  /// The outer gradient of two layers after several inner steps, of all tasks at once.
  static func metaGradient(steps: Int, momentum: Double) -> ([Tensor]) -> [Tensor] {
    { x in
      func loss(_ weights: [Tensor], _ inputs: Tensor, _ targets: Tensor) -> Tensor {
        square(matmul(tanh(matmul(inputs, weights[0])), weights[1]) - targets).mean()
      }
      let (first, second) = gradient(at: x[0], x[1]) { first, second in
        vmap(over: Array(x[2...])) { episode in
          var fast = [first, second]
          var velocity: [Tensor] = fast.map { .zeros(like: $0) }
          for _ in 0..<steps {
            let (a, b) = gradient(at: fast[0], fast[1]) { loss([$0, $1], episode[0], episode[1]) }
            velocity = zip(velocity, [a, b]).map { momentum * $0 + $1 }
            fast = zip(fast, velocity).map { $0 - 0.1 * $1 }
          }
          return loss(fast, episode[2], episode[3])
        }.sum()
      }
      return [first, second]
    }
  }

  @Test(arguments: [1, 2, 4], [0, 0.9])
  func metaGradients(steps: Int, momentum: Double) {
    let arguments = [
      Self.sample([30, 24], 0), Self.sample([24, 4], 1), Self.sample([5, 3, 30], 2), Self.sample([5, 3, 4], 3),
      Self.sample([5, 6, 30], 4), Self.sample([5, 6, 4], 5),
    ]
    let function = Self.metaGradient(steps: steps, momentum: momentum)
    Self.check(arguments, "\(steps) steps") { function($0) }
  }

  /// Random sums and products of matrices of two batches.
  @Test func randomSums() {
    for seed in 0..<80 {
      var generator = RandomKey(seed: UInt64(seed)).makeGenerator()
      var choices: [Int] = []
      for _ in 0..<60 { choices.append(generator.below(1000)) }
      let arguments = (0..<6).map { Self.sample($0 < 2 ? [9, 9] : $0 < 4 ? [4, 9, 2] : [4, 2, 9], 100 * seed + $0) }
      Self.check(arguments, "seed \(seed)") { x in
        var values = [x[0], x[1], matmul(x[2], x[4]), matmul(x[3], x[5])]
        for step in 0..<12 {
          let pick = choices[(5 * step)...]
          let (a, b) = (values[pick[5 * step] % values.count], values[pick[5 * step + 1] % values.count])
          switch pick[5 * step + 2] % 8 {
          case 0: values.append(a + b)
          case 1: values.append(a - 0.5 * b)
          case 2: values.append(-a)
          case 3: values.append(a.transposed())
          case 4: values.append(matmul(a, b) / 4)
          case 5: values.append(a.rank == 3 ? a.sum(0) : a.broadcast(to: [4, 9, 9]))
          case 6: values.append(tanh(a))
          default: values.append(a * b.mean())
          }
        }
        return [values[values.count - 1], values[values.count - 2].sum(), values[values.count - 3]]
      }
    }
  }
}
