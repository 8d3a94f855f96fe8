/// What a supervised training run saw, epoch by epoch.
public struct History: Sendable, Codable, Equatable {
  /// The figures of one epoch.
  public struct Epoch: Sendable, Codable, Equatable {
    /// Counted from 1.
    public var epoch: Int
    /// The mean loss over the epoch's batches, as they were met.
    public var loss: Double
    /// The mean score over the epoch's batches, as they were met.
    public var score: Double
    /// The loss on the validation examples at the end of the epoch.
    public var validationLoss: Double?
    /// The score on the validation examples at the end of the epoch.
    public var validationScore: Double?
    /// The learning rate at the end of the epoch.
    public var learningRate: Double
    /// The time that the epoch took.
    public var seconds: Double
  }

  /// What the scores are.
  public var metric: Metric
  /// All epochs so far.
  public var epochs: [Epoch] = []

  public init(metric: Metric) { self.metric = metric }

  /// Loss and score side by side, training and validation.
  public func curves(title: String, subtitle: String = "") -> TrainingCurves {
    let x = epochs.map { Double($0.epoch) }
    func trace(_ value: (Epoch) -> Double?) -> TrainingCurves.Trace? {
      let y = epochs.map(value)
      return y.contains { $0 != nil } ? TrainingCurves.Trace(x: x, y: y.map { $0 ?? .nan }) : nil
    }
    return TrainingCurves(
      title: title, subtitle: subtitle, xTitle: "Epoch",
      metrics: [
        .init(PlotAxis("Loss"), training: trace(\.loss), validation: trace(\.validationLoss)),
        .init(metric.axis, training: trace(\.score), validation: trace(\.validationScore)),
      ])
  }
}

extension Metric {
  /// An axis for values of this metric.
  public var axis: PlotAxis {
    switch self {
    case .accuracy: PlotAxis("Accuracy", kind: .percent)
    case .meanSquaredError: PlotAxis("Mean squared error", kind: .logarithmic)
    }
  }
}
