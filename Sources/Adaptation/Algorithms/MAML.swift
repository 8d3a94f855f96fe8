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
  /// How the inner loop runs.
  public var loop: InnerLoop

  /// What the outer gradient is taken of.
  public enum Order: String, Sendable, Codable, CaseIterable {
    /// The exact gradient, with the second derivatives of the inner loss.
    case second
    /// First-order MAML: the inner gradients count as constants.
    case first
  }

  public init(inner: Inner, steps: Int = 1, order: Order = .second, loop: InnerLoop = .automatic) {
    self.inner = inner
    self.steps = steps
    self.order = order
    self.loop = loop
  }

  public func trajectory<M: Model>(
    from model: M, on support: Batch, steps: Int, objective: Objective<M>
  ) -> [M] {
    let start = self.start(from: model, steps: steps)
    if loop.scans(steps, on: support) {
      let weights = scan(start, steps: steps) { state in
        let next = step(state, on: support, objective: objective)
        return (next, next.fast.trainable)
      }.outputs
      return [model] + (0..<steps).map { step in model.replacingTrainable(by: weights.map { $0[step] }) }
    }
    var states = [start]
    for _ in 0..<steps { states.append(step(states[states.count - 1], on: support, objective: objective)) }
    return states.map(\.fast)
  }

  public func adapted<M: Model>(_ model: M, to support: Batch, steps: Int, objective: Objective<M>) -> M {
    let start = self.start(from: model, steps: steps)
    func step(_ state: InnerState<M>) -> InnerState<M> { self.step(state, on: support, objective: objective) }
    if loop.scans(steps, on: support) { return scan(start, steps: steps, step).fast }
    return (0..<steps).reduce(start) { state, _ in step(state) }.fast
  }

  private func start<M: Model>(from model: M, steps: Int) -> InnerState<M> {
    guard steps >= 0 else { stop("MAML: the steps must not be negative; given were \(steps)") }
    return InnerState(fast: model, optimizer: inner.initialState(for: model))
  }

  private func step<M: Model>(_ state: InnerState<M>, on support: Batch, objective: Objective<M>) -> InnerState<M> {
    var next = state
    let descent = gradient(at: state.fast) { objective.loss($0, support) }
    inner.update(&next.fast, along: order == .first ? stopGradient(descent) : descent, state: &next.optimizer)
    return next
  }

  public func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor) {
    objective.judge(adapt(model, to: episode.support, objective: objective), episode.query)
  }
}

extension MAML where Inner == SGD {
  /// MAML by plain gradient descent with an inner rate.
  public init(innerRate: Double, steps: Int = 1, order: Order = .second, loop: InnerLoop = .automatic) {
    self.init(inner: SGD(learningRate: innerRate), steps: steps, order: order, loop: loop)
  }
}

/// How an inner loop runs; the results are the same but for rounding.
public enum InnerLoop: String, Sendable, Codable, CaseIterable {
  /// Every step is traced: operations of neighbouring steps can be joined, but the time to trace and all that lies between
  /// the weights of the steps grow with the steps.
  case unrolled
  /// One step is traced and runs in a `scan`: of each step one copy of the weights (and of what the optimizer remembers)
  /// is kept, and the rest is computed again on the way back.
  case scanned
  /// Unrolled up to five steps on small examples, such as those of Omniglot; scanned beyond, and where the support set has more
  /// than 65,536 numbers, such as five images of 84×84 pixels, for then what is kept of each step outweighs what is saved.
  case automatic

  private static let mostNumbers = 1 << 16

  func scans(_ steps: Int, on support: Batch) -> Bool {
    switch self {
    case .unrolled: false
    case .scanned: true
    case .automatic: steps > 5 || (steps > 1 && support.inputs.count > Self.mostNumbers)
    }
  }
}

/// What the inner loop carries from step to step.
private struct InnerState<M: Model>: TensorTree {
  var fast: M
  var optimizer: OptimizerState<M>
}

extension TensorTree {
  fileprivate func replacingTrainable(by tensors: [Tensor]) -> Self {
    var rest = tensors[...]
    return replacingTrainable(from: &rest)
  }
}
