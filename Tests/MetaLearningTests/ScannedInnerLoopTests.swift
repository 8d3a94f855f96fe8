import Testing

@testable import Adaptation
@testable import MetaLearning

/// The inner loop as a scan gives what the unrolled loop gives, for every optimizer.
@Suite struct ScannedInnerLoopTests {
  private static let key = RandomKey(seed: 4)

  static let optimizers: [(name: String, optimizer: any Optimizer)] = [
    ("SGD", SGD(learningRate: 0.05, weightDecay: 0.01)),
    ("momentum", SGD(learningRate: 0.05, momentum: 0.9, dampening: 0.3)),
    ("Nesterov", SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true)),
    ("Adam", Adam(learningRate: 0.02)), ("AdamW", AdamW(learningRate: 0.02)),
    ("RMSProp", RMSProp(learningRate: 0.02)),
    ("RMSProp centred, with momentum", RMSProp(learningRate: 0.02, momentum: 0.5, isCentered: true)),
    ("Adagrad", Adagrad(learningRate: 0.05)),
  ]

  private var model: MultilayerPerceptron { smallRegressor(seed: 3, width: 4).cast(to: .float64) }

  private var episode: Episode {
    let episode = CurveTasks(.sinusoids, shots: 5, queries: 6).episode(key: Self.key)
    var leaves = episode.leaves.map { $0.tensor.cast(to: .float64) }[...]
    return episode.replacingLeaves(from: &leaves)
  }

  /// The outer loss, its gradient by the model and by the optimizer, and a Hessian-vector product.
  private func results<Inner: Optimizer>(
    _ inner: Inner, _ order: MAML<Inner>.Order, _ loop: InnerLoop, steps: Int
  ) -> [(name: String, numbers: [Double])] {
    let episode = episode
    func loss(_ model: MultilayerPerceptron, _ inner: Inner) -> Tensor {
      MAML(inner: inner, steps: steps, order: order, loop: loop).outerLoss(model, episode, objective: .regression).loss
    }
    let (value, slopes) = valueAndGradient(at: model, inner, of: loss)
    let direction = randomDirection(like: model, key: Self.key[1])
    let product = hessianVectorProduct(at: model, along: direction) { loss($0, inner) }
    return [
      ("loss", [value.item()]), ("gradient", numbers(slopes.0)), ("gradient by the optimizer", numbers(slopes.1)),
      ("Hessian times vector", numbers(product)),
    ]
  }

  @Test(arguments: optimizers.indices) func equalsTheUnrolledLoop(_ index: Int) {
    let (name, optimizer) = Self.optimizers[index]
    func check<Inner: Optimizer>(_ inner: Inner) {
      for order in MAML<Inner>.Order.allCases {
        let scanned = results(inner, order, .scanned, steps: 4)
        for (own, expected) in zip(scanned, results(inner, order, .unrolled, steps: 4)) {
          expectClose(own.numbers, expected.numbers, 1e-11, "\(name), \(order): \(own.name)")
        }
        #expect(scanned[2].numbers.contains { Swift.abs($0) > 1e-6 })
      }
    }
    check(optimizer)
  }

  @Test func trajectoriesAndBuffers() {
    let model = MultilayerPerceptron(
      inputs: 1, hidden: [4], outputs: 1, activation: .tanh, normalization: .batch, key: RandomKey(seed: 3))
    let support = CurveTasks(.sinusoids, shots: 5, queries: 6).episode(key: Self.key).support
    func trajectory(_ loop: InnerLoop, _ steps: Int) -> [MultilayerPerceptron] {
      MAML(innerRate: 0.1, steps: steps, loop: loop)
        .trajectory(from: model, on: support, steps: steps, objective: .regression)
    }
    let (scanned, unrolled) = (trajectory(.scanned, 7), trajectory(.unrolled, 7))
    #expect(scanned.count == 8)
    #expect(scanned.map { bits($0) } == unrolled.map { bits($0) })
    let adapted = MAML(innerRate: 0.1, steps: 7, loop: .scanned).adapt(model, to: support, objective: .regression)
    #expect(bits(adapted) == bits(unrolled[7]))
    #expect(trajectory(.scanned, 0).map { bits($0) } == [bits(model)])
  }

  @Test(arguments: MAML<SGD>.Order.allCases) func trainersTakeTheSameSteps(order: MAML<SGD>.Order) {
    let tasks = CurveTasks(.sinusoids, shots: 5, queries: 5)
    func trained(_ loop: InnerLoop) -> (losses: [Double], model: MultilayerPerceptron) {
      var trainer = MetaTrainer(
        smallRegressor(seed: 3), learner: MAML(innerRate: 0.02, steps: 6, order: order, loop: loop),
        optimizer: SGD(learningRate: 0.01), objective: .regression, workers: 2)
      let losses = (0..<3).map { trainer.step(on: tasks.episodes(7, key: Self.key[$0])).loss }
      return (losses, trainer.model)
    }
    let (scanned, unrolled) = (trained(.scanned), trained(.unrolled))
    expectClose(scanned.losses, unrolled.losses, 1e-5)
    expectClose(numbers(scanned.model), numbers(unrolled.model), 1e-5)
  }

  @Test func largeSupportSetsAndManyStepsAreScanned() {
    func scans(_ loop: InnerLoop, _ steps: Int, _ image: Shape) -> Bool {
      loop.scans(steps, on: Batch(inputs: .zeros([5] + image), targets: .zeros([5], .int32)))
    }
    let (small, large): (Shape, Shape) = ([28, 28, 1], [84, 84, 3])
    #expect([1, 5, 6].map { scans(.automatic, $0, small) } == [false, false, true])
    #expect([1, 2, 5].map { scans(.automatic, $0, large) } == [false, true, true])
    #expect(!scans(.unrolled, 50, large) && scans(.scanned, 1, small))
  }

  /// What the programs of the trainer keep does not grow beyond some megabytes, however many steps there are.
  @Test func longLoopsHaveFewerTasksAProgram() {
    func tasks(_ steps: Int, _ width: Int) -> Int {
      MetaTrainer(
        smallRegressor(seed: 1, width: width), learner: MAML(innerRate: 0.01, steps: steps), optimizer: Adam(),
        objective: .regression
      ).tasksPerProgram
    }
    #expect([1, 5, 10, 100, 1000].map { tasks($0, 40) } == [13, 13, 13, 5, 1])
    #expect([1, 5, 40].map { tasks($0, 150) } == [8, 8, 1])
  }

  /// The plan of a meta-gradient has the same calls for any number of steps, and each step adds what it keeps: one copy of
  /// the weights, and of what the optimizer remembers.
  @Test func plansGrowByOneCopyAStep() {
    let model = MultilayerPerceptron(inputs: 1, hidden: [40, 40], outputs: 1, key: Self.key)
    let episode = CurveTasks(.sinusoids, shots: 10, queries: 10).episode(key: Self.key)
    func plan<Inner: Optimizer>(_ inner: Inner, _ steps: Int) -> (calls: Int, bytes: Int) {
      let maml = MAML(inner: inner, steps: steps, loop: .scanned)
      let program = Program.trace(model, episode) { model, episode in
        maml.metaGradient(at: model, on: [episode], objective: .regression).gradient.trainable
      }
      return (program.stepCount, program.arenaSize)
    }
    func check(_ inner: some Optimizer, copies: Int) {
      let (few, many) = (plan(inner, 2), plan(inner, 102))
      #expect(few.calls == many.calls)
      let perStep = Double(many.bytes - few.bytes) / 100
      let copy = Double(model.parameterCount * 4)
      // A few bytes more where the steps are counted, and where rows are filled up.
      #expect(perStep > Double(copies) * copy - 64 && perStep < Double(copies) * copy + 64)
    }
    check(SGD(learningRate: 0.01), copies: 1)
    check(Adam(learningRate: 0.01), copies: 3)
  }
}
