import Foundation

extension MetaLearner {
  /// Adapts a model to `tasks` new tasks and gives the classes that it then predicts for each task's queries, which are
  /// judged together (transductive). The n-th task is the one of the n-th child of the key.
  public func predictions<M: Model, Tasks: TaskDistribution>(
    _ model: M, on distribution: Tasks, tasks: Int, objective: Objective<M>, key: RandomKey, workers: Int? = nil
  ) -> [(truth: [Int32], predictions: [Int32])] {
    let program = Program.trace(model, distribution.episode(key: key[0])) { model, episode in
      let models = trajectory(from: model, on: episode.support, steps: steps, objective: objective)
      return [objective.forward(models[steps], episode.query.inputs, nil).argmax(-1)]
    }
    let weights = model.leaves.map(\.tensor)
    return WorkerPool(workers: workers).map(tasks) { task in
      let episode = distribution.episode(key: key[task])
      let predictions = program.run(weights + episode.leaves.map(\.tensor))[0]
      return (episode.query.targets.scalars(), predictions.scalars())
    }
  }
}

extension MetaExperiment {
  /// Which classes a model takes for which in the test tasks of a seed; nil where classes have no names of their own.
  public func mistakes(
    _ model: Net, as learner: (any MetaLearner)? = nil, tasks count: Int, seed: UInt64
  ) -> ClassMistakes? {
    let key = Self.testKey(seed: seed)
    guard !configuration.dataset.isRegression, !tasks.test.classNames(key[0]).isEmpty else { return nil }
    let answers = (learner ?? configuration.untrainedLearner).predictions(
      model, on: tasks.test, tasks: count, objective: objective, key: key, workers: workers)
    return ClassMistakes(
      answers.enumerated().map { task, answers in
        .init(names: tasks.test.classNames(key[task]), truth: answers.truth, predictions: answers.predictions)
      })
  }

  /// Writes mistakes as a table, `confusion.csv`, and draws them where there are no more than 30 classes; returns the
  /// pictures.
  public func write(_ mistakes: ClassMistakes, in folder: RunFolder) throws -> [URL] {
    try AtomicFile.write(Array(mistakes.csv.utf8), to: folder.file("confusion.csv").path)
    guard mistakes.classes.count <= 30 else { return [] }
    let (classes, counts) = mistakes.matrix
    return try folder.draw(
      ConfusionMatrixFigure(title: "Queries of new tasks, adapted to", classes: classes, counts: counts),
      as: "confusion")
  }
}
