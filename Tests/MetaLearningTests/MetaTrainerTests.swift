import Testing

@testable import MetaLearning

@Suite struct MetaTrainerTests {
  private let tasks = CurveTasks(.sinusoids, shots: 5, queries: 7)
  private let key = RandomKey(seed: 11)

  /// Sinusoids as float64, to compare formulas down to rounding.
  private func episodes64(_ count: Int, key: RandomKey) -> [Episode] {
    tasks.episodes(count, key: key).map { episode in
      var leaves = episode.leaves.map { $0.tensor.cast(to: .float64) }[...]
      return episode.replacingLeaves(from: &leaves)
    }
  }

  /// Two steps with some workers: the bits of the model, the optimizer's memory and the losses.
  private func run(workers: Int, mostSideBySide: Int? = nil) -> [UInt64] {
    var trainer = MetaTrainer(
      smallRegressor(seed: 1), learner: MAML(innerRate: 0.02, steps: 2), optimizer: Adam(learningRate: 0.01),
      objective: .regression, workers: workers)
    trainer.mostSideBySide = mostSideBySide ?? trainer.mostSideBySide
    let results = [
      trainer.step(on: tasks.episodes(9, key: key[0])), trainer.step(tasks: 6) { tasks.episode(key: key[1][$0]) },
    ]
    return bits(trainer.state) + results.flatMap { [$0.loss.bitPattern, $0.score.bitPattern] }
  }

  @Test func sameBitsForAnyNumberOfWorkers() {
    let one = run(workers: 1)
    #expect(one.count > 200)
    #expect(run(workers: 2) == one)
    #expect(run(workers: 7) == one)
    // One program after the other, its operations shared.
    #expect(run(workers: 2, mostSideBySide: 0) == one)
  }

  @Test func drawnAndGivenEpisodesAreTheSame() {
    var (given, drawn) = (trainer(SGD(learningRate: 0.1)), trainer(SGD(learningRate: 0.1)))
    given.step(on: tasks.episodes(4, key: key))
    drawn.step(tasks: 4) { tasks.episode(key: key[$0]) }
    #expect(bits(given.state) == bits(drawn.state))
  }

  private func trainer<Outer: Optimizer>(
    _ optimizer: Outer
  ) -> MetaTrainer<MultilayerPerceptron, MAML<SGD>, Outer> {
    MetaTrainer(
      smallRegressor(seed: 1), learner: MAML(innerRate: 0.02, steps: 2), optimizer: optimizer, objective: .regression,
      workers: 2)
  }

  @Test func stepsAreTheFormulaAndTheOptimizersUpdate() {
    func check(_ optimizer: some Optimizer) {
      let maml = MAML(innerRate: 0.02, steps: 2)
      var model = smallRegressor(seed: 1).cast(to: .float64)
      var trainer = MetaTrainer(model, learner: maml, optimizer: optimizer, objective: .regression, workers: 2)
      var state = optimizer.initialState(for: model)
      // Of different sizes, for each size has a program of its own.
      for (index, size) in [3, 5, 1, 3].enumerated() {
        let episodes = episodes64(size, key: key[index])
        let (loss, gradient) = maml.metaGradient(at: model, on: episodes, objective: .regression)
        let scores = episodes.map { maml.outerLoss(model, $0, objective: .regression).score.item() }
        optimizer.update(&model, along: gradient, state: &state)
        let result = trainer.step(on: episodes)
        expectClose([result.loss], [loss.item()], 1e-12, "loss of step \(index)")
        expectClose([result.score], [scores.reduce(0, +) / Double(size)], 1e-12, "score of step \(index)")
        expectClose(numbers(trainer.model), numbers(model), 1e-12, "model after step \(index)")
      }
      #expect(trainer.state.optimizer.step.item() == 4)
      let moved = greatestError(numbers(model), numbers(smallRegressor(seed: 1)))
      #expect(moved > 1e-3, "steps that move nothing would prove nothing")
    }
    check(SGD(learningRate: 0.05))
    check(SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true))
    check(Adam(learningRate: 0.01))
    check(AdamW(learningRate: 0.01))
  }

  @Test func episodesOfAnotherShapeGetAnotherProgram() {
    let maml = MAML(innerRate: 0.02, steps: 2)
    var trainer = trainer(SGD(learningRate: 0))
    for shots in [5, 3, 5] {
      let episode = CurveTasks(.sinusoids, shots: shots, queries: shots + 1).episode(key: key[shots])
      let expected = maml.outerLoss(trainer.model, episode, objective: .regression).loss.item()
      #expect(trainer.step(on: [episode]).loss == expected, "\(shots) shots")
    }
  }

  @Test func theLearningRateCanChangeBetweenSteps() {
    var trainer = trainer(SGD(learningRate: 0.1))
    let episodes = tasks.episodes(3, key: key)
    let start = trainer.state
    func move() -> MultilayerPerceptron {
      trainer.state = start
      trainer.step(on: episodes)
      return trainer.model - start.model
    }
    let whole = move()
    trainer.learningRate = 0.05
    let half = move()
    expectClose(numbers(half), numbers(whole * 0.5), 1e-6, "half the rate")
    #expect(inner(whole, whole) > 1e-4)
    trainer.learningRate = 0
    #expect(numbers(move()).allSatisfy { $0 == 0 })
  }

  @Test func theMetaGradientIsClippedByItsNorm() {
    let model = smallRegressor(seed: 1)
    let episodes = tasks.episodes(3, key: key)
    let gradient = MAML(innerRate: 0.02, steps: 2).metaGradient(at: model, on: episodes, objective: .regression)
      .gradient
    let norm = gradient.globalNorm.item()
    var trainer = trainer(SGD(learningRate: 0.5))
    let start = trainer.state
    // Changed between steps, to a norm that cuts, one that does not, and none.
    for (clip, factor) in [(norm / 4, 0.25), (norm * 2, 1), (nil, 1)] as [(Double?, Double)] {
      trainer.state = start
      trainer.clipNorm = clip
      trainer.step(on: episodes)
      expectClose(numbers(trainer.model), numbers(model - 0.5 * factor * gradient), 1e-6, "norm \(clip ?? 0)")
    }
    #expect(norm > 0.1)
  }

  @Test func theStateIsAllThatGoesOn() {
    var (straight, stopped) = (trainer(Adam(learningRate: 0.01)), trainer(Adam(learningRate: 0.01)))
    for step in 0..<2 { stopped.step(on: tasks.episodes(3, key: key[step])) }
    // What a checkpoint does: another trainer takes the state over.
    var resumed = trainer(Adam(learningRate: 0.01))
    resumed.state = stopped.state
    for step in 0..<4 {
      straight.step(on: tasks.episodes(3, key: key[step]))
      if step >= 2 { resumed.step(on: tasks.episodes(3, key: key[step])) }
    }
    #expect(bits(resumed.state) == bits(straight.state))
  }
}
