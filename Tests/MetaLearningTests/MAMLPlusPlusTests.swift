import Foundation
import Testing

@testable import MetaLearning

@Suite struct MAMLPlusPlusTests {
  private let tasks = CurveTasks(.sinusoids, shots: 5, queries: 7)
  private let key = RandomKey(seed: 11)

  private func net(normalization: MultilayerPerceptron.Normalization = .batch) -> MultilayerPerceptron {
    MultilayerPerceptron(
      inputs: 1, hidden: [8, 8], outputs: 1, activation: .tanh, normalization: normalization, key: RandomKey(seed: 1))
  }

  /// All that MAML++ adds, with short schedules.
  private func learner(rates: InnerRates = .perTensorAndStep) -> MAMLPlusPlus {
    MAMLPlusPlus(
      innerRate: 0.02, steps: 3, rates: rates, multiStepLoss: MultiStepLoss(iterations: 6, stretch: 2),
      firstOrderIterations: 3)
  }

  private func trainer(
    _ learner: MAMLPlusPlus, workers: Int = 2
  ) -> MetaTrainer<MultilayerPerceptron, MAMLPlusPlus, Adam> {
    MetaTrainer(
      net().normalizingPerStep(3), learner: learner, optimizer: Adam(learningRate: 0.01), objective: .regression,
      workers: workers)
  }

  // MARK: - Schedules

  /// The table of the authors' code for 5 steps and 10 epochs, worked by hand.
  @Test func lossWeightsByHand() {
    let loss = MultiStepLoss(iterations: 5000, stretch: 500)
    func expect(_ iteration: Int, _ first: Double, _ last: Double) {
      let weights = loss.weights(steps: 5, at: iteration)
      expectClose(weights, [first, first, first, first, last], 1e-15, "iteration \(iteration)")
    }
    expect(0, 0.2, 0.2)
    expect(499, 0.2, 0.2)
    expect(500, 0.18, 0.28)
    expect(2700, 0.1, 0.6)
    expect(4999, 0.02, 0.92)
    expect(5000, 0, 1)
    expect(50_000, 0, 1)
    // The least weight is 0.03 / steps: here 0.006, which 40 epochs come below.
    let long = MultiStepLoss(iterations: 40)
    expectClose(long.weights(steps: 5, at: 39), [0.006, 0.006, 0.006, 0.006, 0.976], 1e-15)
    expectClose(long.weights(steps: 5, at: 38), [0.01, 0.01, 0.01, 0.01, 0.96], 1e-15)
    #expect(loss.weights(steps: 1, at: 0) == [1])
    #expect(loss.weights(steps: 0, at: 0) == [])
    #expect(!MultiStepLoss(iterations: 0).isActive(at: 0))
  }

  /// Adam's 1e-3 falls to 1e-5 along half a cosine.
  @Test func outerRateByHand() {
    let schedule = LearningRateSchedule.cosine(steps: 50_000, to: 0.01)
    for (step, rate) in [(0, 1e-3), (25_000, 5.05e-4), (50_000, 1e-5), (60_000, 1e-5)] {
      expectClose([schedule.learningRate(1e-3, at: step) * 1e3], [rate * 1e3], 1e-12, "step \(step)")
    }
  }

  @Test func phasesFollowTheIteration() {
    let learner = learner()
    #expect((0..<8).map { learner.at(iteration: $0).phase } == [3, 3, 3, 2, 2, 2, 0, 0])
    let plain = MAMLPlusPlus(innerRate: 0.1, steps: 3)
    #expect((0..<3).map { plain.at(iteration: $0).phase } == [0, 0, 0])
  }

  // MARK: - What it is without its parts

  /// With everything switched off it is MAML, bit for bit, in the formula and in a trainer.
  @Test(arguments: [MultilayerPerceptron.Normalization.none, .batch], [false, true])
  func withoutItsPartsItIsMAML(normalization: MultilayerPerceptron.Normalization, isFirstOrder: Bool) {
    let maml = MAML(innerRate: 0.02, steps: 3, order: isFirstOrder ? .first : .second)
    let plain = MAMLPlusPlus(
      innerRate: 0.02, steps: 3, rates: .fixed, firstOrderIterations: isFirstOrder ? .max : 0, adapting: .everything)
    let model = net(normalization: normalization)
    let episodes = tasks.episodes(4, key: key)
    let (a, b) = (
      maml.metaGradient(at: model, on: episodes, objective: .regression),
      plain.metaGradient(at: model, on: episodes, objective: .regression)
    )
    #expect(bits(a.gradient) == bits(b.gradient) && a.value.item() == b.value.item())

    func trained<L: MetaLearner>(_ learner: L) -> [UInt64] {
      var trainer = MetaTrainer(
        model, learner: learner, optimizer: Adam(learningRate: 0.01), objective: .regression, workers: 2)
      for step in 0..<3 { trainer.step(on: tasks.episodes(4, key: key[step])) }
      return bits(trainer.state)
    }
    #expect(trained(maml) == trained(plain))
    let reports = (
      maml.evaluate(model, on: tasks, tasks: 4, steps: 5, objective: .regression, key: key),
      plain.evaluate(model, on: tasks, tasks: 4, steps: 5, objective: .regression, key: key)
    )
    #expect(reports.0.perStep.map(\.estimate) == reports.1.perStep.map(\.estimate))
  }

