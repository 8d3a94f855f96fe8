import Foundation
import Testing

@testable import MetaLearning

/// A learner that adapts several times, with the classes of a task at other outputs.
@Suite struct LabelTurnsTests {
  private let key = RandomKey(seed: 31)

  private func net() -> MultilayerPerceptron {
    MultilayerPerceptron(inputs: 6, hidden: [8], outputs: 4, activation: .tanh, normalization: .batch, key: key[0])
  }

  /// Tasks of four classes of six numbers each.
  private func episode(_ seed: UInt64) -> Episode {
    let key = RandomKey(seed: seed)
    func batch(_ each: Int, _ key: RandomKey) -> Batch {
      let labels = (0..<4 * each).map { Int32($0 / each) }
      let middles = Tensor.randomNormal([4, 1, 6], key: RandomKey(seed: seed)[7]).broadcast(to: [4, each, 6]).reshaped([
        4 * each, 6,
      ])
      return Batch(inputs: middles + Tensor.randomNormal([4 * each, 6], key: key), targets: Tensor(labels))
    }
    return Episode(
      support: batch(2, key[0]), query: batch(3, key[1]), shape: EpisodeShape(ways: 4, shots: 2, queries: 3))
  }

  /// The same task with another name for each class.
  private func renamed(_ episode: Episode, by places: Int32) -> Episode {
    func turned(_ labels: Tensor) -> Tensor { Tensor((labels.scalars() as [Int32]).map { ($0 + places) % 4 }) }
    var episode = episode
    episode.support.targets = turned(episode.support.targets)
    episode.query.targets = turned(episode.query.targets)
    return episode
  }

  /// A turn of the outputs is a turn of the labels the other way: class c is read from output c + k·4/n.
  @Test(arguments: [(1, [0]), (2, [0, 2]), (3, [0, 1, 2]), (4, [0, 1, 2, 3])]) func turnsAreTurnsOfLabels(
    count: Int, starts: [Int32]
  ) {
    let (maml, episode, model) = (MAML(innerRate: 0.3, steps: 3), episode(1), net())
    let objectives = LabelTurns(count).turned(.classification) as [Objective<MultilayerPerceptron>]
    #expect(objectives.count == count)
    for (objective, start) in zip(objectives, starts) {
      let turned = maml.adapt(model, to: episode.support, objective: objective)
      let renamed = renamed(episode, by: start)
      let plain = maml.adapt(model, to: renamed.support, objective: .classification)
      for (a, b) in zip(turned.trainable, plain.trainable) { expectClose(a.doubles, b.doubles, 1e-6) }
      let (ours, theirs) = (
        objective.judge(turned, episode.query), Objective.classification.judge(plain, renamed.query)
      )
      expectClose(ours.loss.doubles, theirs.loss.doubles, 1e-6)
      #expect(ours.score.floats == theirs.score.floats)
    }
  }

  /// What is judged is the mean of the probabilities that the turns give, transductive and inductive.
  @Test(arguments: QueryStatistics.allCases) func theMeanOfProbabilitiesCounts(statistics: QueryStatistics) {
    let (maml, episode, model) = (MAML(innerRate: 0.3, steps: 2), episode(2), net())
    let objective = Objective<MultilayerPerceptron>.classification
    var sum = [[Double]](repeating: [Double](repeating: 0, count: 12 * 4), count: 3)
    for start in 0..<4 {
      let renamed = renamed(episode, by: Int32(start))
      let models = maml.trajectory(from: model, on: renamed.support, steps: 2, objective: objective)
      for step in 0...2 {
        let probabilities = softmax(objective.outputs(of: models[step], for: renamed, by: statistics)).doubles
        for query in 0..<12 {
          for c in 0..<4 { sum[step][4 * query + c] += probabilities[4 * query + (c + start) % 4] / 4 }
        }
      }
    }
    let outputs = maml.outputs(
      of: model, adaptedTo: episode, steps: 2, objective: objective, turns: LabelTurns(4), by: [.batch, .support])
    for step in 0...2 {
      expectClose(exp(outputs[statistics == .batch ? 0 : 1][step]).doubles, sum[step], 1e-5, "after \(step) steps")
    }
    // Before adapting no output is like a class, so all are alike after a whole turn.
    for row in 0..<12 { expectClose(Array(sum[0][(4 * row)..<(4 * row + 4)]), [0.25, 0.25, 0.25, 0.25], 1e-5) }

    let report = maml.evaluate(
      model, on: Listed(episodes: [episode, episode]), tasks: 2, objective: objective, key: key, statistics: statistics,
      turns: LabelTurns(4))
    let truth: [Int32] = episode.query.targets.scalars()
    let right = (0..<12).count { row in
      let own = sum[2][(4 * row)..<(4 * row + 4)]
      return own.max() == own[own.startIndex + Int(truth[row])]
    }
    expectClose([report.perStep[2].estimate.value], [Double(right) / 12], 1e-6)
  }

  /// A step on tasks with turned labels is one on the renamed tasks: the same mean loss and the same meta-gradient.
  @Test(arguments: [1, 3]) func trainingWithTurnsIsTrainingOnRenamedTasks(together: Int) {
    let episodes = (0..<3).map { episode(UInt64(10 + $0)) }
    func trained(_ turns: Int, _ episodes: [Episode]) -> (
      MetaTrainer<MultilayerPerceptron, MAMLPlusPlus, SGD>.StepResult, [Double]
    ) {
      var trainer = MetaTrainer(
        net().normalizingPerStep(2), learner: MAMLPlusPlus(innerRate: 0.2, steps: 2), optimizer: SGD(learningRate: 0.5),
        objective: .classification, workers: 2)
      trainer.labelTurns = LabelTurns(turns)
      trainer.tasksPerProgram = together
      var result = trainer.step(on: episodes)
      result = trainer.step(on: episodes)
      return (result, trainer.state.leaves.flatMap { $0.tensor.cast(to: .float64).doubles })
    }
    let (turned, weights) = trained(4, episodes)
    let (plain, others) = trained(1, episodes.flatMap { episode in (0..<4).map { renamed(episode, by: $0) } })
    expectClose([turned.loss, turned.score, turned.gradientNorm], [plain.loss, plain.score, plain.gradientNorm], 1e-5)
    expectClose(weights, others, 1e-5)
    #expect(trained(1, episodes).0.loss != turned.loss)
  }

  /// What the labels have no part in is computed once: more turns make no more kernels.
  @Test func turnsAreABatch() {
    let (model, episode) = (net(), episode(3))
    func count(_ turns: Int) -> Int {
      Program.trace(model, episode) { model, episode in
        let loss = gradient(at: model) { model in
          LabelTurns(turns).mean(of: .classification) { objective in
            [MAML(innerRate: 0.1).outerLoss(model, episode, objective: objective).loss]
          }[0]
        }
        return loss.trainable
      }.stepCount
    }
    #expect(count(4) == count(2))
  }

  private struct Listed: TaskDistribution {
    let episodes: [Episode]
    var shape: EpisodeShape { episodes[0].shape }
    func episode(key: RandomKey) -> Episode { episodes[0] }
  }
}
