/// What is minimised, and what is reported.
public struct Objective<M: Model>: Sendable {
  /// The loss of a model on a batch, a scalar; minimised by both loops.
  public var loss: @Sendable (M, Batch) -> Tensor
  /// The figure that is reported, a scalar.
  public var score: @Sendable (M, Batch) -> Tensor
  /// What the figure is.
  public var metric: Metric

  public init(
    metric: Metric, loss: @escaping @Sendable (M, Batch) -> Tensor, score: @escaping @Sendable (M, Batch) -> Tensor
  ) {
    self.metric = metric
    self.loss = loss
    self.score = score
  }
}

/// A figure that models are judged by.
public enum Metric: String, Sendable, Codable {
  /// The share of right answers; higher is better.
  case accuracy
  /// Lower is better.
  case meanSquaredError

  /// Whether a higher value is better.
  public var isBetterHigher: Bool { self == .accuracy }
}

extension Objective where M: Layer {
  /// Softmax cross-entropy on labels, judged by the accuracy.
  public static var classification: Objective {
    Objective(
      metric: .accuracy,
      loss: { model, batch in softmaxCrossEntropy(logits: model(batch.inputs), labels: batch.targets) },
      score: { model, batch in accuracy(logits: model(batch.inputs), labels: batch.targets) })
  }

  /// The mean squared error.
  public static var regression: Objective {
    let loss: @Sendable (M, Batch) -> Tensor = { model, batch in
      meanSquaredError(model(batch.inputs), batch.targets)
    }
    return Objective(metric: .meanSquaredError, loss: loss, score: loss)
  }
}
