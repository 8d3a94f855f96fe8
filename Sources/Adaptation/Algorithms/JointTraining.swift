/// The baseline to compare with: one model trained on all tasks at once, without any thought of adapting, and
/// fine-tuned on a new task by the same steps as MAML ("pretrained" in Finn et al., 2017).
///
/// It learns the average of the tasks. For sinusoids of all phases, that is nearly zero everywhere.
public struct JointTraining<Inner: Optimizer>: MetaLearner {
  /// The optimizer of the fine-tuning on a new task.
  public var inner: Inner
  /// The steps of the fine-tuning.
  public var steps: Int

  public init(inner: Inner, steps: Int = 1) {
    self.inner = inner
    self.steps = steps
  }

  public func trajectory<M: Model>(
    from model: M, on support: Batch, steps: Int, objective: Objective<M>
  ) -> [M] {
    fineTuning.trajectory(from: model, on: support, steps: steps, objective: objective)
  }

  public func adapted<M: Model>(_ model: M, to support: Batch, steps: Int, objective: Objective<M>) -> M {
    fineTuning.adapted(model, to: support, steps: steps, objective: objective)
  }

  private var fineTuning: MAML<Inner> { MAML(inner: inner, steps: steps, order: .first) }

  /// The mean loss on all examples of the episode, and the score on its query set.
  public func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor) {
    let (a, b) = (Double(episode.support.count), Double(episode.query.count))
    let query = objective.judge(model, episode.query)
    return ((a * objective.loss(model, episode.support) + b * query.loss) / (a + b), query.score)
  }
}
