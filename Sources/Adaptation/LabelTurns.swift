/// How often a learner adapts to a task, each time with its classes at other outputs.
///
/// MAML's outputs start with weights of their own, so what it learns of a task depends on which class is at which output,
/// though nothing about the classes says so. The mean of what the adapted models say depends on it less, and is right more
/// often (Ye and Chao, "How to train your MAML to excel in few-shot classification", 2022). In training, the mean of their
/// losses is one of less noise. What does not depend on the labels is computed once for all turns, where they are batched
/// (``mean(of:_:)``).
///
/// ```swift
/// let models = LabelTurns(5).turned(.classification).map { learner.adapt(model, to: support, objective: $0) }
/// ```
public struct LabelTurns: Hashable, Sendable, Codable {
  /// How many times a learner adapts; 1: with the labels as they are.
  public var count: Int

  /// Labels as they are.
  public static let none = LabelTurns(1)

  public init(_ count: Int) {
    guard count > 0 else { stop("LabelTurns: their number must be positive; given was \(count)") }
    self.count = count
  }

  /// Objectives alike but for the order of a model's outputs, the first of which leaves it as it is.
  ///
  /// Turn k of n takes the outputs of w classes from ⌊k·w/n⌋ on, and then those before it.
  public func turned<M: Model>(_ objective: Objective<M>) -> [Objective<M>] {
    if count == 1 { return [objective] }
    return (0..<count).map { turned(objective, by: Tensor([Int32($0)], shape: [])) }
  }

  /// The means over all turns of what a function of an objective gives. → each of the shape that it has for one
  ///
  /// The turns are a batch (`vmap`).
  public func mean<M: Model>(of objective: Objective<M>, _ function: (Objective<M>) -> [Tensor]) -> [Tensor] {
    count == 1 ? function(objective) : each(of: objective, function).map { $0.mean(0) }
  }

  /// What a function of an objective gives in each turn. → each [turns, …]
  func each<M: Model>(of objective: Objective<M>, _ function: (Objective<M>) -> [Tensor]) -> [Tensor] {
    vmap(over: Tensor((0..<Int32(count)).map { $0 })) { function(turned(objective, by: $0)) }
  }

  private func turned<M: Model>(_ objective: Objective<M>, by turn: Tensor) -> Objective<M> {
    let forward = objective.forward
    var turned = objective
    turned.forward = { self.turned(forward($0, $1, $2), by: turn) }
    return turned
  }

  /// Outputs [examples, classes] in the order of a turn (int32, a scalar).
  func turned(_ outputs: Tensor, by turn: Tensor) -> Tensor {
    let classes = outputs.shape.last ?? 1
    let place = Tensor((0..<Int32(classes)).map { $0 }) + turn * Double(classes) / Double(count)
    return outputs.gathered(select(place .< Double(classes), place, place - Double(classes)), axis: -1)
  }
}

extension MetaLearner {
  /// The models that a learner adapts to a support set, one for each turn of the labels.
  package func adapted<M: Model>(
    _ model: M, to support: Batch, steps: Int?, objective: Objective<M>, turns: LabelTurns
  ) -> [M] {
    if turns.count == 1 { return [adapt(model, to: support, steps: steps, objective: objective)] }
    var adapted = model
    let leaves = turns.each(of: objective) { objective in
      adapted = adapt(model, to: support, steps: steps, objective: objective)
      return adapted.leaves.map(\.tensor)
    }
    return (0..<turns.count).map { turn in
      var own = leaves.map { $0[turn] }[...]
      return adapted.replacingLeaves(from: &own)
    }
  }

  /// The outputs of adapted models for an episode's queries, for each kind of statistics before adaptation and after each of
  /// `steps` steps; where labels are turned, what the models of all turns say together. → [kinds][steps + 1] of [queries, …]
  package func outputs<M: Model>(
    of model: M, adaptedTo episode: Episode, steps: Int, objective: Objective<M>, turns: LabelTurns,
    by statistics: [QueryStatistics]
  ) -> [[Tensor]] {
    func outputs(_ objective: Objective<M>) -> [Tensor] {
      let models = trajectory(from: model, on: episode.support, steps: steps, objective: objective)
      return statistics.flatMap { kind in models.map { objective.outputs(of: $0, for: episode, by: kind) } }
    }
    let all = turns.count == 1 ? outputs(objective) : turns.each(of: objective, outputs).map(objective.meanAnswer)
    return statistics.indices.map { Array(all[($0 * (steps + 1))..<(($0 + 1) * (steps + 1))]) }
  }
}
