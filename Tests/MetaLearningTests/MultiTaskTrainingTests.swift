import Testing

@testable import MetaLearning

@Suite struct MultiTaskTrainingTests {
  /// Points of one line, and the same for every task, so that one model can learn them all.
  private func episodes(_ count: Int, key: RandomKey) -> [Episode] {
    (0..<count).map { index in
      func batch(_ count: Int, _ key: RandomKey) -> Batch {
        let x = Tensor.randomUniform([count, 1], in: -1..<1, key: key)
        return Batch(inputs: x, targets: 2 * x - 0.5)
      }
      return Episode(
        support: batch(8, key[index][0]), query: batch(5, key[index][1]),
        shape: EpisodeShape(ways: 1, shots: 8, queries: 5))
    }
  }

  @Test func learns() {
    var model = smallRegressor(seed: 1)
    let history = trainOnTasks(
      &model, episodes(6, key: RandomKey(seed: 2)), epochs: 60, optimizer: Adam(learningRate: 0.01),
      objective: .regression)
    #expect(history.count == 60)
    #expect(history[59].loss < 0.02 * history[0].loss)
    #expect(history[59].scores.value < 0.02 * history[0].scores.value)
    #expect(history.allSatisfy { $0.scores.count == 6 })
  }

  @Test func isTheLoopByHand() {
    func check(_ optimizer: some Optimizer) {
      let tasks = CurveTasks(.lines, shots: 6, queries: 4).episodes(5, key: RandomKey(seed: 3))
      var trained = smallRegressor(seed: 1)
      let history = trainOnTasks(&trained, tasks, epochs: 4, optimizer: optimizer, objective: .regression)

      var model = smallRegressor(seed: 1)
      var state = optimizer.initialState(for: model)
      for epoch in 0..<4 {
        var losses: [Double] = []
        for task in tasks {
          let (loss, gradient) = valueAndGradient(at: model) { model in
            meanSquaredError(model(task.support.inputs), task.support.targets)
          }
          optimizer.update(&model, along: gradient, state: &state)
          losses.append(loss.item())
        }
        let scores = tasks.map { meanSquaredError(model($0.query.inputs), $0.query.targets).item() }
        #expect(history[epoch].loss == losses.reduce(0, +) / 5)
        #expect(history[epoch].scores == Estimate(scores))
      }
      #expect(bits(trained) == bits(model))
    }
    check(SGD(learningRate: 0.01, momentum: 0.9))
    check(Adam(learningRate: 0.01))
  }
}
