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

/// W6: one step of supervised training, written out by hand, for the library's own step is not public.
struct TrainingStep: Workload {
  private var model: MultilayerPerceptron
  private var state: OptimizerState<MultilayerPerceptron>
  private let optimizer = Adam(learningRate: 1e-3)
  private let objective = Objective<MultilayerPerceptron>.classification
  private let batches: [Batch]

  init(inputs: InputFile?) throws {
    model = try classifier(inputs)
    state = optimizer.initialState(for: model)
    batches = try metalearn_bench.batches(of: 32, inputs)
  }

  mutating func step(_ index: Int) {
    let batch = batches[index % batches.count]
    let (loss, descent) = valueAndGradient(at: model) { objective.loss($0, batch) }
    optimizer.update(&model, along: descent, state: &state)
    Tensor.evaluate(model.trainable + state.leaves.map(\.tensor) + [loss])
  }

  var inputs: NamedTensors { model.named("model").merging(batches[0].named("batch")) { $1 } }
  var result: NamedTensors { gradient(at: model) { objective.loss($0, batches[0]) }.named("result") }
}

/// W8: the Hessian of W6's loss times a vector.
struct HessianProduct: Workload {
  private let model: MultilayerPerceptron
  private let vector: MultilayerPerceptron
  private let objective = Objective<MultilayerPerceptron>.classification
  private let batches: [Batch]

  init(inputs: InputFile?) throws {
    model = try classifier(inputs)
    let key = RandomKey(seed: 5)
    var drawn = model.trainable.enumerated().map { Tensor.randomNormal($1.shape, key: key[$0]) }[...]
    let vector = model.replacingTrainable(from: &drawn)
    self.vector = try inputs.map { try $0.tree(vector, "vector") } ?? vector
    batches = try metalearn_bench.batches(of: 256, inputs)
  }

  func step(_ index: Int) { Tensor.evaluate(product(on: batches[index % batches.count]).trainable) }

  private func product(on batch: Batch) -> MultilayerPerceptron {
    hessianVectorProduct(at: model, along: vector) { objective.loss($0, batch) }
  }

  var inputs: NamedTensors {
    model.named("model").merging(vector.named("vector")) { $1 }.merging(batches[0].named("batch")) { $1 }
  }
  var result: NamedTensors { product(on: batches[0]).named("result") }
}
