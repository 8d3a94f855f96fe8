/// Model-agnostic meta-learning (Finn, Abbeel and Levine, 2017): finds the weights from which a few gradient steps on a
/// task's support set do best on its query set.
///
/// ```swift
/// let maml = MAML(inner: SGD(learningRate: 0.01), steps: 1)
/// let fast = maml.adapt(model, to: episode.support, objective: .regression)      // θ' = θ − α ∇L(θ)
/// let (loss, metaGradient) = maml.metaGradient(at: model, on: episodes, objective: .regression)
/// ```
///
/// The model is a value: adapting gives another one and leaves it as it was.
public struct MAML<Inner: Optimizer>: MetaLearner {
  /// The optimizer of the inner loop; its learning rate is the inner rate α.
  public var inner: Inner
  /// How many steps the inner loop takes.
  public var steps: Int
  /// Whether the outer gradient goes through the inner gradients.
  public var order: Order

  /// What the outer gradient is taken of.
  public enum Order: String, Sendable, Codable, CaseIterable {
    /// The exact gradient, with the second derivatives of the inner loss.
    case second
    /// First-order MAML: the inner gradients count as constants.
    case first
  }

  public init(inner: Inner, steps: Int = 1, order: Order = .second) {
    self.inner = inner
    self.steps = steps
    self.order = order
  }

  public func trajectory<M: Model>(
    from model: M, on support: Batch, steps: Int, objective: Objective<M>
  ) -> [M] {
    guard steps >= 0 else { stop("MAML: the steps must not be negative; given were \(steps)") }
    var fast = model
    var state = inner.initialState(for: model)
    var models = [model]
    for _ in 0..<steps {
      let descent = gradient(at: fast) { objective.loss($0, support) }
      inner.update(&fast, along: order == .first ? stopGradient(descent) : descent, state: &state)
      models.append(fast)
    }
    return models
  }

  public func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor) {
    objective.judge(adapt(model, to: episode.support, objective: objective), episode.query)
  }
}

extension MAML where Inner == SGD {
  /// MAML by plain gradient descent with an inner rate.
  public init(innerRate: Double, steps: Int = 1, order: Order = .second) {
    self.init(inner: SGD(learningRate: innerRate), steps: steps, order: order)
  }
}
