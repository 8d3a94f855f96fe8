import Testing

@testable import MetaLearning

@Suite struct AdaptationReportTests {
  private let key = RandomKey(seed: 21)

  /// The 95 % interval of four figures by hand: 1.96 · √(Σ (x − mean)² / 3) / √4.
  ///
  /// Targets 1, 2, 3, 4 from θ = 0: errors 1, 4, 9, 16, mean 7.5, squared distances 42.25, 12.25, 2.25, 72.25, sum 129.
  /// A step of rate 1/4 halves the distance, so each figure is a quarter of the one before.
  @Test func figuresAreThoseByHand() {
    let report = MAML(innerRate: 0.25, steps: 2).evaluate(
      ConstantModel(0), on: ListedTasks([1, 2, 3, 4], key: key), tasks: 4, objective: .regression, key: key)
    #expect(report.tasks == 4)
    #expect(report.metric == .meanSquaredError)
    #expect(report.perStep.map(\.step) == [0, 1, 2])
    #expect(report.perStep.map(\.estimate.value) == [7.5, 1.875, 0.46875])
    let interval = 1.96 * (129.0 / 3).squareRoot() / 2
    for (step, scale) in [1.0, 0.25, 0.0625].enumerated() {
      expectClose([report.perStep[step].estimate.ci95], [interval * scale], 1e-14, "interval after \(step) steps")
    }
    #expect(report.perStep.map(\.estimate.count) == [4, 4, 4])
    #expect(report.perStep.map(\.diverged) == [0, 0, 0])
    #expect(report.after(1).estimate.value == 1.875)
    #expect(report.after(9).step == 2, "more steps than there are give the last")
  }

  @Test func stepsCanBeOthersThanThoseOfTraining() {
    let maml = MAML(innerRate: 0.25, steps: 1)
    let tasks = ListedTasks([1, 2, 3, 4], key: key)
    let more = maml.evaluate(ConstantModel(0), on: tasks, tasks: 4, steps: 3, objective: .regression, key: key)
    #expect(more.perStep.map(\.estimate.value) == [7.5, 1.875, 0.46875, 0.1171875])
    let none = maml.evaluate(ConstantModel(0), on: tasks, tasks: 4, steps: 0, objective: .regression, key: key)
    #expect(none.perStep.map(\.estimate.value) == [7.5])
  }

  /// Rate 1e30 throws the model from 0 to about 1e30 · c, whose square is no float32, except where c = 0 already.
  @Test func divergingTasksAreCountedAndLeftOut() {
    let targets = [0.0, 1, 0, 2, 0, 3, 4]
    let report = MAML(innerRate: 1e30, steps: 3).evaluate(
      ConstantModel(0), on: ListedTasks(targets, key: key), tasks: 7, objective: .regression, key: key)
    #expect(report.perStep.map(\.diverged) == [0, 4, 4, 4])
    #expect(report.perStep.map(\.estimate.count) == [7, 3, 3, 3])
    #expect(report.perStep.map(\.estimate.value) == [30.0 / 7, 0, 0, 0])
    #expect(report.perStep.dropFirst().map(\.estimate.ci95) == [0, 0, 0])
  }

  /// From 1e20 off, the square is infinite; at rate 1/2 one step lands on the target, and the loss is 0 again.
  @Test func tasksThatDivergedStayOut() {
    let report = MAML(innerRate: 0.5, steps: 2).evaluate(
      ConstantModel(0), on: ListedTasks([1e20, 1, 3], key: key), tasks: 3, objective: .regression, key: key)
    #expect(report.perStep.map(\.diverged) == [1, 1, 1])
    #expect(report.perStep.map(\.estimate.value) == [5, 0, 0])
  }

  @Test func networksDivergeWithoutNaN() {
    let report = MAML(innerRate: 1e6, steps: 10).evaluate(
      MultilayerPerceptron(inputs: 1, hidden: [8, 8], outputs: 1, key: RandomKey(seed: 1)), on: CurveTasks(), tasks: 6,
      objective: .regression, key: key)
    #expect(report.perStep.allSatisfy { $0.diverged + $0.estimate.count == 6 })
    #expect(report.perStep.allSatisfy { $0.estimate.count == 0 || $0.estimate.value.isFinite })
    #expect(report.perStep[0].diverged == 0)
    #expect(report.perStep[10].diverged == 6)
  }

  @Test func reproducibleForAnyNumberOfWorkers() {
    let model = smallRegressor(seed: 3)
    func figures(workers: Int, key: RandomKey) -> [Double] {
      let report = MAML(innerRate: 0.02, steps: 3).evaluate(
        model, on: CurveTasks(.mixture, shots: 4, queries: 6), tasks: 9, objective: .regression, key: key,
        workers: workers)
      return report.perStep.flatMap { [$0.estimate.value, $0.estimate.ci95] }
    }
    let one = figures(workers: 1, key: key)
    #expect(figures(workers: 1, key: key) == one)
    #expect(figures(workers: 2, key: key) == one)
    #expect(figures(workers: 7, key: key) == one)
    #expect(figures(workers: 2, key: key[0]) != one)
  }

  /// The n-th task is the one of the n-th child of the key, and every step is that of `trajectory`.
  @Test func figuresAreThoseOfTheTrajectory() throws {
    let images = AlphabetGenerator(key: key, size: 10).dataset(classes: 0..<8, drawingsPerClass: 6)
    let sampler = try EpisodeSampler(images, shape: EpisodeShape(ways: 3, shots: 2, queries: 4))
    let model = MultilayerPerceptron(inputs: 100, hidden: [12], outputs: 3, key: RandomKey(seed: 1))
    let maml = MAML(innerRate: 0.1, steps: 4)
    let report = maml.evaluate(model, on: sampler, tasks: 5, objective: .classification, key: key)
    let scores = sampler.episodes(5, key: key).map { episode in
      maml.trajectory(from: model, on: episode.support, steps: 4, objective: .classification).map { adapted in
        accuracy(logits: adapted(episode.query.inputs), labels: episode.query.targets).item()
      }
    }
    #expect(report.metric == .accuracy)
    for step in 0...4 { #expect(report.perStep[step].estimate == Estimate(scores.map { $0[step] })) }
  }
}
