import Testing

@testable import MetaLearning

/// A small run of sinusoids, MAML's first experiment: meta-learned weights adapt, jointly trained ones do not.
@Suite struct SinusoidLearningTests {
  private static let tasks = CurveTasks(.sinusoids, shots: 10, queries: 10)
  private static let key = RandomKey(seed: 1)
  private static let maml = MAML(innerRate: 0.02, steps: 1)
  private static let joint = JointTraining(inner: SGD(learningRate: 0.02))
  private static let untrained = MultilayerPerceptron(inputs: 1, hidden: [40, 40], outputs: 1, key: key[0])

  /// 300 iterations on 10 tasks each.
  private static func trained(_ learner: some MetaLearner) -> MultilayerPerceptron {
    var trainer = MetaTrainer(untrained, learner: learner, optimizer: Adam(learningRate: 5e-3), objective: .regression)
    for iteration in 0..<300 { trainer.step(on: tasks.episodes(10, key: key[1][iteration])) }
    return trainer.model
  }

  private static let mamlModel = trained(maml)
  private static let jointModel = trained(joint)

  private static func errors(_ model: MultilayerPerceptron) -> [Double] {
    maml.evaluate(model, on: tasks, tasks: 200, steps: 5, objective: .regression, key: key[2]).perStep
      .map(\.estimate.value)
  }

  @Test func mamlLearnsToAdapt() {
    let (before, after) = (Self.errors(Self.untrained), Self.errors(Self.mamlModel))
    #expect(after[1] < 0.5 * before[1], "after one step: \(after[1]), untrained \(before[1])")
    #expect(after[1] < 0.6 * after[0], "one step: \(after)")
    #expect(after[5] < after[1], "more steps than it was trained for: \(after)")
  }

  @Test func jointTrainingDoesNot() {
    let (joint, maml) = (Self.errors(Self.jointModel), Self.errors(Self.mamlModel))
    #expect(joint[1] > 1.5 * maml[1], "after one step: joint \(joint[1]), MAML \(maml[1])")
    #expect(joint[5] > 1.5 * maml[5], "after five steps: joint \(joint[5]), MAML \(maml[5])")
  }

  /// The joint loss is the mean over all examples, support and query alike, and nothing in it adapts.
  @Test func theJointLossIsThePlainMean() {
    let episode = CurveTasks(.lines, shots: 3, queries: 5).episode(key: Self.key[3])
    let model = Self.untrained.cast(to: .float64)
    func errors(_ batch: Batch) -> [Double] {
      zip(model(batch.inputs.cast(to: .float64)).doubles, batch.targets.doubles).map { ($0 - $1) * ($0 - $1) }
    }
    let (support, query) = (errors(episode.support), errors(episode.query))
    let outer = Self.joint.outerLoss(Self.untrained, episode, objective: .regression)
    expectClose([outer.loss.item()], [(support + query).reduce(0, +) / 8], 1e-6, "loss")
    expectClose([outer.score.item()], [query.reduce(0, +) / 5], 1e-6, "score")

    let gradient = Self.joint.metaGradient(at: Self.untrained, on: [episode], objective: .regression).gradient
    let all = Batch(
      inputs: concatenate([episode.support.inputs, episode.query.inputs]),
      targets: concatenate([episode.support.targets, episode.query.targets]))
    let plain = Tensors.gradient(at: Self.untrained) { Objective.regression.loss($0, all) }
    expectClose(numbers(gradient), numbers(plain), 1e-6, "gradient")
  }

  @Test func jointTrainingFineTunesAsMAMLAdapts() {
    let episode = Self.tasks.episode(key: Self.key[4])
    let fineTuned = Self.joint.adapt(Self.untrained, to: episode.support, steps: 3, objective: .regression)
    #expect(
      bits(fineTuned) == bits(Self.maml.adapt(Self.untrained, to: episode.support, steps: 3, objective: .regression)))
  }
}
