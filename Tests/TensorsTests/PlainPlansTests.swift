import Dispatch
import Synchronization
import Testing

@testable import Tensors

/// Plain evaluation by a kept plan equals evaluation node by node, bit for bit.
@Suite struct PlainPlansTests {
  /// Evaluates as if the structure had never come before.
  static func evaluateDirectly(_ tensors: [Tensor]) {
    var work = PendingWork(tensors.map(\.node).filter(\.isPending))
    work.compute()
  }

  static func random(_ shape: Shape, _ key: RandomKey) -> Tensor { .randomNormal(shape, key: key).evaluated() }

  /// A function of random numbers, and what goes in.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var arguments: @Sendable (RandomKey) -> [Tensor]
    var function: @Sendable ([Tensor]) -> [Tensor]
  }

  static let cases = [
    Case(testDescription: "gradient of a perceptron") { key in
      [random([8, 5], key[0]), random([5, 6], key[1]), random([6], key[2]), random([6, 3], key[3])]
    } function: { x in
      gradient(at: Array(x[1...])) { w in
        square(softmax(matmul(tanh(matmul(x[0], w[0]) + w[1]), w[2]))).sum()
      }
    },
    Case(testDescription: "transposed and sliced arguments") { key in
      [random([6, 8], key[0]).transposed().evaluated(), random([20, 6], key[1]).sliced(3..<11, axis: 0).evaluated()]
    } function: { x in
      [exp(x[0] * 0.1 + x[1]).sum([0]), matmul(x[0].transposed(), x[1]), x[0].sliced(1..<3, axis: 1) + 1]
    },
    Case(testDescription: "a spread argument") { key in
      [Tensor.full([1000, 30], 0.5).evaluated(), random([1000, 30], key[0])]
    } function: { x in
      [(x[0] * x[1]).sum([1]), sin(x[0]) - x[1]]
    },
    Case(testDescription: "convolution and pooling") { key in
      [random([2, 8, 8, 3], key[0]), random([3, 3, 3, 4], key[1])]
    } function: { x in
      gradient(at: x) { x in square(relu(convolution(x[0], x[1], padding: .same)).maxPooled(2)).mean() }
    },
    Case(testDescription: "random numbers") { key in
      [key.tensor.evaluated(), random([50], key[1])]
    } function: { x in
      let key = RandomKey(traced: x[0])
      return [Tensor.randomNormal([50], key: key[3]) * x[1] + Tensor.randomUniform([50], key: key[4]) - 0.5]
    },
    Case(testDescription: "a loop and its gradient") { key in
      [random([4], key[0]), random([4], key[1])]
    } function: { x in
      gradient(at: x) { x in
        scan(x[0], steps: 7) { y in (sin(y) * x[1] + 0.3, y) }.carry.sum()
      }
    },
  ]

  @Test(arguments: cases) func sameBits(_ test: Case) {
    for turn in 0..<5 {
      let arguments = test.arguments(RandomKey(seed: 7)[turn])
      let (expected, found) = (test.function(arguments), test.function(arguments))
      Self.evaluateDirectly(expected)
      Tensor.evaluate(found)
      for (expected, found) in zip(expected, found) {
        #expect(expected.shape == found.shape)
        #expect(expected.floats == found.floats)
      }
    }
  }

  /// The kernels that each of five evaluations calls, with `shift` of its number among the operations.
  static func kernels(shift: (Int) -> Double) -> [Int] {
    Profile.shared.startCounting()
    return (0..<5).map { turn in
      let x = random([40], RandomKey(seed: 1)[turn])
      let before = Profile.shared.kernelCalls
      _ = (exp(x) * x - sin(x) + shift(turn)).evaluated()
      return Profile.shared.kernelCalls - before
    }
  }

  @Test func thirdTimeIsPlanned() async {
    await #expect(processExitsWith: .success) {
      #expect(Self.kernels { _ in 2 } == [5, 5, 1, 1, 1])
    }
  }

  @Test func whatChangesIsNeverPlanned() async {
    await #expect(processExitsWith: .success) {
      #expect(Self.kernels { Double($0) + 1.5 } == [5, 5, 5, 5, 5])
    }
  }

  /// What the program still holds is computed with the rest, not once more when it is read: from the start, or only once
  /// there is a plan, which then does not give it yet.
  @Test(arguments: [0, 4]) func heldResultsAreThere(from first: Int) {
    for turn in 0..<8 {
      let x = Self.random([30 + first], RandomKey(seed: 2)[turn])
      func sum() -> (sum: Tensor, held: Tensor?) {
        let hidden = exp(x) * x
        return ((hidden - sin(hidden) + 2).sum(), turn < first ? nil : hidden)
      }
      let (expected, found) = (sum(), sum())
      Self.evaluateDirectly([expected.sum])
      #expect(found.sum.item() == expected.sum.item())
      #expect(found.held?.node.isPending != true)
      #expect(found.held?.floats == expected.held?.floats)
    }
  }

  /// The parts of a gradient are read one after the other, and each evaluation finds the rest done.
  @Test func partsOfGradients() {
    for turn in 0..<6 {
      let w = (0..<3).map { Self.random([6], RandomKey(seed: 3)[turn][$0]) }
      func slopes() -> [Tensor] { gradient(at: w) { w in (sin(w[0]) * w[1] + exp(w[2]) * w[0]).sum() } }
      let (found, expected) = (slopes(), slopes())
      Self.evaluateDirectly(expected)
      for (found, expected) in zip(found, expected) { #expect(found.floats == expected.floats) }
    }
  }

  /// A plain training loop, whose weights are read by nobody before its end.
  @Test func trainingLoop() {
    let (x, y) = (Self.random([16, 3], RandomKey(seed: 4)), Self.random([16], RandomKey(seed: 5)))
    func train(_ evaluate: ([Tensor]) -> Void) -> [Float] {
      var (w, momentum) = (Tensor.zeros([3, 1]), Tensor.zeros([3, 1]))
      var losses: [Float] = []
      for _ in 0..<12 {
        let (loss, slope) = valueAndGradient(at: w) { w in square(matmul(x, w).squeezed(1) - y).mean() }
        momentum = 0.9 * momentum + slope
        w = w - 0.1 * momentum
        evaluate([loss])
        losses += loss.floats
      }
      return losses + w.floats
    }
    #expect(train { Tensor.evaluate($0) } == train { Self.evaluateDirectly($0) })
  }

  @Test func severalThreads() {
    let expected = (0..<8).map { turn in
      let x = Self.random([100], RandomKey(seed: 6)[turn])
      let y = (exp(x) * x - cos(x) + 4).sum()
      Self.evaluateDirectly([y])
      return y.item()
    }
    let found = Mutex([Double](repeating: 0, count: 64))
    DispatchQueue.concurrentPerform(iterations: 64) { turn in
      let x = Self.random([100], RandomKey(seed: 6)[turn % 8])
      let value = (exp(x) * x - cos(x) + 4).sum().item()
      found.withLock { $0[turn] = value }
    }
    #expect(found.withLock { $0 } == (0..<64).map { expected[$0 % 8] })
  }

  @Test func mistakesAreTold() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      for index in [0, 1, 2, 3, 9] {
        let x = Self.random([5], RandomKey(seed: 1))
        _ = (exp(x).gathered(Tensor([Double(index)], .int32)) * 2 + 1 - 3).evaluated()
      }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("index 9 at position 0 is out of range 0..<5"))
  }
}
