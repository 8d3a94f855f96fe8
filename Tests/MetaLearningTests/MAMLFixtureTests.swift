import Testing

@testable import MetaLearning

/// MAML against JAX and PyTorch, in double precision.
@Suite struct MAMLFixtureTests {
  private static let tolerance = 1e-10
  private static let loops = [InnerLoop.unrolled, .scanned]

  @Test func allCasesAreThere() {
    #expect(
      MAMLFixture.all.map(\.name) == ["regression", "regression momentum", "regression adam", "classification"])
  }

  @Test(arguments: MAMLFixture.all, loops) func adaptation(_ fixture: MAMLFixture, _ loop: InnerLoop) {
    forModel(of: fixture) { model, inner in checkAdaptation(fixture, model, inner, loop) }
  }

  @Test(arguments: MAMLFixture.all, loops) func metaGradient(_ fixture: MAMLFixture, _ loop: InnerLoop) {
    forModel(of: fixture) { model, inner in checkMetaGradient(fixture, model, inner, loop) }
  }

  @Test(arguments: MAMLFixture.all, loops) func learningRateGradient(_ fixture: MAMLFixture, _ loop: InnerLoop) {
    forModel(of: fixture) { model, inner in checkLearningRateGradient(fixture, model, inner, loop) }
  }

  @Test(arguments: MAMLFixture.all, loops) func metaTrainer(_ fixture: MAMLFixture, _ loop: InnerLoop) {
    forModel(of: fixture) { model, inner in checkMetaTrainer(fixture, model, inner, loop) }
  }

  @Test(arguments: MAMLFixture.all) func finiteDifferences(_ fixture: MAMLFixture) {
    forModel(of: fixture) { model, inner in checkFiniteDifferences(fixture, model, inner) }
  }

  // MARK: - The checks, for any model and inner optimizer

  private func checkAdaptation<M: FixtureModel, Inner: Optimizer>(
    _ fixture: MAMLFixture, _ model: M, _ inner: Inner, _ loop: InnerLoop
  ) {
    let maml = MAML(inner: inner, steps: fixture.steps, loop: loop)
    for task in fixture.tasks {
      let models = maml.trajectory(from: model, on: task.episode.support, steps: fixture.steps, objective: M.objective)
      let support = models.map { M.objective.loss($0, task.episode.support).item() }
      let query = models.map { M.objective.loss($0, task.episode.query).item() }
      expectClose(support, task.supportLosses, Self.tolerance, "support losses")
      expectClose(query, task.queryLosses, Self.tolerance, "query losses")
      let adapted = maml.adapt(model, to: task.episode.support, objective: M.objective)
      expectClose(numbers(adapted), task.adapted.flatMap(\.values), Self.tolerance, "adapted parameters")
    }
    #expect(numbers(model) == fixture.parameters.flatMap(\.values), "adapting leaves the model as it was")
  }

  private func checkMetaGradient<M: FixtureModel, Inner: Optimizer>(
    _ fixture: MAMLFixture, _ model: M, _ inner: Inner, _ loop: InnerLoop
  ) {
    let second = MAML(inner: inner, steps: fixture.steps, loop: loop).metaGradient(
      at: model, on: fixture.episodes, objective: M.objective)
    expectClose([second.value.item()], [fixture.outerLoss], Self.tolerance, "outer loss")
    expectClose(numbers(second.gradient), fixture.gradient.flatMap(\.values), Self.tolerance, "second order")

    let first = MAML(inner: inner, steps: fixture.steps, order: .first, loop: loop)
      .metaGradient(at: model, on: fixture.episodes, objective: M.objective)
    expectClose([first.value.item()], [fixture.outerLoss], Self.tolerance, "outer loss of first order")
    expectClose(numbers(first.gradient), fixture.firstOrderGradient.flatMap(\.values), Self.tolerance, "first order")
    // What second order is for: far more than rounding lies between the two.
    #expect(greatestError(numbers(first.gradient), numbers(second.gradient)) > 1e-2)
  }

  private func checkLearningRateGradient<M: FixtureModel, Inner: Optimizer>(
    _ fixture: MAMLFixture, _ model: M, _ inner: Inner, _ loop: InnerLoop
  ) {
    func gradients(_ order: MAML<Inner>.Order) -> (model: M, inner: Inner) {
      gradient(at: model, inner) { model, inner in
        let maml = MAML(inner: inner, steps: fixture.steps, order: order, loop: loop)
        return stack(fixture.episodes.map { maml.outerLoss(model, $0, objective: M.objective).loss }).mean()
      }
    }
    let second = gradients(.second)
    expectClose([second.inner.learningRate.item()], [fixture.learningRateGradient], Self.tolerance, "second order")
    expectClose(numbers(second.model), fixture.gradient.flatMap(\.values), Self.tolerance, "beside it, by the model")
    let first = gradients(.first)
    expectClose(
      [first.inner.learningRate.item()], [fixture.firstOrderLearningRateGradient], Self.tolerance, "first order")
  }

  /// One outer step of plain gradient descent moves θ to θ − rate · mean gradient, for either order.
  private func checkMetaTrainer<M: FixtureModel, Inner: Optimizer>(
    _ fixture: MAMLFixture, _ model: M, _ inner: Inner, _ loop: InnerLoop
  ) {
    for (order, gradient) in [(MAML<Inner>.Order.second, fixture.gradient), (.first, fixture.firstOrderGradient)] {
      var trainer = MetaTrainer(
        model, learner: MAML(inner: inner, steps: fixture.steps, order: order, loop: loop),
        optimizer: SGD(learningRate: 0.5),
        objective: M.objective, workers: 2)
      let result = trainer.step(on: fixture.episodes)
      expectClose([result.loss], [fixture.outerLoss], Self.tolerance, "\(order): loss")
      let moved = zip(numbers(model), gradient.flatMap(\.values)).map { $0 - 0.5 * $1 }
      expectClose(numbers(trainer.model), moved, Self.tolerance, "\(order): model")
    }
  }

  /// The derivative along random directions: central differences of the outer loss, without any automatic derivative
  /// but those of the inner steps.
  private func checkFiniteDifferences<M: FixtureModel, Inner: Optimizer>(
    _ fixture: MAMLFixture, _ model: M, _ inner: Inner
  ) {
    let maml = MAML(inner: inner, steps: fixture.steps)
    func outer(_ model: M) -> Double {
      fixture.episodes.map { maml.outerLoss(model, $0, objective: M.objective).loss.item() }.reduce(0, +)
        / Double(fixture.tasks.count)
    }
    let exact = maml.metaGradient(at: model, on: fixture.episodes, objective: M.objective).gradient
    let width = 1e-6
    for seed in 0..<3 {
      var direction = randomDirection(like: model, key: RandomKey(seed: 7)[seed])
      direction = direction / direction.globalNorm.item()
      let difference = (outer(model + direction * width) - outer(model - direction * width)) / (2 * width)
      let expected = MetaLearningTests.inner(exact, direction)
      #expect(Swift.abs(difference - expected) <= 1e-6 * Swift.max(1, Swift.abs(expected)), "direction \(seed)")
    }
  }

  /// Opens the case's model and inner optimizer for a generic check.
  private func forModel(of fixture: MAMLFixture, _ check: (any FixtureModel, any Optimizer) -> Void) {
    let tensors = fixture.parameters.map(\.float64)
    if fixture.loss == "softmaxCrossEntropy" {
      check(FixtureClassifier(tensors), fixture.inner)
    } else {
      check(FixtureRegressor(tensors), fixture.inner)
    }
  }
}
