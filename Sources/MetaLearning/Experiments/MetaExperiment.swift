import Foundation

/// A meta-training run from its configuration to a folder with weights, figures and pictures: what `metalearn train`,
/// `evaluate` and `adapt` do.
public struct MetaExperiment: Sendable {
  public typealias Net = ExperimentNet

  public let configuration: MetaConfiguration
  /// The weights before training.
  public let initialModel: Net
  let tasks: ExperimentTasks
  let objective: Objective<Net>
  private let workers: Int?

  /// Checks the configuration and loads the data.
  public init(_ configuration: MetaConfiguration, workers: Int? = nil) throws {
    self.workers = workers
    tasks = try ExperimentTasks(configuration)
    var configuration = configuration
    switch configuration.dataset {
    case .folder: configuration.pictures.split = tasks.split
    case .table, .classTable:
      (configuration.table.split, configuration.table.scaling) = (tasks.split, tasks.scaling)
      (configuration.table.features, configuration.table.classes) = (tasks.features, tasks.fixedClasses)
    case .arrays: (configuration.arrays.split, configuration.arrays.exampleShape) = (tasks.split, tasks.exampleShape)
    default: break
    }
    self.configuration = configuration
    initialModel = try Net(configuration, exampleShape: tasks.exampleShape, outputs: tasks.outputs)
    try configuration.requireAdaptedLayers(of: initialModel)
    objective = configuration.dataset.isRegression ? .regression : .classification
  }

  /// The test tasks as a learner gets them: with copies of the images, where there are to be some.
  var judged: AnyTasks {
    let configuration = configuration
    return tasks.test.changed { configuration.withCopies($0, key: $1) }
  }

  /// The files of the data that were left out, and why, a sentence each.
  public var skippedFiles: [String] { tasks.skipped }

