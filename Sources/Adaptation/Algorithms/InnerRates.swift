/// Which inner rates are learned, together with the model.
public enum InnerRates: String, Hashable, Sendable, Codable, CaseIterable {
  /// None: the inner rate is given.
  case fixed
  /// One for each parameter tensor and each step (MAML++).
  case perTensorAndStep
  /// One for each single weight, for all steps (Meta-SGD: Li, Zhou, Chen and Li, 2017).
  case perWeight

  /// The rates of the parameters that are adapted, by their names, which all start from one rate.
  func initial<M: Model>(for model: M, adapting part: AdaptedPart, steps: Int, rate: Double) -> [String: Tensor] {
    guard self != .fixed, steps > 0 else { return [:] }
    return model.leaves.filter(part.contains).reduce(into: [:]) { rates, leaf in
      rates[leaf.name] = .full(self == .perWeight ? leaf.tensor.shape : [steps], rate, leaf.tensor.scalarType)
    }
  }

  /// The rate of a parameter in a step, counted from 0; steps beyond those of training have the rate of the last.
  func rate(_ learned: Tensor, step: Int) -> Tensor {
    self == .perTensorAndStep ? learned[Swift.min(step, learned.count - 1)] : learned
  }
}
