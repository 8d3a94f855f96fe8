import Testing

@testable import NeuralNetworks

/// Whose statistics a batch normalization uses, and which step's scale and shift.
@Suite struct BatchNormSourceTests {
  private let x = Tensor.randomNormal([6, 3], key: RandomKey(seed: 1), .float64)

  private var norm: BatchNorm {
    var norm = BatchNorm(3, steps: 2)
    norm.scale = Tensor([[1, 2, 3], [4, 5, 6]], .float64)
    norm.shift = Tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], .float64)
    return norm
  }

  @Test func eachStepHasItsScaleAndShift() {
    for (step, row) in [(0, 0), (1, 1), (2, 1), (9, 1)] {
      var plain = BatchNorm(3)
      (plain.scale, plain.shift) = (norm.scale[row], norm.shift[row])
      #expect(norm.at(step: step)(x).doubles == plain(x).doubles, "step \(step)")
      let running = BatchNorm.Statistics(
        mean: Tensor([1, 2, 3], .float64), variance: Tensor([4, 5, 6], .float64), count: 10)
      #expect(norm.at(step: step)(x, with: running).doubles == plain(x, with: running).doubles)
    }
    let slope = gradient(at: norm.at(step: 1)) { ($0(x) * x).sum() }
    #expect(slope.scale[0].doubles == [0, 0, 0] && slope.shift[0].doubles == [0, 0, 0])
    #expect(slope.scale[1].doubles.allSatisfy { $0 != 0 })
  }

  @Test func aPlainOneBecomesOneByStep() {
    var plain = BatchNorm(3, epsilon: 1e-3)
    (plain.scale, plain.shift) = (norm.scale[1], norm.shift[0])
    let byStep = plain.perStep(4)
    #expect(byStep.scale.shape == [4, 3] && byStep.scale.scalarType == .float64)
    for step in 0..<4 { #expect(byStep.at(step: step)(x).doubles == plain(x).doubles) }
    #expect(byStep.perStep(9).scale.shape == [4, 3], "it stays as it is")
  }

  /// The first examples come out as if they were alone, and the others do not see each other.
  @Test func theStatisticsOfTheFirst() {
    let norm = BatchNorm(3)
    let x = x.cast(to: .float32)
    let joint = norm.normalizing(by: .first(4))(x)
    #expect(joint.sliced(0..<4, axis: 0).floats == norm(x.sliced(0..<4, axis: 0)).floats)
    let alone = norm.normalizing(by: .first(4))(concatenate([x.sliced(0..<4, axis: 0), x.sliced(5..<6, axis: 0)]))
    #expect(joint[5].floats == alone[4].floats)
    #expect(joint[5].floats != norm(x)[5].floats)
    #expect(norm.normalizing(by: .first(6))(x).floats == norm(x).floats)
    // Images: all axes but the last are counted, the first is cut.
    let images = Tensor.randomNormal([4, 2, 2, 3], key: RandomKey(seed: 2))
    let own = norm(images.sliced(0..<3, axis: 0))
    #expect(norm.normalizing(by: .first(3))(images).sliced(0..<3, axis: 0).floats == own.floats)
  }

  /// Pooling before a normalization gives what pooling after it does, and so do its first and second derivatives.
  @Test func pooledBeforeItIsNormalized() {
    let x = Tensor.randomNormal([3, 5, 4, 3], key: RandomKey(seed: 4), .float64)
    let weights = Tensor.randomNormal([3, 2, 2, 3], key: RandomKey(seed: 5), .float64)
    var norm = BatchNorm(3)
    (norm.scale, norm.shift) = (Tensor([1.5, -0.7, 0.3], .float64), Tensor([0.1, 0.2, -0.3], .float64))
    let pool = MaxPool(2)
    for norm in [norm, norm.normalizing(by: .first(2))] {
      func loss(_ norm: BatchNorm, _ x: Tensor, _ early: Bool) -> Tensor {
        let y = early ? relu(norm(x, maxPooledBy: pool)) : pool(relu(norm(x)))
        return (y * weights + y * y * y).sum()
      }
      func slopes(_ early: Bool) -> [Tensor] {
        let first = gradient(at: norm) { loss($0, x, early) }
        let byInput = gradient(at: x) { loss(norm, $0, early) }
        let second = gradient(at: x) { x in
          let inner = gradient(at: norm) { loss($0, x, early) }
          return (square(inner.scale) + inner.shift * inner.scale).sum()
            + square(gradient(at: x) { loss(norm, $0, early) }).sum()
        }
        return [loss(norm, x, early), first.scale, first.shift, byInput, second]
      }
      for (early, late) in zip(slopes(true), slopes(false)) {
        #expect(late.doubles.contains { $0 != 0 })
        let difference = abs(early - late).max().doubles[0]
        #expect(difference <= 1e-12 * (1 + abs(late).max().doubles[0]))
      }
    }
  }

  /// However deep the norms lie, and without a list of them.
  @Test func allNormsOfAModel() {
    let key = RandomKey(seed: 3)
    let net = MultilayerPerceptron(inputs: 3, hidden: [4, 5], outputs: 2, normalization: .batch, key: key)
    let stack = Sequential {
      Dense(3, 4, key: key[0])
      BatchNorm(4)
      Dense(4, 2, key: key[1])
    }
    func check<M: Layer>(_ model: M, norms: Int) {
      #expect(model.hasBatchNorm == (norms > 0))
      let byStep = model.normalizingPerStep(3)
      #expect(byStep.parameters.filter { $0.tensor.rank == 2 && $0.tensor.shape[0] == 3 }.count >= 2 * norms)
      #expect(model.leaves.filter(\.isHeld).count == 2 * norms)
      #expect(byStep.at(step: 2).parameters.map(\.name) == model.parameters.map(\.name))
      let x = x.cast(to: .float32)
      #expect(byStep.at(step: 1)(x).floats == model(x).floats)
      var steps: [Int] = []
      _ = byStep.at(step: 2).mapParts(of: BatchNorm.self) { norm in
        steps.append(norm.step)
        return norm
      }
      #expect(steps == Array(repeating: 2, count: norms))
    }
    check(net, norms: 2)
    check(stack, norms: 1)
    check(Dense(3, 2, key: key), norms: 0)
    check(MultilayerPerceptron(inputs: 3, hidden: [4], outputs: 2, key: key), norms: 0)
  }
}
