import Foundation

/// The settings of a meta-training run.
public struct MetaTrainingOptions: Sendable, Codable, Equatable {
  /// Outer steps.
  public var iterations = 1000
  /// Tasks in an outer step.
  public var metaBatch = 32
  /// Outer steps in a record of the history.
  public var recordEvery = 10
  /// Outer steps between validations; a multiple of `recordEvery`.
  public var validateEvery = 100
  /// Tasks in a validation.
  public var validationTasks = 200
  /// How the outer learning rate changes, from step to step.
  public var schedule = LearningRateSchedule.constant
  /// The norm to which the meta-gradient is clipped; nil leaves it.
  public var clipNorm: Double?

  public init() {}

  /// What makes no sense about the settings; nil where nothing is wrong.
  var mistake: String? {
    let counts = [
      ("iterations", iterations), ("metaBatch", metaBatch), ("recordEvery", recordEvery),
      ("validateEvery", validateEvery), ("validationTasks", validationTasks),
    ]
    if let (name, count) = counts.first(where: { $1 < 1 }) { return "\(name) must be at least 1; given was \(count)" }
    if let clipNorm, !(clipNorm > 0) { return "clipNorm must be positive; given was \(clipNorm)" }
    return nil
  }
}

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

  /// The iterations done, and the figures of the stretch that has no record yet.
  public struct Position: Sendable, Codable, Equatable {
    public var iteration = 0
    var loss = 0.0
    var score = 0.0
    var count = 0
    var seconds = 0.0
  }

  private let key: RandomKey
  private let baseRate: Double

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
  }

  /// Whether the options' iterations are done.
  public var isFinished: Bool { position.iteration >= options.iterations }

  /// Takes the next step; gives what it found and the record that it completed.
  ///
  /// - Throws: A `UserError` where the outer loss is not finite; the run then stays as it was before the step.
  public mutating func advance() throws -> (
    result: MetaTrainer<M, Learner, Outer>.StepResult, record: MetaHistory.Record?
  ) {
    let start = Date()
    let stepKey = key[0][position.iteration]
    let rate = options.schedule.learningRate(baseRate, at: position.iteration)
    trainer.learningRate = rate
    trainer.clipNorm = options.clipNorm
    let tasks = tasks
    let result = trainer.step(tasks: options.metaBatch) { tasks.episode(key: stepKey[$0]) }
    guard result.loss.isFinite else {
      throw UserError(
        "The outer loss is no longer finite at iteration \(position.iteration + 1): try a lower inner or outer rate, and "
          + "look for NaN or infinity in the data.")
    }
    position.iteration += 1
    position.loss += result.loss
    position.score += result.score
    position.count += 1
    position.seconds += Date().timeIntervalSince(start)
    guard position.iteration % options.recordEvery == 0 || isFinished else { return (result, nil) }
    return (result, completeRecord(rate))
  }

  private mutating func completeRecord(_ rate: Double) -> MetaHistory.Record {
    let count = Double(position.count)
    var record = MetaHistory.Record(
      iteration: position.iteration, loss: position.loss / count, score: position.score / count, learningRate: rate,
      seconds: position.seconds)
    if let validation, position.iteration % options.validateEvery == 0 || isFinished {
      let after = trainer.learner.evaluate(
        trainer.model, on: validation, tasks: options.validationTasks, objective: trainer.objective, key: key[1],
        workers: trainer.workers
      ).after(trainer.learner.steps)
      record.validationScore = after.estimate.value
      record.validationCI95 = after.estimate.ci95
    }
    history.records.append(record)
    (position.loss, position.score, position.count) = (0, 0, 0)
    return record
  }
}

extension MetaTrainingRun {
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
