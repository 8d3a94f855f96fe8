import Testing

@testable import MetaLearning
@testable import Tensors

/// A profile counts the same whatever the number of workers, for they do the same work.
@Suite struct WorkerProfileTests {
  @Test func totalsAgree() async {
    await #expect(processExitsWith: .success) {
      Profile.shared.startCounting()
      let tasks = CurveTasks(.sinusoids, shots: 10, queries: 10)
      func totals(workers: Int) -> [String: [Int]] {
        let before = counts()
        let model = MultilayerPerceptron(inputs: 1, hidden: [8], outputs: 1, key: RandomKey(seed: 1))
        var trainer = MetaTrainer(
          model, learner: MAML(innerRate: 0.01), optimizer: Adam(), objective: .regression, workers: workers)
        trainer.tasksPerProgram = 2
        for step in 0..<5 {
          let episodes = tasks.episodes(12, key: RandomKey(seed: 2)[step])
          // What two tasks share would be drawn by two workers at once, and be counted twice.
          Tensor.evaluate(episodes.flatMap { $0.leaves.map(\.tensor) })
          trainer.step(on: episodes)
        }
        return counts().merging(before) { zip($0, $1).map { $0 - $1 } }.filter { $0.value[0] > 0 }
      }
      let (one, four) = (totals(workers: 1), totals(workers: 4))
      #expect(one == four)
      // Six programs of two tasks and one update in each of the five steps.
      #expect(Profile.shared.recorded.runCount == 2 * 5 * 7)
      #expect(one.values.reduce(0) { $0 + $1[0] } > 5 * 7 * 3)
    }
  }
}

/// Calls and bytes of each kernel.
private func counts() -> [String: [Int]] {
  let kernels = Profile.shared.recorded.kernels
  return Dictionary(kernels.map { ($0.description, [$0.calls, $0.calls * $0.bytesPerCall]) }) { zip($0, $1).map(+) }
}
