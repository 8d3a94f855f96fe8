@testable import NeuralNetworks

/// An optimizer of the fixtures, in PyTorch's terms.
struct OptimizerSettings: Decodable {
  var learningRate: Double
  var momentum, dampening, weightDecay, epsilon, alpha, learningRateDecay, initialAccumulator: Double?
  var betas: [Double]?
  var nesterov, centered: Bool?
}

protocol OptimizerCase {
  var name: String { get }
  var optimizer: String { get }
  var settings: OptimizerSettings { get }
}

extension OptimizerCase {
  func make() throws -> any Optimizer {
    let s = settings
    let betas = s.betas ?? [0.9, 0.999]
    switch optimizer {
    case "sgd":
      return SGD(
        learningRate: s.learningRate, momentum: s.momentum ?? 0, dampening: s.dampening ?? 0,
        isNesterov: s.nesterov ?? false, weightDecay: s.weightDecay ?? 0)
    case "adam":
      return Adam(
        learningRate: s.learningRate, beta1: betas[0], beta2: betas[1], epsilon: s.epsilon ?? 1e-8,
        weightDecay: s.weightDecay ?? 0)
    case "adamw":
      return AdamW(
        learningRate: s.learningRate, beta1: betas[0], beta2: betas[1], epsilon: s.epsilon ?? 1e-8,
        weightDecay: s.weightDecay ?? 0.01)
    case "rmsprop":
      return RMSProp(
        learningRate: s.learningRate, alpha: s.alpha ?? 0.99, epsilon: s.epsilon ?? 1e-8, momentum: s.momentum ?? 0,
        isCentered: s.centered ?? false)
    case "adagrad":
      return Adagrad(
        learningRate: s.learningRate, learningRateDecay: s.learningRateDecay ?? 0,
        initialAccumulator: s.initialAccumulator ?? 0, epsilon: s.epsilon ?? 1e-10)
    default: throw UserError("there is no optimizer '\(optimizer)'")
    }
  }
}