  /// The experiment of an earlier run, also with some of its settings changed, such as what concerns its tests alone.
  public init(
    resuming folder: RunFolder, workers: Int? = nil, changing change: (inout MetaConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = try MetaConfiguration(of: folder)
    change(&configuration)
    try self.init(configuration, workers: workers)
  }

  /// The weights of a run.
  public func model(of folder: RunFolder) throws -> Net {
    try initialModel.loading(weightsFrom: configuration.finalFile("weights", of: folder))
  }

  /// How a run adapts: with what it has learned of its learner, such as inner rates.
  public func learner(of folder: RunFolder) throws -> any MetaLearner {
    try configuration.learner(of: folder, for: initialModel)
  }

  /// What a run has come to.
  public enum Outcome: Sendable { case finished, interrupted }

  /// Trains until done or interrupted, from the start or from a checkpoint of the folder, and leaves everything in the
  /// folder. `onStep` sees the iteration with the last step's loss and score, and the record that it completed.
  public func train(
    in folder: RunFolder, resuming: Bool = false, saving: CheckpointOptions = CheckpointOptions(),
    isInterrupted: () -> Bool = { false },
    onStep: (_ iteration: Int, _ loss: Double, _ score: Double, _ record: MetaHistory.Record?) -> Void
  ) throws -> Outcome {
    switch configuration.algorithm {
    case .maml:
      try train(configuration.maml, by: configuration.outer, in: folder, resuming, saving, isInterrupted, onStep)
    case .mamlPlusPlus, .metaSGD, .anil:
      try train(
        configuration.mamlPlusPlus, by: configuration.outer, in: folder, resuming, saving, isInterrupted, onStep)
    case .joint:
      try train(configuration.joint, by: configuration.outer, in: folder, resuming, saving, isInterrupted, onStep)
    }
  }

  private func train<Learner: MetaLearner, Outer: Optimizer>(
    _ learner: Learner, by outer: Outer, in folder: RunFolder, _ resuming: Bool, _ saving: CheckpointOptions,
    _ isInterrupted: () -> Bool, _ onStep: (Int, Double, Double, MetaHistory.Record?) -> Void
  ) throws -> Outcome {
    var trainer = MetaTrainer(
      initialModel, learner: learner, optimizer: outer, objective: objective, workers: workers)
    trainer.precision = configuration.precision
    trainer.labelTurns = configuration.trainingTurns
    var run = MetaTrainingRun(
      trainer, tasks: tasks.train, validation: tasks.validation, options: configuration.options,
      key: RandomKey(seed: configuration.seed)[1])
    let log: RunLog<MetaHistory.Record>
    if resuming {
      try run.restore(from: folder.file(saving.resumed), records: folder.metrics(MetaHistory.Record.self))
      log = try RunLog(
        resumingIn: folder, metric: objective.metric, settings: configuration, after: run.position.iteration,
        records: run.history.records)
    } else {
      try folder.write(configuration, to: "config.json")
      log = try RunLog(startingIn: folder, metric: objective.metric, settings: configuration)
      // At once, so that a run that is killed before the first save can be resumed.
      try run.save(in: folder, keeping: saving.kept)
    }
    var saved = Date()
    while !run.isFinished, !isInterrupted() {
      do {
        let (result, record) = try run.advance()
        onStep(run.position.iteration, result.loss, result.score, record)
        if let record { try log.append(record) }
      } catch {
        // What was reached before the mistake is not lost.
        try run.save(in: folder, keeping: saving.kept)
        throw error
      }
      if run.isAtBest { try run.writeWeights(in: folder, as: "best-") }
      if Date().timeIntervalSince(saved) > saving.seconds {
        try run.save(in: folder, keeping: saving.kept)
        saved = Date()
      }
    }
    try run.save(in: folder, keeping: saving.kept)
    try folder.writeTable(of: MetaHistory.Record.self)
    return run.isFinished ? .finished : .interrupted
  }

  /// The key of the test tasks: the same for all models that are tested with the same seed.
  public static func testKey(seed: UInt64) -> RandomKey { RandomKey(seed: seed)[2] }

  /// Tests a model on `count` new tasks of the test classes, adapting as MAML does, or as a run's learner does.
  public func evaluate(
    _ model: Net, as learner: (any MetaLearner)? = nil, tasks count: Int, steps: Int, seed: UInt64
  ) -> AdaptationReport {
    reports(model, as: learner, tasks: count, steps: steps, seed: seed, [.batch])[0]
  }

  /// The same with a report for each kind of the queries' statistics: one for a model without batch normalization, and a
  /// transductive and an inductive one for the others.
  public func reports(
    _ model: Net, as learner: (any MetaLearner)? = nil, tasks count: Int, steps: Int, seed: UInt64
  ) -> [AdaptationReport] {
    let statistics: [QueryStatistics] = model.hasBatchNorm ? [.batch, .support] : [.batch]
    return reports(model, as: learner, tasks: count, steps: steps, seed: seed, statistics)
  }

  /// The same on the tasks of a list.
  ///
  /// Throws a `UserError` where the run's model takes other examples.
  public func reports(
    _ model: Net, as learner: (any MetaLearner)? = nil, on list: EpisodeList, steps: Int
  ) throws -> [AdaptationReport] {
    let shape = list.episodes[0].support.inputs.shape.dropFirst()
    guard Array(shape) == tasks.exampleShape, list.episodes[0].shape.ways <= tasks.outputs else {
      throw UserError(
        "The list's examples have the shape \(Array(shape)) and its episodes \(list.episodes[0].shape.ways) ways; the run takes "
          + "\(tasks.exampleShape) and at most \(tasks.outputs) ways.")
    }
    let key = Self.testKey(seed: configuration.seed)
    let episodes = try EpisodeList(
      list.episodes.enumerated().map { configuration.withCopies($1, key: key[$0]) })
    return (learner ?? configuration.untrainedLearner).evaluate(
      model, on: episodes, steps: max(steps, configuration.innerSteps), objective: objective,
      statistics: model.hasBatchNorm ? [.batch, .support] : [.batch], turns: configuration.labelTurns, workers: workers)
  }

  /// The test tasks of a seed as a list.
  public func testEpisodes(_ count: Int, seed: UInt64) throws -> EpisodeList {
    try EpisodeList(tasks.test.episodes(count, key: Self.testKey(seed: seed)))
  }

  private func reports(
    _ model: Net, as learner: (any MetaLearner)?, tasks count: Int, steps: Int, seed: UInt64,
    _ statistics: [QueryStatistics]
  ) -> [AdaptationReport] {
    (learner ?? configuration.untrainedLearner).evaluate(
      model, on: judged, tasks: count, steps: max(steps, configuration.innerSteps), objective: objective,
      key: Self.testKey(seed: seed), statistics: statistics, turns: configuration.labelTurns, workers: workers)
  }
}
