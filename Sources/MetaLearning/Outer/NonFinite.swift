extension MetaTrainer {
  /// Where the first number arose that is not finite, in the order in which a step computes: weights, data, the inner loop,
  /// the outer loss, and its gradient; nil where each task by itself is finite.
  ///
  /// It computes the step once more, task by task, so it is for after a step that failed.
  public func firstNonFinite(in episodes: [Episode]) -> String? {
    let (model, learner) = (model, learner)
    if let name = Self.nonFinite(in: model) { return "the weights '\(name)', before the step" }
    if let name = Self.nonFinite(in: learner.parameters) { return "the learner's '\(name)', before the step" }
    for (number, episode) in episodes.enumerated() {
      for objective in labelTurns.turned(objective) {
        let place = firstNonFinite(in: episode, model, learner, objective)
        if let place { return "\(place) of task \(number + 1)" }
      }
    }
    return nil
  }

  private func firstNonFinite(
    in episode: Episode, _ model: M, _ learner: Learner, _ objective: Objective<M>
  ) -> String? {
    let data = [
      ("the support inputs", episode.support.inputs), ("the support targets", episode.support.targets),
      ("the query inputs", episode.query.inputs), ("the query targets", episode.query.targets),
    ]
    for (name, tensor) in data where !Self.isFinite(tensor) { return name }
    let models = learner.trajectory(from: model, on: episode.support, steps: learner.steps, objective: objective)
    for (step, adapted) in models.enumerated() {
      let after = "after \(step) inner step\(step == 1 ? "" : "s"),"
      if step > 0, let name = Self.nonFinite(in: adapted) { return "the adapted weights '\(name)' \(after)" }
      if step < learner.steps, !Self.isFinite(objective.loss(adapted, episode.support)) {
        return "the support loss \(after)"
      }
    }
    if !Self.isFinite(learner.outerLoss(model, episode, objective: objective).loss) { return "the outer loss" }
    let gradients = learner.metaGradients(at: model, on: [episode], objective: objective)
    return (Self.nonFinite(in: gradients.model) ?? Self.nonFinite(in: gradients.parameters)).map {
      "the meta-gradient by '\($0)'"
    }
  }

  private static func nonFinite(in tree: some TensorTree) -> String? {
    tree.leaves.first { !isFinite($0.tensor) }?.name
  }

  private static func isFinite(_ tensor: Tensor) -> Bool {
    guard tensor.scalarType == .float32 || tensor.scalarType == .float64 else { return true }
    // A difference of a number with itself is 0, or no number.
    return (tensor - tensor).sum().item() == 0
  }
}
