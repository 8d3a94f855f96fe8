import Testing

@testable import MetaLearning

/// Programs compute what the plain evaluation computes, to the last bit where their products are not rewritten.
@Suite struct TracedProgramTests {
  private let tasks = CurveTasks(.sinusoids, shots: 5, queries: 5)
  private let key = RandomKey(seed: 5)

  @Test(arguments: [1, 5], MAML<SGD>.Order.allCases)
  func metaGradient(steps: Int, order: MAML<SGD>.Order) {
    let maml = MAML(innerRate: 0.02, steps: steps, order: order)
    func metaGradient(_ model: MultilayerPerceptron, _ episode: Episode) -> [Tensor] {
      let (loss, gradient) = maml.metaGradient(at: model, on: [episode], objective: .regression)
      return [loss] + gradient.trainable
    }
    let model = smallRegressor(seed: 2)
    let program = Program.trace(model, tasks.episode(key: key[0]), returning: metaGradient)
    // Traced with one model and one episode, run with others.
    for (index, seed) in [2, 3, 4].enumerated() {
      let (model, episode) = (smallRegressor(seed: UInt64(seed)), tasks.episode(key: key[index]))
      let run = program.run((model.leaves + episode.leaves).map(\.tensor))
      #expect(bits(run) == bits(metaGradient(model, episode)))
    }
  }

  @Test func classificationWithBatchNorm() throws {
    let alphabet = AlphabetGenerator(key: key, size: 12).dataset(classes: 0..<6, drawingsPerClass: 4)
    let sampler = try EpisodeSampler(alphabet, shape: EpisodeShape(ways: 3, shots: 1, queries: 2))
    let model = MultilayerPerceptron(
      inputs: 144, hidden: [16, 8], outputs: 3, normalization: .batch, key: RandomKey(seed: 1))
    let maml = MAML(innerRate: 0.4, steps: 3)
    func metaGradient(_ model: MultilayerPerceptron, _ episode: Episode) -> [Tensor] {
      let (loss, gradient) = maml.metaGradient(at: model, on: [episode], objective: .classification)
      return [loss] + gradient.trainable
    }
    // Some of the fast weights of the first layer, 144 × 16 after one to three examples, stay factored, which rounds
    // differently; and batch norm over three examples makes the most of it in float32.
    func precise<T: TensorTree>(_ tree: T) -> T {
      tree.mapTensors { $0.scalarType == .float32 ? $0.cast(to: .float64).evaluated() : $0 }
    }
    let program = Program.trace(precise(model), precise(sampler.episode(key: key[0])), returning: metaGradient)
    for index in 0..<3 {
      let episode = precise(sampler.episode(key: key[index]))
      let run = program.run((precise(model).leaves + episode.leaves).map(\.tensor))
      let expected = metaGradient(precise(model), episode)
      let scale = expected.flatMap(\.doubles).map(abs).max() ?? 0
      for (traced, plain) in zip(run, expected) {
        for (a, b) in zip(traced.doubles, plain.doubles) { #expect(abs(a - b) <= 1e-9 * scale) }
      }
    }
  }

  @Test func tracedKeysDrawAsPlainOnes() {
    let model = Sequential {
      Dense(6, 32, activation: .relu, key: key[0])
      Dropout(rate: 0.5)
      Dense(32, 16, key: key[1])
      Dropout(rate: 0.3)
    }
    let x = Tensor.randomNormal([4, 6], key: key[2])
    func outputs(_ key: RandomKey) -> [Tensor] { [model(x, key: key[3]), model(x, key: key[4].split().0)] }
    let program = Program.trace(key.words) { outputs(RandomKey(traced: $0)) }
    var seen: Set<[UInt64]> = []
    for index in 0..<5 {
      let run = program.run([key[index].words])
      #expect(bits(run) == bits(outputs(key[index])), "the masks of key \(index)")
      #expect(bits(run) == bits(program.run([key[index].words])), "the same key drops the same numbers")
      seen.formUnion(run.map { bits($0) })
    }
    #expect(seen.count == 10, "every key, and every child of it, drops others")
  }

  @Test func permutationsAndNoiseOfTracedKeys() {
    func draw(_ key: RandomKey) -> [Tensor] {
      [
        .randomPermutation(20, key: key[0]), .randomNormal([7], key: key[1]), .randomUniform([7], key: key[2][5]),
        .randomBernoulli([40], probability: 0.5, key: key[3]),
        .randomCategorical(logits: .zeros([30, 4]), key: key),
      ]
    }
    let program = Program.trace(key.words) { draw(RandomKey(traced: $0)) }
    for index in 0..<3 {
      let (run, plain) = (program.run([key[index].words]), draw(key[index]))
      for (run, plain) in zip(run, plain) { #expect(bits(run) == bits(plain)) }
    }
  }
}
