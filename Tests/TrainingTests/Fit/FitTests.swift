import Foundation
import Testing

@testable import Training

@Suite struct FitTests {
  private let key = RandomKey(seed: 6)
  private var data: Batch { TrainingData.blobs(203, key: key[0]) }
  private var untrained: MultilayerPerceptron { TrainingData.classifier(key: key[1]) }

  /// The examples that `fit` holds out and those that it trains on, before they are shuffled for an epoch.
  private func split(_ count: Int, heldOut: Int, _ key: RandomKey) -> (validation: [Int], training: [Int]) {
    var generator = key[0].makeGenerator()
    let order = generator.choose(count, outOf: count)
    return (Array(order.prefix(heldOut)), Array(order.dropFirst(heldOut)))
  }

  @Test func learns() throws {
    var model = untrained
    let history = try fit(&model, data, epochs: 20, optimizer: Adam(learningRate: 0.01), key: key)
    let last = try #require(history.epochs.last)
    // The centres are at least 2.9 apart, nearly six times the spread: hardly a point is on the wrong side.
    #expect(last.score > 0.98)
    #expect(last.validationScore ?? 0 > 0.95)
    #expect(last.loss < 0.2 * history.epochs[0].loss)
    let fresh = evaluate(model, on: TrainingData.blobs(300, key: key[2]), objective: .classification)
    #expect(fresh.score.value > 0.97)
  }

  @Test func regressionLearns() throws {
    let x = Tensor.linspace(-2, 2, count: 120).reshaped([120, 1])
    var model = MultilayerPerceptron(inputs: 1, hidden: [24], outputs: 1, activation: .tanh, key: key)
    let history = try fit(
      &model, Batch(inputs: x, targets: sin(2 * x)), epochs: 150, batchSize: 20, optimizer: Adam(learningRate: 0.02),
      objective: .regression, key: key)
    #expect(history.metric == .meanSquaredError)
    #expect(history.epochs[149].validationLoss ?? 1 < 0.01)
    #expect(history.epochs[149].validationLoss == history.epochs[149].validationScore, "the score is the error")
  }

  @Test func historyHasAnEntryForEachEpoch() throws {
    var model = untrained
    var seen: [History.Epoch] = []
    let history = try fit(&model, data, epochs: 4, optimizer: Adam(learningRate: 0.02), key: key) {
      seen.append($0)
      return true
    }
    #expect(history.epochs.map(\.epoch) == [1, 2, 3, 4])
    #expect(history.epochs == seen)
    #expect(history.metric == .accuracy)
    #expect(history.epochs.allSatisfy { $0.learningRate == 0.02 && $0.seconds > 0 })
    #expect(history.epochs.allSatisfy { $0.validationLoss != nil && $0.validationScore != nil })

    let all = try fit(&model, data, validation: 0, epochs: 2, key: key)
    #expect(all.epochs.allSatisfy { $0.validationLoss == nil && $0.validationScore == nil })
  }

  /// Says which examples were asked for.
  private final class Recording: ExampleSource, @unchecked Sendable {
    // @unchecked: `asked` is read and written under the lock.
    private let lock = NSLock()
    private let data: Batch
    private var requests: [[Int]] = []

    init(_ data: Batch) { self.data = data }

    var count: Int { data.count }
    var asked: [[Int]] { lock.withLock { requests } }

    func batch(of indices: [Int]) -> Batch {
      lock.withLock { requests.append(indices) }
      return data.batch(of: indices)
    }
  }

  /// 203 examples, of which a fifth, 41, are held out: each epoch meets the other 162 once in batches of 32, the last of
  /// which has 2, and in another order.
  @Test func theValidationShareIsHeldOut() throws {
    let source = Recording(data)
    var model = untrained
    try fit(&model, source, validation: 0.2, epochs: 2, batchSize: 32, key: key)
    let asked = source.asked
    #expect(asked.map(\.count) == [32, 32, 32, 32, 32, 2, 41, 32, 32, 32, 32, 32, 2, 41])
    let (first, second) = (asked[0...5].flatMap { $0 }, asked[7...12].flatMap { $0 })
    #expect(Set(first).count == 162)
    #expect(first != second)
    #expect(Set(first) == Set(second))
    #expect(asked[6] == asked[13])
    #expect(Set(first).union(asked[6]) == Set(0..<203))
    #expect(asked[6] != Array(asked[6].sorted()), "held out at random")
  }

