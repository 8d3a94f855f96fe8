import Foundation

/// Whose statistics normalize the query examples when an adapted model is judged.
///
/// It makes a difference for models with batch normalization only, and a large one: figures of the two kinds cannot be
/// compared with each other.
public enum QueryStatistics: String, Hashable, Sendable, Codable, CaseIterable {
  /// Those of the query set: the model sees all queries at once (transductive), as in MAML's published figures.
  case batch
  /// Those of the support set: each query is judged as if it came alone (inductive).
  case support

  /// What the field calls the setting.
  public var name: String { self == .batch ? "transductive" : "inductive" }
}

extension Objective {
  /// The loss and the score of an adapted model on an episode's query set.
  public func judge(_ model: M, _ episode: Episode, by statistics: QueryStatistics) -> (loss: Tensor, score: Tensor) {
    let outputs = outputs(of: model, for: episode, by: statistics)
    return (criterion(outputs, episode.queryTargets), score(outputs, episode.queryTargets))
  }

  /// The outputs of an adapted model for an episode's queries. → [queries, …]
  ///
  /// Where queries have copies, the output for a query is the mean over it and its copies: of the probabilities, as their
  /// logarithm, where classes are told apart.
  public func outputs(of model: M, for episode: Episode, by statistics: QueryStatistics) -> Tensor {
    let (support, query) = (episode.support, episode.query)
    let ofAll: Tensor
    if statistics == .support, support.count > 0 {
      // Both sets go through the model together, but the statistics are those of the first of them.
      let inputs = concatenate([support.inputs, query.inputs])
      let outputs = forward(model.normalizing(by: .first(support.count)), inputs, nil)
      ofAll = outputs.sliced(support.count..<inputs.shape[0], axis: 0)
    } else {
      ofAll = forward(model, query.inputs, nil)
    }
    guard episode.queryCopies > 0 else { return ofAll }
    return meanAnswer(ofAll.reshaped([1 + episode.queryCopies, -1] + ofAll.shape.dropFirst()))
  }

  /// What several outputs for the same examples [several, examples, …] come to: their mean; where classes are told apart, the
  /// logarithm of the mean of the probabilities. → [examples, …]
  func meanAnswer(_ outputs: Tensor) -> Tensor {
    guard metric == .accuracy else { return outputs.mean(0) }
    return logSoftmax(outputs).logSumExp([0]) - log(Double(outputs.shape[0]))
  }
}
