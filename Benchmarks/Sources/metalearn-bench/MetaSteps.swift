import MetaLearning

/// What W1 to W5 and W10 have in common: the outer step of MAML, on three batches of tasks in turn.
protocol MetaStep: Workload {
  associatedtype Net: Layer
  var trainer: MetaTrainer<Net, MAML<SGD>, Adam> { get set }
  var batches: [[Episode]] { get }
}

extension MetaStep {
  mutating func step(_ index: Int) { trainer.step(on: batches[index % batches.count]) }

  var inputs: NamedTensors {
    let first = batches[0]
    return trainer.model.named("model").merging([
      "support.inputs": stack(first.map(\.support.inputs)), "support.targets": stack(first.map(\.support.targets)),
      "query.inputs": stack(first.map(\.query.inputs)), "query.targets": stack(first.map(\.query.targets)),
    ]) { $1 }
  }

  /// The meta-gradient, from the same programs that are timed: only the outer optimizer is another one.
  var result: NamedTensors {
    var reader = MetaTrainer(
      trainer.model, learner: trainer.learner, optimizer: GradientReader(), objective: trainer.objective,
      workers: trainer.workers)
    reader.step(on: batches[0])
    return reader.model.named("result")
  }
}

/// An "optimizer" that puts the gradient in place of the parameter, for a trainer does not give its gradient away.
private struct GradientReader: Optimizer {
  var learningRate = Tensor(1, .float64)

  func initialSlots(for parameter: Tensor) -> [Tensor] { [] }

  func update(
    _ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor
  ) -> (Tensor, slots: [Tensor]) { (gradient, []) }
}

/// W1 and W2: sinusoids, 25 tasks of 10 support and 10 query points.
struct SinusoidMetaStep: MetaStep {
  var trainer: MetaTrainer<MultilayerPerceptron, MAML<SGD>, Adam>
  let batches: [[Episode]]

  init(steps: Int, _ settings: WorkloadSettings) throws {
    let (inputs, count) = (settings.inputs, settings.tasks ?? 25)
    let tasks = CurveTasks(.sinusoids, shots: 10, queries: 10)
    let drawn = (0..<3).map { tasks.episodes(count, key: RandomKey(seed: 2)[$0]) }
    let model = MultilayerPerceptron(1, [40, 40], 1)
    batches = try inputs.map { [try $0.episodes(like: drawn[0])] } ?? drawn
    trainer = MetaTrainer(
      try inputs.map { try $0.tree(model, "model") } ?? model, learner: MAML(innerRate: 0.01, steps: steps),
      optimizer: Adam(learningRate: 1e-3), objective: .regression, workers: settings.threads)
  }
}

/// The step of a trainer as one would write it down: the formula, evaluated as it stands.
struct PlainMetaStep<Base: MetaStep>: Workload {
  private let base: Base
  private let learner: MAML<SGD>
  private var model: Base.Net
  private var state: OptimizerState<Base.Net>

  init(_ base: Base) {
    self.base = base
    learner = base.trainer.learner
    model = base.trainer.model
    state = Adam().initialState(for: model)
  }

  mutating func step(_ index: Int) {
    let batch = base.batches[index % base.batches.count]
    let (loss, slope) = learner.metaGradient(at: model, on: batch, objective: base.trainer.objective)
    Adam(learningRate: 1e-3).update(&model, along: slope, state: &state)
    Tensor.evaluate([loss] + model.leaves.map(\.tensor) + state.leaves.map(\.tensor))
  }

  var inputs: NamedTensors { base.inputs }

  var result: NamedTensors {
    learner.metaGradient(at: base.trainer.model, on: base.batches[0], objective: base.trainer.objective).gradient
      .named("result")
  }
}

/// W10: the Omniglot perceptron, 32 tasks of 5 support and 25 query images, which here are noise.
struct OmniglotMetaStep: MetaStep {
  var trainer: MetaTrainer<MultilayerPerceptron, MAML<SGD>, Adam>
  let batches: [[Episode]]

  init(_ settings: WorkloadSettings) throws {
    let inputs = settings.inputs
    let shape = EpisodeShape(ways: 5, shots: 1, queries: 5)
    let drawn = (0..<3).map { batch in
      (0..<32).map { task in
        let key = RandomKey(seed: 3)[batch][task]
        return Episode(
          support: Self.images(shape.shots, shape, key: key[0]), query: Self.images(shape.queries, shape, key: key[1]),
          shape: shape)
      }
    }
    let model = MultilayerPerceptron(784, [256, 128, 64, 64], 5, normalization: .batch)
    batches = try inputs.map { [try $0.episodes(like: drawn[0])] } ?? drawn
    trainer = MetaTrainer(
      try inputs.map { try $0.tree(model, "model") } ?? model, learner: MAML(innerRate: 0.5, steps: 1),
      optimizer: Adam(learningRate: 1e-3), objective: .classification, workers: settings.threads)
  }

  /// Some images of each class, class after class.
  private static func images(_ each: Int, _ shape: EpisodeShape, key: RandomKey) -> Batch {
    let labels = (0..<(shape.ways * each)).map { Int32($0 / each) }
    return Batch(
      inputs: .randomUniform([shape.ways * each, 784], in: 0..<1, key: key).evaluated(), targets: Tensor(labels))
  }
}
