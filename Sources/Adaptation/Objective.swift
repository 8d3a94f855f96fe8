/// What a model computes from inputs, what is minimised, and what is reported.
public struct Objective<M: Model>: Sendable {
  /// The outputs of a model for inputs; with a key, in training, for layers that draw from it.
  public var forward: @Sendable (M, Tensor, RandomKey?) -> Tensor
  /// The loss of outputs against targets, a scalar.
  public var criterion: @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor
  /// The figure that is reported of outputs against targets, a scalar.
  public var score: @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor
  /// What the figure is.
  public var metric: Metric

  public init(
    metric: Metric, forward: @escaping @Sendable (M, Tensor, RandomKey?) -> Tensor,
    criterion: @escaping @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor,
    score: @escaping @Sendable (_ outputs: Tensor, _ targets: Tensor) -> Tensor
  ) {
    self.metric = metric
    self.forward = forward
    self.criterion = criterion
    self.score = score
  }

  /// The loss of a model on a batch, a scalar.
  public func loss(_ model: M, _ batch: Batch, key: RandomKey? = nil) -> Tensor {
    criterion(forward(model, batch.inputs, key), batch.targets)
  }

  /// The loss and the score of a model on a batch, from the same outputs.
  public func judge(_ model: M, _ batch: Batch, key: RandomKey? = nil) -> (loss: Tensor, score: Tensor) {
    let outputs = forward(model, batch.inputs, key)
    return (criterion(outputs, batch.targets), score(outputs, batch.targets))
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
      metric: .accuracy, forward: apply,
      criterion: { logits, labels in softmaxCrossEntropy(logits: logits, labels: labels) },
      score: { logits, labels in accuracy(logits: logits, labels: labels) })
  }

  /// The mean squared error.
  public static var regression: Objective {
    Objective(
      metric: .meanSquaredError, forward: apply, criterion: { meanSquaredError($0, $1) },
      score: { meanSquaredError($0, $1) })
  }

  private static var apply: @Sendable (M, Tensor, RandomKey?) -> Tensor {
    { model, inputs, key in key.map { model(inputs, key: $0) } ?? model(inputs) }
  }
}