  /// Learned rates that all are the inner rate adapt as that does; those of the last step go on beyond it.
  @Test(arguments: [InnerRates.perTensorAndStep, .perWeight]) func ratesStartFromTheInnerRate(rates: InnerRates) {
    let model = net()
    let support = tasks.episode(key: key).support
    let learner = MAMLPlusPlus(innerRate: 0.02, steps: 2, rates: rates, adapting: .everything).prepared(for: model)
    #expect(learner.parameters.rates.count == model.parameters.count)
    for (name, tensor) in model.parameters {
      #expect(learner.parameters.rates[name]?.shape == (rates == .perWeight ? tensor.shape : [2]))
    }
    let expected = MAML(innerRate: 0.02, steps: 4).adapt(model, to: support, objective: .regression)
    let own = learner.adapt(model, to: support, steps: 4, objective: .regression)
    expectClose(numbers(own), numbers(expected), 1e-6)
  }

  @Test func onlyThePartIsAdapted() {
    let model = net()
    let support = tasks.episode(key: key).support
    func moved(_ part: AdaptedPart) -> [String] {
      let learner = MAMLPlusPlus(innerRate: 0.02, steps: 2, rates: .fixed, adapting: part)
      let adapted = learner.adapt(model, to: support, objective: .regression)
      return zip(model.parameters, adapted.parameters).filter { $0.tensor.doubles != $1.tensor.doubles }.map(\.0.name)
    }
    #expect(moved(.named(["output"])) == ["output.weight", "output.bias"])
    #expect(moved(.named(["hidden.1.norm.scale", "outpu"])) == ["hidden.1.norm.scale"])
    #expect(!moved(.allButNormalization).contains { $0.contains("norm") })
    #expect(moved(.everything).contains("hidden.0.norm.shift"))
  }

  // MARK: - Training

  @Test func everyPhaseIsTraced() {
    // Steps of a trainer against the formula with the learner of each iteration.
    var trainer = trainer(learner())
    for iteration in 0..<8 {
      #expect(trainer.iteration == iteration)
      let episodes = tasks.episodes(3, key: key[iteration])
      let (model, learner) = (trainer.model, trainer.learner)
      #expect(learner.iteration == iteration)
      let expected = learner.metaGradients(at: model, on: episodes, objective: .regression)
      let before = trainer.state.learner!.optimizer
      let result = trainer.step(on: episodes)
      expectClose([result.loss], [expected.value.item()], 1e-5, "iteration \(iteration)")
      // Adam's first moment tells the gradient that it was given.
      let after = trainer.state.learner!.optimizer
      let slopes = (after.slots[0] - before.slots[0] * 0.9) * 10
      expectClose(numbers(slopes), numbers(expected.parameters), 1e-4, "rates at iteration \(iteration)")
    }
    let rates = trainer.learner.parameters.rates["output.weight"]!.doubles
    #expect(Set(rates).count == 3 && rates.allSatisfy { $0 != 0.02 }, "each step has learned its own: \(rates)")
  }

  @Test(arguments: InnerRates.allCases) func sameBitsForAnyNumberOfWorkers(rates: InnerRates) {
    func run(_ workers: Int) -> [UInt64] {
      var trainer = trainer(learner(rates: rates), workers: workers)
      trainer.tasksPerProgram = 2
      var results: [UInt64] = []
      for step in 0..<4 { results.append(trainer.step(on: tasks.episodes(9, key: key[step])).loss.bitPattern) }
      return bits(trainer.state) + results
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(7) == one)
  }

  /// Stopped in each phase, and where they change.
  @Test(arguments: [0, 1, 3, 5, 6, 7]) func resumedEqualsUninterrupted(stop: Int) throws {
    let runs = try TemporaryRuns()
    let file = runs.url.appendingPathComponent("checkpoint.safetensors")
    var options = MetaTrainingOptions()
    (options.iterations, options.metaBatch, options.recordEvery, options.validateEvery) = (9, 3, 2, 4)
    (options.validationTasks, options.clipNorm) = (4, 0.5)
    options.schedule = .cosine(steps: 9, to: 0.01)
    func run() -> MetaTrainingRun<MultilayerPerceptron, MAMLPlusPlus, Adam, CurveTasks> {
      MetaTrainingRun(trainer(learner()), tasks: tasks, validation: tasks, options: options, key: key)
    }
    var (straight, stopped, resumed) = (run(), run(), run())
    while !straight.isFinished { _ = try straight.advance() }
    for _ in 0..<stop { _ = try stopped.advance() }
    try stopped.saveCheckpoint(to: file)
    try resumed.restore(from: file, records: stopped.history.records)
    #expect(resumed.trainer.iteration == stop)
    while !resumed.isFinished { _ = try resumed.advance() }
    #expect(bits(resumed.trainer.state) == bits(straight.trainer.state))
    #expect(timeless(resumed.history.records) == timeless(straight.history.records))
    let names = try SafeTensors.read(from: file).tensors.keys
    #expect(names.contains("learner.parameters.rates.hidden.0.dense.weight"))
    #expect(names.contains("model.hidden.0.norm.scale"))
  }

  /// The learned rates are better than those that they started from.
  @Test func learnedRatesHelp() {
    func trained(_ rates: InnerRates) -> (first: Double, last: Double) {
      var trainer = MetaTrainer(
        net(normalization: .none), learner: MAMLPlusPlus(innerRate: 0.005, steps: 2, rates: rates),
        optimizer: Adam(learningRate: 0.005), objective: .regression, workers: 2)
      let losses = (0..<150).map { trainer.step(on: tasks.episodes(8, key: key[$0])).loss }
      return (losses.prefix(30).reduce(0, +) / 30, losses.suffix(30).reduce(0, +) / 30)
    }
    let (fixed, learned) = (trained(.fixed), trained(.perTensorAndStep))
    #expect(learned.last < fixed.last && learned.last < learned.first, "\(fixed), \(learned)")
  }
}
