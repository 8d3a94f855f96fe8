import Testing

@testable import Adaptation
@testable import MetaLearning

/// MAML++ against JAX and PyTorch, in double precision.
@Suite struct MAMLPlusPlusFixtureTests {
  private typealias Fixture = MAMLPlusPlusFixture
  private static let tolerance = 1e-10
  private let fixture = MAMLPlusPlusFixture.shared

  @Test func namesAreThoseOfTheModel() {
    #expect(fixture.model.parameters.map(\.name) == fixture.names)
    #expect(fixture.cases.count == 4)
    let held = fixture.model.leaves.filter(\.isHeld).map(\.name)
    #expect(held == fixture.names.filter { $0.contains("norm") })
  }

  @Test(arguments: MAMLPlusPlusFixture.shared.cases) func metaGradient(_ expected: MAMLPlusPlusFixture.Case) {
    let (loss, byModel, byLearner) = fixture.learner(expected).metaGradients(
      at: fixture.model, on: fixture.episodes, objective: .classification)
    expectClose([loss.item()], [expected.outerLoss], Self.tolerance, "outer loss")
    expectClose(numbers(byModel), expected.gradient.flatMap(\.values), Self.tolerance, "by the model")
    for (name, rates) in zip(fixture.names, expected.rateGradients) {
      guard let own = byLearner.rates[name] else {
        #expect(rates.values.allSatisfy { $0 == 0 } && name.contains("norm"))
        continue
      }
      expectClose(own.doubles, rates.values, Self.tolerance, "by the rates of \(name)")
    }
    #expect(byLearner.rates.count == (expected.adaptsNormalization ? 10 : 6))
  }

  /// The traced program, batched over tasks and not: a step of plain descent moves model and rates along the gradients.
  @Test(arguments: MAMLPlusPlusFixture.shared.cases, [1, 2])
  func metaTrainer(_ expected: MAMLPlusPlusFixture.Case, tasksPerProgram: Int) {
    let learner = fixture.learner(expected)
    var trainer = MetaTrainer(
      fixture.model, learner: learner, optimizer: SGD(learningRate: 0.5), objective: .classification, workers: 2)
    trainer.tasksPerProgram = tasksPerProgram
    // The trainer begins with the learner's initial rates, and with the weights of the first iteration.
    var state = trainer.state
    state.learner?.parameters.rates = learner.parameters.rates
    trainer.state = state
    let weights = MultiStepLoss(iterations: 10).weights(steps: fixture.steps, at: 0)
    #expect(trainer.learner.parameters.losses?.weights.doubles == weights)
    var equal = learner
    equal.parameters.losses = .init(weights: Tensor(weights, .float64))
    let (loss, byModel, byLearner) = equal.metaGradients(
      at: fixture.model, on: fixture.episodes, objective: .classification)
    let result = trainer.step(on: fixture.episodes)
    expectClose([result.loss], [loss.item()], Self.tolerance, "loss")
    expectClose(numbers(trainer.model), numbers(fixture.model - 0.5 * byModel), Self.tolerance, "model")
    expectClose(
      numbers(trainer.learner.parameters), numbers(learner.parameters - 0.5 * byLearner), Self.tolerance, "rates")
  }

  /// Each query normalized by the statistics of the support set, as if it came alone.
  @Test(arguments: MAMLPlusPlusFixture.shared.cases) func inductiveLosses(_ expected: MAMLPlusPlusFixture.Case) {
    let learner = fixture.learner(expected)
    let losses = fixture.episodes.map { episode in
      let model = learner.adapt(fixture.model, to: episode.support, objective: .classification)
      return Objective.classification.judge(model, episode, by: .support).loss.item()
    }
    expectClose(losses, expected.inductiveLosses, Self.tolerance)
  }

  /// By central differences of the outer loss.
  @Test(arguments: MAMLPlusPlusFixture.shared.cases.filter { !$0.isFirstOrder })
  func ratesByFiniteDifferences(_ expected: MAMLPlusPlusFixture.Case) {
    let learner = fixture.learner(expected)
    func outer(_ parameters: MAMLPlusPlus.Parameters) -> Double {
      var learner = learner
      learner.parameters = parameters
      return fixture.episodes.map { learner.outerLoss(fixture.model, $0, objective: .classification).loss.item() }
        .reduce(0, +) / Double(fixture.tasks.count)
    }
    let exact = learner.metaGradients(at: fixture.model, on: fixture.episodes, objective: .classification).parameters
    for seed in 0..<3 {
      let direction = randomDirection(like: learner.parameters, key: RandomKey(seed: 8)[seed])
      let step = direction * 1e-6
      let difference = (outer(learner.parameters + step) - outer(learner.parameters - step)) / 2e-6
      expectClose([difference], [inner(exact, direction)], 1e-6, "direction \(seed)")
    }
  }
}
