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
    let (support, query) = (episode.support, episode.query)
    guard statistics == .support, support.count > 0 else { return judge(model, query) }
    // Both sets go through the model together, but the statistics are those of the first of them.
    let inputs = concatenate([support.inputs, query.inputs])
    let all = forward(model.normalizing(by: .first(support.count)), inputs, nil)
    let outputs = all.sliced(support.count..<inputs.shape[0], axis: 0)
    return (criterion(outputs, query.targets), score(outputs, query.targets))
  }
}
