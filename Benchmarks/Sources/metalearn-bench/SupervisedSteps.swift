import MetaLearning

/// The classifier of W6 and W8.
private func classifier(_ inputs: InputFile?) throws -> MultilayerPerceptron {
  let model = MultilayerPerceptron(784, [128], 10)
  return try inputs.map { try $0.tree(model, "model") } ?? model
}

/// Three batches to use in turn, or the one of the file.
private func batches(of examples: Int, _ inputs: InputFile?) throws -> [Batch] {
  let drawn = (0..<3).map { Batch.random(examples, features: 784, classes: 10, key: RandomKey(seed: 4)[$0]) }
  return try inputs.map { [try $0.tree(drawn[0], "batch")] } ?? drawn
}

/// W6: one step of supervised training, written out by hand and compiled.
struct TrainingStep: Workload {
  private struct State: TensorTree {
    var model: MultilayerPerceptron
    var optimizer: OptimizerState<MultilayerPerceptron>
  }

  private var state: State
  private let advanced: @Sendable (State, Batch) -> State
  private let batches: [Batch]

  init(_ settings: WorkloadSettings) throws {
    let inputs = settings.inputs
    let model = try classifier(inputs)
    let optimizer = Adam(learningRate: 1e-3)
    state = State(model: model, optimizer: optimizer.initialState(for: model))
    batches = try metalearn_bench.batches(of: 32, inputs)
    advanced = compiled(workers: settings.threads) { state, batch in
      var state = state
      let descent = gradient(at: state.model) { Self.objective.loss($0, batch) }
      optimizer.update(&state.model, along: descent, state: &state.optimizer)
      return state
    }
  }

  private static var objective: Objective<MultilayerPerceptron> { .classification }

  mutating func step(_ index: Int) { state = advanced(state, batches[index % batches.count]) }

  private var model: MultilayerPerceptron { state.model }
  var inputs: NamedTensors { model.named("model").merging(batches[0].named("batch")) { $1 } }
  var result: NamedTensors {
    gradient(at: model) { Self.objective.loss($0, batches[0]) }.named("result")
  }
}

/// W8: the Hessian of W6's loss times a vector.
struct HessianProduct: Workload {
  private let model: MultilayerPerceptron
  private let vector: MultilayerPerceptron
  private let batches: [Batch]
  private let product: @Sendable (MultilayerPerceptron, MultilayerPerceptron, Batch) -> MultilayerPerceptron

  init(_ settings: WorkloadSettings) throws {
    let inputs = settings.inputs
    product = compiled(workers: settings.threads) { model, vector, batch in
      hessianVectorProduct(at: model, along: vector) { Objective.classification.loss($0, batch) }
    }
    model = try classifier(inputs)
    let key = RandomKey(seed: 5)
    var drawn = model.trainable.enumerated().map { Tensor.randomNormal($1.shape, key: key[$0]) }[...]
    let vector = model.replacingTrainable(from: &drawn)
    self.vector = try inputs.map { try $0.tree(vector, "vector") } ?? vector
    batches = try metalearn_bench.batches(of: 256, inputs)
  }

  func step(_ index: Int) { _ = product(model, vector, batches[index % batches.count]) }

  var inputs: NamedTensors {
    model.named("model").merging(vector.named("vector")) { $1 }.merging(batches[0].named("batch")) { $1 }
  }
  var result: NamedTensors { product(model, vector, batches[0]).named("result") }
}
