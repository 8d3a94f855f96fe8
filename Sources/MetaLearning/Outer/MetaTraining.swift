import Foundation

/// A meta-training run: a trainer, where it stands, and what it has seen.
///
/// Every task is drawn from a key that belongs to its iteration and number, so a run that was saved and goes on reaches
/// the same weights, bit for bit, as one that was never interrupted.
public struct MetaTrainingRun<M: Model, Learner: MetaLearner, Outer: Optimizer, Tasks: TaskDistribution>: Sendable {
  public private(set) var trainer: MetaTrainer<M, Learner, Outer>
  public let tasks: Tasks
  public let validation: Tasks?
  public let options: MetaTrainingOptions
  public private(set) var history: MetaHistory
  /// Where the run stands.
  public private(set) var position = Position()

  /// The iterations done, the figures of the stretch that has no record yet, and the best validation so far.
  public struct Position: Sendable, Codable, Equatable {
    public var iteration = 0
    var loss = 0.0
    var score = 0.0
    var gradientNorm: Double? = 0.0
    var count = 0
    var seconds = 0.0
    /// The seconds that steps have waited for tasks that are drawn ahead; nil where the workers draw them.
    var waited: Double?
    /// The iteration with the best validation, and its score; nil before the first.
    public var best: Best?
    /// Validations since that one.
    var validationsSinceBest: Int? = 0
  }

  /// The best validation of a run.
  public struct Best: Sendable, Codable, Equatable {
    public var iteration: Int
    public var score: Double
  }

  private let key: RandomKey
  private let baseRate: Double
  /// Tasks drawn ahead; nil where drawing them is so cheap that the workers do it.
  private let queue: TaskQueue?
  /// The time for the tasks of a step from which on they are drawn ahead: handing them over costs some 0.1 ms.
  private static var worthQueueing: Double { 1e-3 }

  /// A run from the start: `tasks` to train on, `validation` tasks of other classes to look at meanwhile.
  public init(
    _ trainer: MetaTrainer<M, Learner, Outer>, tasks: Tasks, validation: Tasks? = nil, options: MetaTrainingOptions,
    key: RandomKey
  ) {
    if let mistake = options.mistake { stop("MetaTrainingOptions: \(mistake)") }
    self.trainer = trainer
    self.tasks = tasks
    self.validation = validation
    self.options = options
    self.key = key
    history = MetaHistory(metric: trainer.objective.metric)
    baseRate = trainer.learningRate
    let count = options.metaBatch
    let start = Date()
    _ = tasks.episodes(count, key: key[0][0])
    let isCheap = Date().timeIntervalSince(start) < Self.worthQueueing
    queue = isCheap && tasks.hasOneShape ? nil : TaskQueue { step in tasks.episodes(count, key: key[0][step]) }
  }

  /// Whether the options' iterations are done, or validation has not been better for as long as the options' patience.
  public var isFinished: Bool { position.iteration >= options.iterations || isOutOfPatience }

  /// Whether the run has ended before its last iteration.
  public var isOutOfPatience: Bool {
    options.patience.map { position.validationsSinceBest ?? 0 >= $0 } ?? false
  }

  /// Takes the next step; gives what it found and the record that it completed.
  ///
  /// - Throws: A `UserError` where the outer loss is not finite; the run then stays as it was before the step.
  public mutating func advance() throws -> (
    result: MetaTrainer<M, Learner, Outer>.StepResult, record: MetaHistory.Record?
  ) {
    let start = Date()
    let rate = options.schedule.learningRate(baseRate, at: position.iteration)
    trainer.learningRate = rate
    trainer.clipNorm = options.clipNorm
    let (tasks, stepKey) = (tasks, key[0][position.iteration])
    let result: MetaTrainer<M, Learner, Outer>.StepResult
    var waited: Double?
    if let queue {
      let taken = queue.take(position.iteration)
      waited = taken.waited
      result = trainer.step(on: taken.episodes)
    } else {
      result = trainer.step(tasks: options.metaBatch) { tasks.episode(key: stepKey[$0]) }
    }
    guard result.isFinite else {
      let place = trainer.firstNonFinite(in: tasks.episodes(options.metaBatch, key: stepKey))
      throw UserError(
        "A number is no longer finite at iteration \(position.iteration + 1), first in "
          + "\(place ?? "the sum over the tasks"); the weights before it are kept. Try a lower inner or outer rate, or "
          + "clip the gradient (--clip-norm).")
    }
    position.iteration += 1
    position.loss += result.loss
    position.score += result.score
    position.gradientNorm = (position.gradientNorm ?? 0) + result.gradientNorm
    position.count += 1
    position.seconds += Date().timeIntervalSince(start)
    if let waited { position.waited = (position.waited ?? 0) + waited }
    guard position.iteration % options.recordEvery == 0 || isFinished else { return (result, nil) }
    return (result, completeRecord(rate))
  }

  private mutating func completeRecord(_ rate: Double) -> MetaHistory.Record {
    let count = Double(position.count)
    var record = MetaHistory.Record(
      iteration: position.iteration, loss: position.loss / count, score: position.score / count,
      gradientNorm: position.gradientNorm.map { $0 / count }, learningRate: rate, seconds: position.seconds,
      waited: position.waited)
    if let validation, position.iteration % options.validateEvery == 0 || isFinished {
      let after = trainer.learner.evaluate(
        trainer.model, on: validation, tasks: options.validationTasks, objective: trainer.objective, key: key[1],
        workers: trainer.workers
      ).after(trainer.learner.steps)
      record.validationScore = after.estimate.value
      record.validationCI95 = after.estimate.ci95
      note(after.estimate.value)
    }
    history.records.append(record)
    (position.loss, position.score, position.gradientNorm, position.count) = (0, 0, 0, 0)
    return record
  }
}

extension MetaTrainingRun {
  /// Whether the weights as they are now are those of the best validation.
  public var isAtBest: Bool { position.best?.iteration == position.iteration }

  private mutating func note(_ score: Double) {
    let isHigher = trainer.objective.metric.isBetterHigher
    let isBetter = position.best.map { isHigher ? score > $0.score : score < $0.score } ?? score.isFinite
    if isBetter { position.best = Best(iteration: position.iteration, score: score) }
    position.validationsSinceBest = isBetter ? 0 : (position.validationsSinceBest ?? 0) + 1
  }

  /// Writes the weights, the outer optimizer's memory and the position to one file.
  public func saveCheckpoint(to url: URL) throws {
    let encoder = JSONEncoder()
    // Doubles survive JSON exactly: they are written with all their digits.
    let position = String(decoding: try encoder.encode(position), as: UTF8.self)
    try SafeTensors.write(trainer.state, metadata: ["position": position], to: url)
  }

  /// Goes back to a checkpoint of the same run and takes the history up to it.
  ///
  /// - Throws: A `UserError` where the file is damaged or of another model; the run then stays as it was.
  public mutating func restore(from url: URL, records: [MetaHistory.Record]) throws {
    guard let text = try SafeTensors.read(from: url).metadata["position"],
      let saved = try? JSONDecoder().decode(Position.self, from: Data(text.utf8))
    else {
      throw UserError("The file '\(url.path)' is not a checkpoint of a run: it does not say where the run stood.")
    }
    do {
      trainer.state = try trainer.state.loading(weightsFrom: url)
    } catch let error as UserError {
      throw UserError("The checkpoint is of another model or outer optimizer than the run's: \(error)")
    }
    position = saved
    history.records = records.filter { $0.iteration <= saved.iteration }
  }
}
