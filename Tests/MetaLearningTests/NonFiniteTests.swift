import Testing

@testable import MetaLearning

/// A step that meets a number that is not finite leaves the weights, and can say where it arose.
@Suite struct NonFiniteTests {
  private static let tasks = CurveTasks(shots: 4, queries: 6)

  private func trainer(
    innerRate: Double = 0.01, _ objective: Objective<MultilayerPerceptron> = .regression
  ) -> MetaTrainer<MultilayerPerceptron, MAML<SGD>, Adam> {
    MetaTrainer(
      smallRegressor(seed: 1), learner: MAML(innerRate: innerRate, steps: 2), optimizer: Adam(), objective: objective,
      workers: 1)
  }

  @Test func aFiniteStepHasNoPlaceAndTheNormOfItsGradient() {
    var trainer = trainer()
    let episodes = Self.tasks.episodes(3, key: RandomKey(seed: 1))
    #expect(trainer.firstNonFinite(in: episodes) == nil)
    let gradient = trainer.learner.metaGradient(at: trainer.model, on: episodes, objective: .regression).gradient
    let squares = gradient.leaves.map { $0.tensor.doubles.reduce(0) { $0 + $1 * $1 } }
    let result = trainer.step(on: episodes)
    #expect(result.isFinite)
    expectClose([result.gradientNorm], [squares.reduce(0, +).squareRoot()], 1e-5, "norm")
  }

  @Test func aRateThatIsTooHighIsSeenInTheInnerLoop() {
    var trainer = trainer(innerRate: 1e30)
    let episodes = Self.tasks.episodes(2, key: RandomKey(seed: 2))
    let before = bits(trainer.state)
    #expect(!trainer.step(on: episodes).isFinite)
    #expect(bits(trainer.state) == before)
    let place = trainer.firstNonFinite(in: episodes) ?? ""
    #expect(
      place.contains("after 1 inner step, of task 1") || place.contains("after 2 inner steps, of task 1"), "\(place)")
  }

  /// A root at 0 has a finite value and no finite derivative: the loss does not show it.
  @Test func aGradientThatIsNotFiniteWithAFiniteLoss() {
    let objective = Objective<MultilayerPerceptron>(
      metric: .meanSquaredError, forward: { model, inputs, _ in model(inputs) },
      criterion: { outputs, _ in sqrt(outputs.sum() * 0) }, score: { outputs, _ in outputs.sum() })
    var trainer = MetaTrainer(
      smallRegressor(seed: 1), learner: MAML(innerRate: 0.01, steps: 0), optimizer: Adam(), objective: objective,
      workers: 1)
    let episodes = Self.tasks.episodes(2, key: RandomKey(seed: 3))
    let before = bits(trainer.state)
    let result = trainer.step(on: episodes)
    #expect(result.loss == 0 && !result.gradientNorm.isFinite)
    #expect(bits(trainer.state) == before)
    let place = trainer.firstNonFinite(in: episodes) ?? ""
    #expect(place.hasPrefix("the meta-gradient by '") && place.hasSuffix("of task 1"), "\(place)")
  }

  /// The logarithm of the first output, 1 in the first turn of the labels and −1 in the second.
  @Test func aTurnOfTheLabelsThatIsNotFinite() {
    let objective = Objective<MultilayerPerceptron>(
      metric: .meanSquaredError, forward: { model, inputs, _ in model(inputs) * 0 + Tensor([1, -1]) },
      criterion: { outputs, _ in log(outputs.sliced(0..<1, axis: 1)).sum() }, score: { outputs, _ in outputs.sum() })
    var trainer = MetaTrainer(
      smallRegressor(seed: 1), learner: MAML(innerRate: 0.01, steps: 0), optimizer: Adam(), objective: objective,
      workers: 1)
    let episodes = Self.tasks.episodes(2, key: RandomKey(seed: 3))
    #expect(trainer.step(on: episodes).isFinite && trainer.firstNonFinite(in: episodes) == nil)
    trainer.labelTurns = LabelTurns(2)
    #expect(!trainer.step(on: episodes).isFinite)
    #expect(trainer.firstNonFinite(in: episodes) == "the outer loss of task 1")
  }

  @Test func weightsThatAreNotFiniteAreNamed() {
    var trainer = trainer()
    var state = trainer.state
    state.model.output.bias = .full(state.model.output.bias.shape, .nan)
    trainer.state = state
    let place = trainer.firstNonFinite(in: Self.tasks.episodes(1, key: RandomKey(seed: 4)))
    #expect(place == "the weights 'output.bias', before the step")
  }
}
