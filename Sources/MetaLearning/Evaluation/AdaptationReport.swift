/// How well a model does on new tasks before adapting and after each step.
public struct AdaptationReport: Sendable {
  /// What was measured.
  public var metric: Metric
  /// Whose statistics normalized the queries.
  public var statistics = QueryStatistics.batch
  /// The number of tasks.
  public var tasks: Int
  /// From before adaptation (0) to the last step.
  public var perStep: [Step]
  /// Of classes: the true class of each query of each task, and the one that is predicted after as many steps as in training,
  /// all queries of a task judged together; empty in a regression.
  public var answers: [(truth: [Int32], predictions: [Int32])] = []

  /// The figures after some number of steps.
  public struct Step: Sendable {
    public var step: Int
    /// The mean over the tasks that did not diverge, with its interval.
    public var estimate: Estimate
    /// Tasks whose loss was no longer finite, which the mean leaves out.
    public var diverged: Int
  }

  /// The figures after the number of steps that a learner was trained for.
  public func after(_ step: Int) -> Step { perStep[min(step, perStep.count - 1)] }
}

extension RunFolder {
  /// Writes the figures of reports after each step as a table, `per-step.csv`: a line for each kind of statistics and step.
  public func writeSteps(of reports: [AdaptationReport]) throws {
    let rows = reports.flatMap { report in
      report.perStep.map {
        "\(report.statistics.name),\($0.step),\($0.estimate.value),\($0.estimate.ci95),\(report.tasks),\($0.diverged)\n"
      }
    }
    let text = "statistics,step,\(reports.first?.metric.tag ?? "value"),ci95,tasks,diverged\n" + rows.joined()
    try AtomicFile.write(Array(text.utf8), to: file("per-step.csv").path)
  }
}

extension MetaLearner {
  /// Adapts a model to `tasks` new tasks and judges it on their query sets before adaptation and after each of
  /// `steps` steps.
  ///
  /// The n-th task is the one of the n-th child of the key, so two models can be compared on the same tasks. A task
  /// whose loss stops being finite is counted and left out of the means from then on.
  ///
  /// - Parameter turns: how the labels are turned; what is judged is the mean of what the models say that were adapted so.
  public func evaluate<M: Model, Tasks: TaskDistribution>(
    _ model: M, on distribution: Tasks, tasks: Int, steps: Int? = nil, objective: Objective<M>, key: RandomKey,
    statistics: QueryStatistics = .batch, turns: LabelTurns = .none, workers: Int? = nil
  ) -> AdaptationReport {
    let reports = evaluate(
      model, on: distribution, tasks: tasks, steps: steps, objective: objective, key: key, statistics: [statistics],
      turns: turns, workers: workers)
    return reports[0]
  }

  /// The same for several kinds of statistics, on the same tasks and the same adapted models: a report for each.
  public func evaluate<M: Model, Tasks: TaskDistribution>(
    _ model: M, on distribution: Tasks, tasks: Int, steps: Int? = nil, objective: Objective<M>, key: RandomKey,
    statistics: [QueryStatistics], turns: LabelTurns = .none, workers: Int? = nil
  ) -> [AdaptationReport] {
    evaluate(model, tasks: tasks, steps, objective, statistics, turns, workers) { distribution.episode(key: key[$0]) }
  }

  /// The same on the tasks of a list.
  public func evaluate<M: Model>(
    _ model: M, on list: EpisodeList, steps: Int? = nil, objective: Objective<M>,
    statistics: [QueryStatistics] = [.batch], turns: LabelTurns = .none, workers: Int? = nil
  ) -> [AdaptationReport] {
    evaluate(model, tasks: list.episodes.count, steps, objective, statistics, turns, workers) { list.episodes[$0] }
  }

  private func evaluate<M: Model>(
    _ model: M, tasks: Int, _ steps: Int?, _ objective: Objective<M>, _ statistics: [QueryStatistics],
    _ turns: LabelTurns,
    _ workers: Int?, episode: @escaping @Sendable (Int) -> Episode
  ) -> [AdaptationReport] {
    guard tasks > 0 else { stop("evaluate: the number of tasks must be positive; given was \(tasks)") }
    let steps = steps ?? self.steps
    let first = episode(0)
    let asksForClasses = objective.metric == .accuracy
    let program = Program.trace(model, first) { model, episode in
      let kinds = statistics.first == .batch ? statistics : [.batch] + statistics
      let outputs = outputs(
        of: model, adaptedTo: episode, steps: steps, objective: objective, turns: turns, by: kinds)
      let figures = outputs.suffix(statistics.count).joined().flatMap {
        [objective.score($0, episode.queryTargets), objective.criterion($0, episode.queryTargets)]
      }
      return asksForClasses ? figures + [outputs[0][min(self.steps, steps)].argmax(-1)] : figures
    }
    let weights = model.leaves.map(\.tensor)
    let count = 2 * (steps + 1)
    let results = WorkerPool(workers: workers).map(tasks) { task in
      let episode = episode(task)
      let results = program.run(weights + episode.leaves.map(\.tensor))
      let answers: (truth: [Int32], predictions: [Int32])? =
        asksForClasses ? (episode.queryTargets.scalars(), results[count * statistics.count].scalars()) : nil
      return (figures: results.prefix(count * statistics.count).map { $0.item() }, answers: answers)
    }
    return statistics.enumerated().map { index, statistics in
      let figures = results.map { Array($0.figures[(index * count)..<((index + 1) * count)]) }
      return AdaptationReport(
        metric: objective.metric, statistics: statistics, tasks: tasks,
        perStep: Self.perStep(figures, steps: steps), answers: results.compactMap(\.answers))
    }
  }

  /// The figures of each step, from the score and the loss after each step in each task.
  private static func perStep(_ results: [[Double]], steps: Int) -> [AdaptationReport.Step] {
    // A loss can overflow once and be finite again; the means would then be over other tasks from step to step.
    let finiteFigures = results.map { $0.prefix { $0.isFinite }.count }
    return (0...steps).map { step in
      let finite = zip(results, finiteFigures).filter { $1 >= 2 * step + 2 }.map(\.0)
      return AdaptationReport.Step(
        step: step, estimate: Estimate(finite.map { $0[2 * step] }), diverged: results.count - finite.count)
    }
  }
}
