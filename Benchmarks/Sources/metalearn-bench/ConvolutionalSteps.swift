import MetaLearning

/// What the convolutional workloads are: the net, the tasks and the inner loop.
struct ConvolutionalSetting {
  var net: @Sendable (RandomKey) -> ConvNet4
  var image: Shape
  var tasks: Int
  var ways = 5
  var steps: Int
  var rate: Double
  var order = MAML<SGD>.Order.second
  var loop = InnerLoop.automatic

  private static func omniglot(_ ways: Int) -> @Sendable (RandomKey) -> ConvNet4 {
    { ConvNet4.strided(64, outputs: ways, key: $0) }
  }

  static let w3 = ConvolutionalSetting(net: omniglot(5), image: [28, 28, 1], tasks: 32, steps: 1, rate: 0.4)
  static let w4 = ConvolutionalSetting(net: omniglot(20), image: [28, 28, 1], tasks: 16, ways: 20, steps: 5, rate: 0.1)
  static let w5 = ConvolutionalSetting(
    net: { ConvNet4.maxPooled(32, image: 84, outputs: 5, key: $0) }, image: [84, 84, 3], tasks: 4, steps: 5, rate: 0.01)

  var firstOrder: ConvolutionalSetting {
    var copy = self
    copy.order = .first
    return copy
  }

  var unrolled: ConvolutionalSetting {
    var copy = self
    copy.loop = .unrolled
    return copy
  }

  /// A model of float32, and three batches of tasks with noise for images: one support image and 15 queries a class.
  var model: ConvNet4 { net(RandomKey(seed: 0)) }
  func batches(tasks: Int) -> [[Episode]] {
    let shape = EpisodeShape(ways: ways, shots: 1, queries: 15)
    return (0..<3).map { batch in
      (0..<tasks).map { task in
        let key = RandomKey(seed: 6)[batch][task]
        return Episode(
          support: images(shape.shots, key: key[0]), query: images(shape.queries, key: key[1]), shape: shape)
      }
    }
  }

  /// Some images of each class, class after class.
  private func images(_ each: Int, key: RandomKey) -> Batch {
    let labels = (0..<(ways * each)).map { Int32($0 / each) }
    return Batch(inputs: .randomNormal([labels.count] + image, key: key).evaluated(), targets: Tensor(labels))
  }
}

/// W3, W4 and W5: the outer step of MAML with a convolutional net.
struct ConvolutionalMetaStep: MetaStep {
  var trainer: MetaTrainer<ConvNet4, MAML<SGD>, Adam>
  let batches: [[Episode]]

  init(_ setting: ConvolutionalSetting, _ settings: WorkloadSettings) throws {
    let (inputs, drawn) = (settings.inputs, setting.batches(tasks: setting.tasks))
    batches = try inputs.map { [try $0.episodes(like: drawn[0])] } ?? drawn
    trainer = MetaTrainer(
      try inputs.map { try $0.tree(setting.model, "model") } ?? setting.model,
      learner: MAML(innerRate: setting.rate, steps: setting.steps, order: setting.order, loop: setting.loop),
      optimizer: Adam(learningRate: 1e-3), objective: .classification, workers: settings.threads)
    trainer.precision = settings.precision
  }
}

/// W7: adaptation of W3's net to five images, and the labels that it then gives to 75.
struct AdaptationStep: Workload {
  private let model: ConvNet4
  private let batches: [[Episode]]
  private let labels: @Sendable (ConvNet4, Batch, Tensor) -> Tensor

  init(steps: Int, _ settings: WorkloadSettings) throws {
    let drawn = ConvolutionalSetting.w3.batches(tasks: 1)
    let model = ConvolutionalSetting.w3.model
    self.model = try settings.inputs.map { try $0.tree(model, "model") } ?? model
    batches = try settings.inputs.map { [try $0.episodes(like: drawn[0])] } ?? drawn
    let maml = MAML(innerRate: 0.4, steps: steps)
    labels = compiled(workers: settings.threads, precision: settings.precision) { model, support, images in
      maml.adapt(model, to: support, objective: .classification)(images).argmax()
    }
  }

  func step(_ index: Int) {
    let episode = batches[index % batches.count][0]
    _ = labels(model, episode.support, episode.query.inputs).evaluated()
  }

  var inputs: NamedTensors { model.named("model") }
  /// The outputs of the adapted model, from which the labels are read.
  var result: NamedTensors {
    let episode = batches[0][0]
    let adapted = MAML(innerRate: 0.4, steps: 1).adapt(model, to: episode.support, objective: .classification)
    return ["result.outputs": adapted(episode.query.inputs)]
  }
}

/// W9: a training step of prototypical networks (Snell et al., 2017): 20 classes of 5 support and 5 query images, embedded by
/// W3's net without its head, and classified by their squared distance to the classes' means.
struct PrototypeStep: Workload {
  private struct State: TensorTree {
    var model: ConvNet4
    var optimizer: OptimizerState<ConvNet4>
  }

  private static let (ways, shots, queries) = (20, 5, 5)
  private var state: State
  private let advanced: @Sendable (State, Tensor) -> State
  private let batches: [Tensor]

  init(_ settings: WorkloadSettings) throws {
    let setting = ConvolutionalSetting.w3
    let model = try settings.inputs.map { try $0.tree(setting.model, "model") } ?? setting.model
    let optimizer = Adam(learningRate: 1e-3)
    state = State(model: model, optimizer: optimizer.initialState(for: model))
    let shape = [Self.ways * (Self.shots + Self.queries)] + setting.image
    batches = (0..<3).map { Tensor.randomNormal(shape, key: RandomKey(seed: 7)[$0]).evaluated() }
    advanced = compiled(workers: settings.threads, precision: settings.precision) { state, images in
      var state = state
      let descent = gradient(at: state.model) { Self.loss($0, images) }
      optimizer.update(&state.model, along: descent, state: &state.optimizer)
      return state
    }
  }

  private static func loss(_ model: ConvNet4, _ images: Tensor) -> Tensor {
    let features = model.features(of: images)
    let count = ways * shots
    let prototypes = features[..<count].reshaped([ways, shots, -1]).mean(1)
    let queries = features[count...]
    let distances = square(queries.expandingAxis(at: 1) - prototypes).sum(2)
    let labels = Tensor((0..<(ways * Self.queries)).map { Int32($0 / Self.queries) })
    return softmaxCrossEntropy(logits: -distances, labels: labels)
  }

  mutating func step(_ index: Int) { state = advanced(state, batches[index % batches.count]) }

  var inputs: NamedTensors { state.model.named("model").merging(["images": batches[0]]) { $1 } }
  var result: NamedTensors { gradient(at: state.model) { Self.loss($0, batches[0]) }.named("result") }
}
