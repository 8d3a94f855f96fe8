import Testing

@testable import Training

@Suite struct FitOptionsTests {
  private let key = RandomKey(seed: 9)
  private var data: Batch { TrainingData.blobs(60, key: key[0]) }
  private var untrained: MultilayerPerceptron { TrainingData.classifier(key: key[1]) }

  @Test func settingsAsAValueDoTheSame() throws {
    var options = FitOptions()
    options.validation = 0.25
    options.epochs = 3
    options.batchSize = 7
    options.schedule = .exponential(factor: 0.9)
    var (one, other) = (untrained, untrained)
    let first = try fit(
      &one, data, validation: 0.25, epochs: 3, batchSize: 7, optimizer: SGD(learningRate: 0.1),
      schedule: .exponential(factor: 0.9), key: key)
    let second = try fit(&other, data, options, optimizer: SGD(learningRate: 0.1), key: key)
    #expect(bits(one) == bits(other))
    #expect(first.epochs.map(\.loss) == second.epochs.map(\.loss))
  }

  /// The rate is a tenth after each step: the model after two steps is that of two steps by hand, the second with a
  /// tenth of the rate.
  @Test func theScheduleIsAppliedStepByStep() throws {
    var fitted = untrained
    let history = try fit(
      &fitted, data, validation: 0, epochs: 2, batchSize: 60, optimizer: SGD(learningRate: 0.5),
      schedule: .step(every: 1, factor: 0.1), key: key)
    expectClose(history.epochs[0].learningRate, 0.5, 1e-15)
    expectClose(history.epochs[1].learningRate, 0.05, 1e-15)

    var generator = key[0].makeGenerator()
    let order = generator.choose(60, outOf: 60)
    var model = untrained
    for rate in [0.5, 0.5 * 0.1] {
      let batch = data.batch(of: generator.choose(60, outOf: 60).map { order[$0] })
      let descent = gradient(at: model) { softmaxCrossEntropy(logits: $0(batch.inputs), labels: batch.targets) }
      SGD(learningRate: rate).update(&model, along: descent)
    }
    #expect(bits(fitted) == bits(model))
  }

  @Test func aScheduleThatEndsAtZeroStopsTheModel() throws {
    var (short, long) = (untrained, untrained)
    let schedule = LearningRateSchedule.cosine(steps: 4)
    try fit(&short, data, validation: 0, epochs: 1, batchSize: 15, schedule: schedule, key: key)
    let history = try fit(&long, data, validation: 0, epochs: 3, batchSize: 15, schedule: schedule, key: key)
    #expect(history.epochs[2].learningRate == 0)
    #expect(bits(short) == bits(long))
    #expect(bits(short) != bits(untrained))
  }

  /// An augmentation that wipes the inputs out: training sees zeros, validation what there is.
  @Test func augmentationChangesOnlyTraining() throws {
    let wipe = BatchAugmentation { batch, _ in Batch(inputs: .zeros(like: batch.inputs), targets: batch.targets) }
    func losses(_ augmentation: BatchAugmentation) throws -> History.Epoch {
      var model = untrained
      return try fit(
        &model, data, epochs: 1, optimizer: SGD(learningRate: 0), augmentation: augmentation, key: key
      ).epochs[0]
    }
    let (plain, wiped) = (try losses(.none), try losses(wipe))
    // Without biases yet, the model answers zeros with zeros: the cross-entropy of three equal odds is log 3.
    expectClose(wiped.loss, 1.0986122886681098, 1e-6)
    #expect(plain.loss != wiped.loss)
    #expect(plain.validationLoss == wiped.validationLoss)
    #expect(plain.validationScore == wiped.validationScore)
  }

  /// Each step and each epoch is changed with a key of its own.
  @Test func augmentationDrawsAnewInEveryStep() throws {
    // Targets that say what was drawn: the loss of a model of zeros is the mean of their squares.
    let draw = BatchAugmentation { batch, key in
      Batch(inputs: batch.inputs, targets: .full([batch.count, 1], key.makeGenerator().first(), .float32))
    }
    var model = Dense(weight: .zeros([1, 1]), bias: .zeros([1]))
    let examples = Batch(inputs: .ones([4, 1]), targets: .zeros([4, 1]))
    let history = try fit(
      &model, examples, validation: 0, epochs: 6, batchSize: 4, optimizer: SGD(learningRate: 0), augmentation: draw,
      objective: .regression, key: key)
    #expect(Set(history.epochs.map(\.loss)).count == 6)
  }

