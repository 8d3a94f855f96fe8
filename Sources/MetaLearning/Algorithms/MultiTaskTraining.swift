/// What `trainOnTasks` saw in one epoch.
public struct MultiTaskEpoch: Sendable {
  /// The mean training loss over the tasks.
  public var loss: Double
  /// The score on each task's query set at the end of the epoch.
  public var scores: Estimate
}

/// The plain loop that the field starts from: for each epoch, for each task: forward, loss, backward, update; then
/// evaluate.
///
/// One model learns all tasks in turn (multi-task training) and nothing in it learns to adapt. It is here to read, and
/// to start from:
///
/// ```swift
/// for epoch in 0..<epochs {
///   for task in tasks {
///     let (loss, gradient) = valueAndGradient(at: model) { objective.loss($0, task.support) }
///     optimizer.update(&model, along: gradient, state: &state)
///   }
///   scores = tasks.map { objective.judge(model, $0.query).score }
/// }
/// ```
///
/// Trains on the support sets, evaluates on the query sets, and returns the losses and scores of every epoch.
@discardableResult
public func trainOnTasks<M: Model>(
  _ model: inout M, _ tasks: [Episode], epochs: Int, optimizer: some Optimizer, objective: Objective<M>
) -> [MultiTaskEpoch] {
  var state = optimizer.initialState(for: model)
  var history: [MultiTaskEpoch] = []
  for _ in 0..<epochs {
    var losses: [Tensor] = []
    for task in tasks {
      let (loss, descent) = valueAndGradient(at: model) { objective.loss($0, task.support) }
      optimizer.update(&model, along: descent, state: &state)
      losses.append(loss)
      // Work is evaluated task by task; without this, an epoch would be one graph.
      Tensor.evaluate(model.trainable + state.leaves.map(\.tensor) + [loss])
    }
    let scores = tasks.map { objective.judge(model, $0.query).score.item() }
    history.append(MultiTaskEpoch(loss: Estimate(losses.map { $0.item() }).value, scores: Estimate(scores)))
  }
  return history
}
