import Foundation

extension MetaExperiment {
  /// A task that a model has adapted to.
  public struct Adaptation: Sendable {
    /// The task.
    public var episode: Episode
    /// The model after 0, 1, … steps, with the labels as they are.
    public var models: [Net]
    /// The score on the query set after each number of steps.
    public var scores: [Double]
    /// The outputs for the queries after the last step: where labels are turned, what the models of all turns say together.
    public var outputs: Tensor
    /// The time of the adaptation itself, in milliseconds.
    public var milliseconds: Double
    let key: RandomKey
  }

  /// Adapts a model to one new task of the test classes.
  public func adapt(_ model: Net, as learner: (any MetaLearner)? = nil, steps: Int, seed: UInt64) -> Adaptation {
    let key = Self.testKey(seed: seed)[0]
    let episode = judged.episode(key: key)
    // Timed from data and weights in memory to the adapted weights.
    Tensor.evaluate(model.leaves.map(\.tensor) + episode.leaves.map(\.tensor))
    let start = DispatchTime.now()
    let learner: any MetaLearner = learner ?? configuration.maml
    let turns = configuration.labelTurns
    let adapted = learner.adapted(model, to: episode.support, steps: steps, objective: objective, turns: turns)
    Tensor.evaluate(adapted.flatMap(\.trainable))
    let time = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e6
    let outputs = learner.outputs(
      of: model, adaptedTo: episode, steps: steps, objective: objective, turns: turns, by: [.batch])[0]
    let models = learner.trajectory(from: model, on: episode.support, steps: steps, objective: objective)
    return Adaptation(
      episode: episode, models: models,
      scores: outputs.map { objective.score($0, episode.queryTargets).item() },
      outputs: outputs[steps], milliseconds: time, key: key)
  }

  /// Draws the course of training; returns the files.
  public func drawCurves(in folder: RunFolder) throws -> [URL] {
    let history = MetaHistory(metric: objective.metric, records: folder.metrics(MetaHistory.Record.self))
    let published = configuration.expected.map { expected in
      // Accuracies are published in per cent.
      let isShare = configuration.dataset.metric == .accuracy
      return ReferenceLine(
        isShare ? expected.value / 100 : expected.value, label: "published: \(expected.value)\(isShare ? " %" : "")")
    }
    let curves = history.curves(
      title: "Meta-training: \(configuration.name)", subtitle: configuration.summary,
      references: published.map { [$0] } ?? [])
    return try folder.draw(curves, as: "curves")
  }

  /// Draws how a tested model does after each step of adaptation; returns the files.
  public func drawReport(_ report: AdaptationReport, in folder: RunFolder) throws -> [URL] {
    try drawReports([report], in: folder)
  }

  /// The same with a curve for each kind of statistics.
  public func drawReports(_ reports: [AdaptationReport], in folder: RunFolder) throws -> [URL] {
    guard let first = reports.first else { return [] }
    let name = configuration.algorithm.title
    let figure = AdaptationCurve(
      title: "Adaptation to \(first.tasks) new tasks", subtitle: "\(configuration.name): mean with its 95 % interval",
      metric: first.metric.axis,
      curves: reports.map { report in
        .init(
          reports.count == 1 ? name : "\(name), \(report.statistics.name)",
          values: report.perStep.map(\.estimate.value), halfWidths: report.perStep.map(\.estimate.ci95))
      })
    return try folder.draw(figure, as: "adaptation")
  }

  /// Draws new tasks: curves before and after adaptation, or a sheet of characters; returns the files.
  public func drawTasks(
    _ model: Net, adapting learner: (any MetaLearner)? = nil, seed: UInt64, as name: String, in folder: RunFolder
  ) throws -> [URL] {
    guard configuration.dataset.isRegression else {
      // Only images can be drawn.
      guard tasks.exampleShape.count == 3 else { return [] }
      let adaptation = adapt(model, as: learner, steps: configuration.innerSteps, seed: seed)
      return try drawSheet(adaptation, as: name, in: folder)
    }
    let x = (0...200).map { -5 + Double($0) / 20 }
    let inputs = Tensor(x, shape: [x.count, 1])
    let panels = (0..<4).compactMap { index -> SinusoidFigure.Task? in
      let key = Self.testKey(seed: seed)[index]
      guard let curve = tasks.test.curve(key) else { return nil }
      let support = tasks.test.episode(key: key).support
      let models = (learner ?? configuration.maml).trajectory(from: model, on: support, steps: 10, objective: objective)
      let predictions = [(0, "before adaptation"), (1, "after 1 step"), (10, "after 10 steps")].map { step, label in
        SinusoidFigure.Prediction(label, y: models[step](inputs).doubles)
      }
      return SinusoidFigure.Task(
        x: x, truth: x.map(curve.callAsFunction), supportX: support.inputs.doubles, supportY: support.targets.doubles,
        predictions: predictions)
    }
    // Tasks of a table have no curve that could be drawn.
    if panels.isEmpty { return [] }
    let figure = SinusoidFigure(
      title: "New tasks, learned from \(configuration.shape.shots) points", subtitle: configuration.name, tasks: panels)
    return try folder.draw(figure, as: name)
  }

  /// Draws the support set of a task and its queries with their predictions; returns the files.
  public func drawSheet(_ adaptation: Adaptation, as name: String, in folder: RunFolder) throws -> [URL] {
    try folder.draw(sheet(of: adaptation), as: name)
  }

  /// The support set of a task and its queries, as many of each class as in training.
  func sheet(of adaptation: Adaptation) -> CharacterSheet {
    let episode = adaptation.episode
    let names = tasks.test.classNames(adaptation.key)
    func images(_ inputs: Tensor) -> [GreyImage] {
      let (height, width) = (inputs.shape[1], inputs.shape[2])
      // Colours are drawn by their lightness; pictures of one's own are light where the number is large.
      let ink = configuration.imagePreparation.invert || !configuration.dataset.isOwn
      let grey = inputs.mean(-1)
      let values = (ink ? grey : 1 - grey).floats
      return (0..<inputs.shape[0]).map {
        GreyImage(width: width, height: height, ink: Array(values[($0 * height * width)..<(($0 + 1) * height * width)]))
      }
    }
    let shots = configuration.shape.shots
    let shown = images(episode.support.inputs)
    let rows = names.indices.map {
      CharacterSheet.Row(names[$0], images: Array(shown[($0 * shots)..<(($0 + 1) * shots)]))
    }
    let predicted: [Int32] = adaptation.outputs.argmax().scalars()
    let truth: [Int32] = episode.queryTargets.scalars()
    // All queries are classified together, but as many of each class as in training are enough to look at.
    let (pictures, perClass) = (images(episode.query.inputs), truth.count / names.count)
    let queries = truth.indices.filter { $0 % perClass < configuration.shape.queries }.map {
      CharacterSheet.Query(pictures[$0], truth: names[Int(truth[$0])], prediction: names[Int(predicted[$0])])
    }
    let steps = adaptation.models.count - 1
    let title = "\(configuration.shape.ways)-way \(shots)-shot, after \(steps) step\(steps == 1 ? "" : "s")"
    return CharacterSheet(title: title, support: rows, queries: queries)
  }
}

extension MetaConfiguration.Algorithm {
  /// As it is written.
  var title: String {
    switch self {
    case .maml: "MAML"
    case .mamlPlusPlus: "MAML++"
    case .metaSGD: "Meta-SGD"
    case .anil: "ANIL"
    case .joint: "Joint training"
    }
  }
}
