import Testing

@testable import MetaLearning

/// Training with convolutions in bfloat16.
@Suite struct MixedPrecisionTests {
  private let key = RandomKey(seed: 3)
  private var tasks: EpisodeSampler<LabeledImages> {
    get throws {
      let images = AlphabetGenerator(key: key[0]).dataset(classes: 0..<12)
      return try EpisodeSampler(images, shape: EpisodeShape(ways: 3, shots: 1, queries: 2))
    }
  }

  private func trainer(_ precision: ProductPrecision, steps: Int = 2, workers: Int = 1) -> MetaTrainer<
    ConvNet4, MAMLPlusPlus, Adam
  > {
    var trainer = MetaTrainer(
      ConvNet4.strided(16, outputs: 3, key: key[1]), learner: MAMLPlusPlus(innerRate: 0.1, steps: steps),
      optimizer: Adam(learningRate: 1e-3), objective: .classification, workers: workers)
    trainer.precision = precision
    return trainer
  }

  @Test func sameBitsForAnyNumberOfWorkers() throws {
    let episodes = try tasks.episodes(5, key: key[2])
    func run(_ workers: Int, mostSideBySide: Int? = nil) -> [UInt64] {
      var trainer = trainer(.bfloat16, workers: workers)
      trainer.mostSideBySide = mostSideBySide ?? trainer.mostSideBySide
      for _ in 0..<2 { trainer.step(on: episodes) }
      return bits(trainer.state)
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(7) == one)
    #expect(run(2, mostSideBySide: 0) == one)
  }

  /// Also inside a scan, which more than five inner steps are. Weights keep 24 bits.
  @Test(arguments: [1, 7]) func gradientsAreNearTheExactOnes(_ steps: Int) throws {
    let episodes = try tasks.episodes(2, key: key[2])
    var (full, halves) = (trainer(.full, steps: steps), trainer(.bfloat16, steps: steps))
    let (exact, found) = (full.step(on: episodes), halves.step(on: episodes))
    #expect(found.loss != exact.loss)
    #expect(abs(found.loss - exact.loss) < 0.05 * exact.loss)
    #expect(abs(found.gradientNorm - exact.gradientNorm) < 0.1 * exact.gradientNorm)
    let weights = halves.model.blocks[2].convolution.weight
    #expect(weights.scalarType == .float32)
    #expect(weights.doubles.contains { Float($0).bitPattern & 0xffff != 0 })
    // A setting that changes takes effect.
    halves.precision = .full
    halves.state = full.state
    #expect(halves.step(on: episodes).loss == full.step(on: episodes).loss)
  }

  @Test func compiledFunctions() throws {
    let model = ConvNet4.strided(16, outputs: 3, key: key[1])
    let episode = try tasks.episode(key: key[2])
    let plain = gradient(at: model) {
      softmaxCrossEntropy(logits: $0(episode.query.inputs), labels: episode.query.targets)
    }
    let step = compiled(precision: .bfloat16) { (model: ConvNet4, batch: Batch) in
      gradient(at: model) { softmaxCrossEntropy(logits: $0(batch.inputs), labels: batch.targets) }
    }
    let found = step(model, episode.query)
    let difference = zip(numbers(found), numbers(plain)).map { $0 - $1 }.reduce(0) { $0 + $1 * $1 }
    let size = numbers(plain).reduce(0) { $0 + $1 * $1 }
    #expect(difference > 0)
    #expect(difference < 1e-2 * size)
  }

  /// Numbers of float64 are multiplied in full, also where a convolution of one tap is large enough to be shared.
  @Test func doublesStayAsTheyAre() {
    let x = Tensor.randomNormal([8, 16, 16, 32], key: key[4], .float64)
    let filters = Tensor.randomNormal([1, 1, 32, 32], key: key[5], .float64)
    let loss = { @Sendable (x: Tensor, filters: Tensor) in square(convolution(x, filters)).sum() }
    func found(_ workers: Int, _ precision: ProductPrecision) -> [Double] {
      let step = compiled(workers: workers, precision: precision) { (x: Tensor, filters: Tensor) in
        gradient(at: filters) { loss(x, $0) }
      }
      return step(x, filters).doubles
    }
    #expect(found(2, .bfloat16) == found(2, .full))
    #expect(found(1, .bfloat16) == found(1, .full))
  }
}