  @Test func shiftsMoveImages() throws {
    let image = Tensor.arange(9).reshaped([1, 3, 3, 1])
    let batch = Batch(inputs: image, targets: Tensor([Int32(0)]))
    let shifts = BatchAugmentation.images(Augmentation(shift: 1))
    var seen: Set<[Float]> = []
    for index in 0..<200 {
      let moved = shifts(batch, key: key[index])
      #expect(moved.inputs.shape == [1, 3, 3, 1])
      #expect(moved.targets.scalars(as: Int32.self) == [0])
      #expect(
        moved.inputs.floats == Augmentation(shift: 1).applied(to: image.floats, height: 3, width: 3, key: key[index]))
      seen.insert(moved.inputs.floats)
    }
    #expect(seen.count == 9, "all nine shifts of up to one pixel")
  }

  @Test func onEpochCanStop() throws {
    var (stopped, short) = (untrained, untrained)
    let history = try fit(&stopped, data, epochs: 10, key: key) { $0.epoch < 3 }
    #expect(history.epochs.map(\.epoch) == [1, 2, 3])
    try fit(&short, data, epochs: 3, key: key)
    #expect(bits(stopped) == bits(short), "the model is that of the last epoch")
  }

  @Test func settingsThatMakeNoSenseAreNamed() {
    func attempt(
      _ data: Batch? = nil, validation: Double = 0.2, epochs: Int = 1, batchSize: Int = 8
    ) throws {
      var model = untrained
      defer { #expect(bits(model) == bits(untrained)) }
      try fit(&model, data ?? self.data, validation: validation, epochs: epochs, batchSize: batchSize, key: key)
    }
    expectUserError("positive", "0 and 8") { try attempt(epochs: 0) }
    expectUserError("positive", "1 and -3") { try attempt(batchSize: -3) }
    expectUserError("at least 0 and below 1", "given was 1.0") { try attempt(validation: 1) }
    expectUserError("given was -0.1") { try attempt(validation: -0.1) }
    expectUserError("given was nan") { try attempt(validation: .nan) }
    expectUserError("no examples") { try attempt(data.batch(of: [])) }
    expectUserError("no examples") { try attempt(data.batch(of: [0]), validation: 0.9) }
  }

  /// A NaN among the data stops the run in the epoch in which it is met, whether it is trained on or held out; the model
  /// is that of the epoch before.
  @Test(arguments: [false, true]) func lossesThatAreNotFiniteStop(isHeldOut: Bool) throws {
    var generator = key[0].makeGenerator()
    let order = generator.choose(60, outOf: 60)
    var values = data.inputs.floats
    values[2 * (isHeldOut ? order[0] : order[59])] = .nan
    let broken = Batch(inputs: Tensor(values, shape: [60, 2]), targets: data.targets)
    var model = untrained
    let sentence = isHeldOut ? "validation loss is not finite at the end of" : "loss is no longer finite at step"
    expectUserError(sentence, "epoch 1", "NaN") {
      try fit(&model, broken, validation: 0.2, epochs: 3, batchSize: 10, key: key)
    }
    #expect(bits(model) == bits(untrained))
  }

  /// A learning rate that is far too high: the first epoch ends with weights of about 1e30, the second fails.
  @Test func theModelIsThatOfTheLastGoodEpoch() throws {
    let huge = SGD(learningRate: 1e30)
    var (model, first) = (untrained, untrained)
    try fit(&first, data, validation: 0, epochs: 1, batchSize: 60, optimizer: huge, key: key)
    expectUserError("step 2, in epoch 2", "lower learning rate") {
      try fit(&model, data, validation: 0, epochs: 3, batchSize: 60, optimizer: huge, key: key)
    }
    #expect(bits(model) == bits(first))
    #expect(bits(model) != bits(untrained))
  }

  /// The only step's loss is finite, the weights after it are not.
  @Test func weightsThatAreNotFiniteStop() {
    var model = untrained
    expectUserError("weights are no longer finite at the end of epoch 1") {
      try fit(
        &model, data, validation: 0, epochs: 1, batchSize: 60, optimizer: SGD(learningRate: 1e60), key: key)
    }
    #expect(bits(model) == bits(untrained))
  }
}

extension KeyedGenerator {
  /// The first number that the generator draws.
  fileprivate func first() -> Double {
    var generator = self
    return generator.uniform()
  }
}
