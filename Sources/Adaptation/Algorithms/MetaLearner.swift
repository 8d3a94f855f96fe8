/// A way of learning to learn: how a model adapts to a task, and what its outer loss is.
///
/// A learner can have parameters of its own, such as inner rates, which `MetaTrainer` learns together with the model's
/// initial weights; and it can change in the course of training (`at(iteration:)`). By default it does neither.
public protocol MetaLearner: Sendable {
  /// What is learned of the learner itself. Numbers that change from iteration to iteration without being learned, such as
  /// the weights of losses, are buffers in it: they are arguments of the traced program, so it is traced once.
  associatedtype Parameters: Model = NoParameters

  /// The learner's own parameters.
  var parameters: Parameters { get set }

  /// The steps of adaptation in training.
  var steps: Int { get }

  /// The learner with parameters that fit a model: what a trainer begins with.
  func prepared<M: Model>(for model: M) -> Self

  /// The learner as it is at an iteration of the outer loop, counted from 0.
  func at(iteration: Int) -> Self

  /// The number of the phase of training that the learner is in. What `outerLoss` does beside its numbers, such as the
  /// order of its derivatives, is the same within a phase: it is traced once for each.
  var phase: Int { get }

  /// The model before adaptation and after each of `steps` steps on a support set.
  func trajectory<M: Model>(from model: M, on support: Batch, steps: Int, objective: Objective<M>) -> [M]

  /// The model after some steps on a support set: the last of the trajectory, without those before it.
  func adapted<M: Model>(_ model: M, to support: Batch, steps: Int, objective: Objective<M>) -> M

  /// What the outer loop minimises for one episode, and the score that is reported of it.
  func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor)
}

/// The parameters of a learner that has none.
public struct NoParameters: Model {
  public init() {}
}

extension MetaLearner where Parameters == NoParameters {
  public var parameters: NoParameters {
    get { NoParameters() }
    set {}
  }
}

extension MetaLearner {
  public func prepared<M: Model>(for model: M) -> Self { self }

  public func at(iteration: Int) -> Self { self }

  public var phase: Int { 0 }

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
    let (value, gradient, _) = metaGradients(at: model, on: episodes, objective: objective)
    return (value, gradient)
  }

  /// The mean outer loss over some episodes, and its gradients by the model's initial weights and by the learner's own
  /// parameters.
  public func metaGradients<M: Model>(
    at model: M, on episodes: [Episode], objective: Objective<M>
  ) -> (value: Tensor, model: M, parameters: Parameters) {
    let (value, gradient) = valueAndGradient(at: model, parameters) { model, parameters in
      var learner = self
      learner.parameters = parameters
      return stack(episodes.map { learner.outerLoss(model, $0, objective: objective).loss }).mean()
    }
    return (value, gradient.0, gradient.1)
  }
}