  @Test(arguments: [(0.2, 41), (0.5, 102), (0, 0), (0.001, 0), (0.99, 201)])
  func theShareIsRounded(share: Double, heldOut: Int) throws {
    let source = Recording(data)
    var model = untrained
    try fit(&model, source, validation: share, epochs: 1, batchSize: 300, key: key)
    #expect(source.asked.map(\.count) == (heldOut == 0 ? [203] : [203 - heldOut, heldOut]))
  }

  @Test func theKeyDecides() throws {
    func trained(_ key: RandomKey) throws -> (bits: [UInt64], figures: [Double?]) {
      // Dropout, so that the randomness of the steps counts too.
      var model = Sequential {
        Dense(2, 16, activation: .relu, key: self.key[3])
        Dropout(rate: 0.5)
        Dense(16, 3, key: self.key[4])
      }
      let history = try fit(&model, data, epochs: 3, augmentation: Self.jitter, key: key)
      return (bits(model), history.epochs.flatMap { [$0.loss, $0.score, $0.validationLoss, $0.validationScore] })
    }
    let (first, again, other) = (try trained(key), try trained(key), try trained(key[1]))
    #expect(first == again)
    #expect(first.bits != other.bits)
    #expect(first.figures != other.figures)
  }

  /// A little noise on every input.
  private static let jitter = BatchAugmentation { batch, key in
    Batch(
      inputs: batch.inputs + .randomNormal(batch.inputs.shape, standardDeviation: 0.1, key: key),
      targets: batch.targets)
  }

  /// At rate 0 the model stays, so that every figure is that of the untrained model: a mean over examples, by hand.
  @Test func figuresAreMeansOverExamples() throws {
    var model = untrained
    let history = try fit(&model, data, epochs: 2, batchSize: 50, optimizer: SGD(learningRate: 0), key: key)
    #expect(bits(model) == bits(untrained))
    let (validation, training) = split(203, heldOut: 41, key)
    for (indices, loss, score) in [
      (training, history.epochs[1].loss, history.epochs[1].score),
      (validation, history.epochs[1].validationLoss, history.epochs[1].validationScore),
    ] {
      let batch = data.batch(of: indices)
      let logits = untrained(batch.inputs).doubles
      let labels = batch.targets.scalars(as: Int32.self).map { Int($0) }
      var (sum, right) = (0.0, 0.0)
      for (row, label) in labels.enumerated() {
        let z = Array(logits[3 * row..<3 * row + 3])
        sum += Foundation.log(z.reduce(0) { $0 + Foundation.exp($1) }) - z[label]
        right += z[label] == z.max() ? 1 : 0
      }
      expectClose(loss ?? .nan, sum / Double(indices.count), 1e-6, "loss")
      expectClose(score ?? .nan, right / Double(indices.count), 1e-6, "score")
    }
  }

  @Test func isTheLoopByHand() throws {
    func check(_ optimizer: some Optimizer) throws {
      var fitted = untrained
      let history = try fit(
        &fitted, data, validation: 0.2, epochs: 3, batchSize: 25, optimizer: optimizer, key: key)

      var model = untrained
      var state = optimizer.initialState(for: model)
      var generator = key[0].makeGenerator()
      let order = generator.choose(203, outOf: 203)
      let training = order.dropFirst(41).map { $0 }
      for epoch in 0..<3 {
        let shuffled = generator.choose(162, outOf: 162).map { training[$0] }
        var sum = 0.0
        for start in stride(from: 0, to: 162, by: 25) {
          let batch = data.batch(of: Array(shuffled[start..<min(start + 25, 162)]))
          let (loss, gradient) = valueAndGradient(at: model) {
            softmaxCrossEntropy(logits: $0(batch.inputs), labels: batch.targets)
          }
          optimizer.update(&model, along: gradient, state: &state)
          sum += loss.item() * Double(batch.count)
        }
        #expect(history.epochs[epoch].loss == sum / 162)
      }
      #expect(bits(fitted) == bits(model))
    }
    try check(SGD(learningRate: 0.1))
    try check(SGD(learningRate: 0.05, momentum: 0.9))
    try check(Adam())
    try check(AdamW())
  }
}
