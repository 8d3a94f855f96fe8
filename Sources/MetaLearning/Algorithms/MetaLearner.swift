/// A way of learning to learn: how a model adapts to a task, and what its outer loss is.
public protocol MetaLearner: Sendable {
  /// The steps of adaptation in training.
  var steps: Int { get }

  /// The model before adaptation and after each of `steps` steps on a support set.
  func trajectory<M: Model>(from model: M, on support: Batch, steps: Int, objective: Objective<M>) -> [M]

  /// The model after some steps on a support set: the last of the trajectory, without those before it.
  func adapted<M: Model>(_ model: M, to support: Batch, steps: Int, objective: Objective<M>) -> M

  /// What the outer loop minimises for one episode, and the score that is reported of it.
  func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor)
}

extension MetaLearner {
  /// The model adapted to a support set.
  public func adapt<M: Model>(_ model: M, to support: Batch, steps: Int? = nil, objective: Objective<M>) -> M {
    adapted(model, to: support, steps: steps ?? self.steps, objective: objective)
  }

  public func adapted<M: Model>(_ model: M, to support: Batch, steps: Int, objective: Objective<M>) -> M {
    trajectory(from: model, on: support, steps: steps, objective: objective)[steps]
  }

  /// The mean outer loss over some episodes, and its gradient by the model's initial weights.
  ///
  /// This is the formula itself; `MetaTrainer` computes the same from one traced program per task.
  public func metaGradient<M: Model>(
    at model: M, on episodes: [Episode], objective: Objective<M>
  ) -> (value: Tensor, gradient: M) {
    valueAndGradient(at: model) { model in
      stack(episodes.map { outerLoss(model, $0, objective: objective).loss }).mean()
    }
  }
}
