/// MAML++ ("How to train your MAML": Antoniou, Edwards and Storkey, 2019): MAML with learned inner rates, a loss after
/// every step, batch normalization by step, and first-order gradients at the start.
///
/// ```swift
/// let model = MultilayerPerceptron(…, normalization: .batch, key: key).normalizingPerStep(5)
/// let learner = MAMLPlusPlus(
///   innerRate: 0.1, steps: 5, multiStepLoss: MultiStepLoss(iterations: 5000, stretch: 500), firstOrderIterations: 0)
/// var trainer = MetaTrainer(model, learner: learner, optimizer: Adam(), objective: .classification)
/// trainer.step(on: episodes)
/// trainer.learner.parameters.rates["output.weight"]  // [5], learned
/// ```
///
/// Each part can be left out by itself; without all of them (`rates: .fixed`, no `multiStepLoss`, `adapting: .everything`)
/// it is MAML, bit for bit. `rates: .perWeight` alone is Meta-SGD; `adapting: .named(["output"])` alone is ANIL.
///
/// In step k (from 0) the support loss and the query loss after it are those of `model.at(step: k)`.
public struct MAMLPlusPlus: MetaLearner {
  /// The inner rate α, from which learned ones start.
  public var innerRate: Double
  /// The steps of adaptation in training; more may be taken in a test.
  public var steps: Int
  /// Which inner rates are learned.
  public var rates: InnerRates
  /// How the losses after all steps count; nil: only the last does.
  public var multiStepLoss: MultiStepLoss?
  /// The iterations at the start in which the inner gradients count as constants.
  public var firstOrderIterations: Int
  /// What the inner loop adapts.
  public var adapting: AdaptedPart
  /// The learned rates and the losses' weights.
  public var parameters = Parameters()
  /// The iteration of the outer loop that the learner is at.
  public private(set) var iteration = 0

  public struct Parameters: Model {
    /// The learned rates by the names of the model's parameters: [steps], or of the parameter's shape.
    public var rates: [String: Tensor] = [:]
    /// The weights of the losses after each step, if there are several.
    public var losses: LossWeights?
  }

  /// Numbers that are not learned, but change from iteration to iteration.
  public struct LossWeights: Model {
    /// [steps], float64.
    @Buffer public var weights: Tensor
  }

  public init(
    innerRate: Double, steps: Int = 5, rates: InnerRates = .perTensorAndStep, multiStepLoss: MultiStepLoss? = nil,
    firstOrderIterations: Int = 0, adapting: AdaptedPart = .allButNormalization
  ) {
    guard steps >= 0 else { stop("MAMLPlusPlus: the steps must not be negative; given were \(steps)") }
    self.innerRate = innerRate
    self.steps = steps
    self.rates = rates
    self.multiStepLoss = multiStepLoss
    self.firstOrderIterations = firstOrderIterations
    self.adapting = adapting
    self = at(iteration: 0)
  }

  public func prepared<M: Model>(for model: M) -> MAMLPlusPlus {
    var learner = at(iteration: 0)
    learner.parameters.rates = rates.initial(for: model, adapting: adapting, steps: steps, rate: innerRate)
    return learner
  }

  public func at(iteration: Int) -> MAMLPlusPlus {
    var learner = self
    learner.iteration = iteration
    learner.parameters.losses = multiStepLoss.map {
      LossWeights(weights: Tensor($0.weights(steps: steps, at: iteration), .float64))
    }
    return learner
  }

  private var isFirstOrder: Bool { iteration < firstOrderIterations }
  private var countsAllSteps: Bool { steps > 1 && multiStepLoss?.isActive(at: iteration) == true }

  public var phase: Int { (isFirstOrder ? 1 : 0) + (countsAllSteps ? 2 : 0) }

  public func trajectory<M: Model>(
    from model: M, on support: Batch, steps: Int, objective: Objective<M>
  ) -> [M] {
    guard steps >= 0 else { stop("MAMLPlusPlus: the steps must not be negative; given were \(steps)") }
    return (0..<steps).reduce(into: [model.at(step: 0)]) { models, step in
      models.append(self.step(step, from: models[step], on: support, objective: objective))
    }
  }

  /// The model after a step, counted from 0, and still at that step.
  private func step<M: Model>(_ step: Int, from model: M, on support: Batch, objective: Objective<M>) -> M {
    let fast = model.at(step: step)
    let slope = gradient(at: fast) { objective.loss($0, support) }
    let descent = (isFirstOrder ? stopGradient(slope) : slope).trainable
    var moved = zip(fast.leaves.filter(\.isTrainable), descent).map { leaf, descent in
      guard adapting.contains(leaf) else { return leaf.tensor }
      return leaf.tensor - rate(of: leaf, step: step) * descent
    }[...]
    return fast.replacingTrainable(from: &moved)
  }

  private func rate(of leaf: TensorLeaf, step: Int) -> Tensor {
    parameters.rates[leaf.name].map { rates.rate($0, step: step) }
      ?? Tensor(innerRate, .float64).cast(to: leaf.tensor.scalarType)
  }

  public func outerLoss<M: Model>(
    _ model: M, _ episode: Episode, objective: Objective<M>
  ) -> (loss: Tensor, score: Tensor) {
    let models = trajectory(from: model, on: episode.support, steps: steps, objective: objective)
    guard countsAllSteps, let weights = parameters.losses?.weights else {
      return objective.judge(models[steps], episode.query)
    }
    let judged = models.dropFirst().map { objective.judge($0, episode.query) }
    let losses = judged.enumerated().map { step, query in weights[step].cast(to: query.loss.scalarType) * query.loss }
    return (losses.dropFirst().reduce(losses[0], +), judged[steps - 1].score)
  }
}
