/// What a meta-training run saw, record by record.
public struct MetaHistory: Sendable, Equatable {
  /// The figures of a stretch of iterations.
  public struct Record: Sendable, Codable, Equatable {
    /// The last iteration of the stretch, counted from 1.
    public var iteration: Int
    /// The mean outer loss over the stretch.
    public var loss: Double
    /// The mean score of adapted models on their query sets over the stretch.
    public var score: Double
    /// The score after adaptation on tasks of other classes, with its 95 % interval.
    public var validationScore: Double?
    public var validationCI95: Double?
    /// The mean norm of the meta-gradients over the stretch, before clipping; nil in runs of before it was kept.
    public var gradientNorm: Double?
    /// The outer learning rate.
    public var learningRate: Double
    /// The time since the run began.
    public var seconds: Double
    /// The part of it that was waited for tasks that are drawn ahead; nil where they are not.
    public var waited: Double?
  }

  /// What the scores are.
  public var metric: Metric
  /// All records so far.
  public var records: [Record] = []

  public init(metric: Metric, records: [Record] = []) {
    self.metric = metric
    self.records = records
  }

  /// Outer loss and score side by side, training and validation.
  public func curves(title: String, subtitle: String = "", references: [ReferenceLine] = []) -> TrainingCurves {
    let x = records.map { Double($0.iteration) }
    let validated = records.filter { $0.validationScore != nil }
    let validation = TrainingCurves.Trace(
      x: validated.map { Double($0.iteration) }, y: validated.map { $0.validationScore ?? .nan },
      halfWidth: validated.map { $0.validationCI95 ?? 0 })
    return TrainingCurves(
      title: title, subtitle: subtitle, xTitle: "Iteration",
      metrics: [
        .init(
          PlotAxis("Outer loss", kind: metric == .meanSquaredError ? .logarithmic : .linear),
          training: .init(x: x, y: records.map(\.loss))),
        .init(
          metric.axis, training: .init(x: x, y: records.map(\.score)),
          validation: validated.isEmpty ? nil : validation, references: references),
      ])
  }
}

extension MetaHistory.Record: RunRecord {
  public var step: Int { iteration }

  public static var columns: [String] {
    [
      "iteration", "loss", "score", "validationScore", "validationCI95", "gradientNorm", "learningRate", "seconds",
      "waited",
    ]
  }

  public var cells: [Double?] {
    [Double(iteration), loss, score, validationScore, validationCI95, gradientNorm, learningRate, seconds, waited]
  }

  public func scalars(_ metric: Metric) -> [(tag: String, value: Double)] {
    var scalars: [(tag: String, value: Double)] = [
      ("training/loss", loss), ("training/\(metric.tag)", score), ("training/learning_rate", learningRate),
    ]
    if let gradientNorm { scalars.append(("training/gradient_norm", gradientNorm)) }
    guard let validationScore else { return scalars }
    let (name, half) = ("validation/\(metric.tag)", validationCI95 ?? .nan)
    scalars.append((name, validationScore))
    scalars.append((name + "_lower95", validationScore - half))
    scalars.append((name + "_upper95", validationScore + half))
    return scalars
  }
}
