import Foundation

/// The settings of a supervised training run.
public struct FitOptions: Sendable {
  /// The share of the examples that is held out, chosen at random, for validation.
  public var validation = 0.2
  /// How often every training example is met.
  public var epochs = 10
  /// The examples of a step; the last batch of an epoch may be smaller.
  public var batchSize = 32
  /// How the learning rate changes, from step to step.
  public var schedule = LearningRateSchedule.constant
  /// A change made to every training batch, such as `.images(Augmentation(shift: 2))`.
  public var augmentation = BatchAugmentation.none

  public init() {}
}

/// Trains a model on labelled examples as people know it, and returns what it saw.
///
/// ```swift
/// let history = try fit(&model, mnist.train, validation: 0.2, epochs: 10, batchSize: 32, optimizer: Adam(), key: key)
/// ```
///
/// By hand, the same is a loop over batches of
/// `let (loss, gradient) = valueAndGradient(at: model) { softmaxCrossEntropy(logits: $0(x), labels: y) }` and
/// `optimizer.update(&model, along: gradient, state: &state)`; see `Examples/MNISTByHand`.
///
/// - Throws: A `UserError` where the settings make no sense, or where the loss or the weights stop being finite; the
///   model then is as it was at the end of the last epoch.
@discardableResult
public func fit<M: Layer>(
  _ model: inout M, _ train: some ExampleSource, validation: Double = 0.2, epochs: Int = 10, batchSize: Int = 32,
  optimizer: some Optimizer = Adam(), schedule: LearningRateSchedule = .constant,
  augmentation: BatchAugmentation = .none, objective: Objective<M> = .classification, key: RandomKey,
  onEpoch: (History.Epoch) -> Bool = { _ in true }
) throws -> History {
  var options = FitOptions()
  options.validation = validation
  options.epochs = epochs
  options.batchSize = batchSize
  options.schedule = schedule
  options.augmentation = augmentation
  return try fit(&model, train, options, optimizer: optimizer, objective: objective, key: key, onEpoch: onEpoch)
}

/// Trains a model with settings given as a value; `onEpoch` sees each epoch and returns whether to go on.
@discardableResult
public func fit<M: Layer>(
  _ model: inout M, _ train: some ExampleSource, _ options: FitOptions, optimizer: some Optimizer,
  objective: Objective<M> = .classification, key: RandomKey, onEpoch: (History.Epoch) -> Bool = { _ in true }
) throws -> History {
  guard options.epochs > 0, options.batchSize > 0 else {
    throw UserError("Epochs and batch size must be positive; given were \(options.epochs) and \(options.batchSize).")
  }
  guard options.validation >= 0, options.validation < 1 else {
    throw UserError("The validation share must be at least 0 and below 1; given was \(options.validation).")
  }
  var generator = key[0].makeGenerator()
  let order = generator.choose(train.count, outOf: train.count)
  let heldOut = Int((Double(train.count) * options.validation).rounded())
  let (validation, training) = (Array(order.prefix(heldOut)), Array(order.dropFirst(heldOut)))
  guard !training.isEmpty else { throw UserError("There are no examples to train on.") }

  var stepper = SupervisedStepper(model, optimizer: optimizer, objective: objective)
  var history = History(metric: objective.metric)
  var step = 0
  let advice = ": try a lower learning rate, and look for NaN or infinity in the data."
  for epoch in 1...options.epochs {
    let start = Date()
    var (loss, score) = (0.0, 0.0)
    let shuffled = generator.choose(training.count, outOf: training.count).map { training[$0] }
    for indices in batches(of: shuffled, size: options.batchSize) {
      let stepKey = key[1][step]
      let batch = options.augmentation(train.batch(of: indices), key: stepKey[0])
      stepper.rate = options.schedule.multiplier(at: step)
      let result = stepper.step(on: batch, key: stepKey[1])
      guard result.loss.isFinite else {
        throw UserError("The loss is no longer finite at step \(step + 1), in epoch \(epoch)\(advice)")
      }
      loss += result.loss * Double(indices.count)
      score += result.score * Double(indices.count)
      step += 1
    }
    // The last step of an epoch can spoil the weights after its loss was still finite.
    let trained = stepper.model
    guard trained.trainable.allSatisfy({ $0.doubles.allSatisfy(\.isFinite) }) else {
      throw UserError("The weights are no longer finite at the end of epoch \(epoch)\(advice)")
    }
    let held =
      validation.isEmpty
      ? nil : evaluate(trained, on: Subset(source: train, indices: validation), objective: objective)
    guard held?.loss.isFinite != false else {
      throw UserError("The validation loss is not finite at the end of epoch \(epoch)\(advice)")
    }
    model = trained
    let record = History.Epoch(
      epoch: epoch, loss: loss / Double(training.count), score: score / Double(training.count),
      validationLoss: held?.loss, validationScore: held?.score.value, learningRate: stepper.currentRate,
      seconds: Date().timeIntervalSince(start))
    history.epochs.append(record)
    if !onEpoch(record) { break }
  }
  return history
}

/// A change made to each training batch.
public struct BatchAugmentation: Sendable {
  private let change: @Sendable (Batch, RandomKey) -> Batch

  /// A change that draws its randomness from the key.
  public init(_ change: @escaping @Sendable (Batch, RandomKey) -> Batch) { self.change = change }

  func callAsFunction(_ batch: Batch, key: RandomKey) -> Batch { change(batch, key) }

  /// No change.
  public static let none = BatchAugmentation { batch, _ in batch }

  /// Each image [examples, height, width, channels] changed in its own way.
  public static func images(_ augmentation: Augmentation) -> BatchAugmentation {
    guard !augmentation.isNone else { return none }
    return BatchAugmentation { batch, key in
      let shape = batch.inputs.shape
      let changed = augmentation.applied(
        to: batch.inputs.floats, height: shape[1], width: shape[2], channels: shape[3], key: key)
      return Batch(inputs: Tensor(changed, shape: shape), targets: batch.targets)
    }
  }
}

/// Some examples of a source.
struct Subset<Source: ExampleSource>: ExampleSource {
  let source: Source
  let indices: [Int]

  var count: Int { indices.count }
  func batch(of positions: [Int]) -> Batch { source.batch(of: positions.map { indices[$0] }) }
}
