import Foundation
import Testing

@testable import MetaLearning

/// Tasks drawn ahead, and steps on tasks of several sizes.
@Suite struct TaskQueueTests {
  private static let tasks = CurveTasks(shots: 3, queries: 2)
  private static let key = RandomKey(seed: 9)

  private static func inputs(_ episodes: [Episode]) -> [Float] { episodes.flatMap { $0.support.inputs.floats } }

  @Test func whateverIsAskedForComes() {
    let draw: @Sendable (Int) -> [Episode] = { step in Self.tasks.episodes(2, key: Self.key[step]) }
    let queue = TaskQueue(depth: 3, draw: draw)
    // On and on, the same again, back, and far ahead.
    for step in Array(0..<50) + [49, 49, 3, 4, 5, 1000, 1001, 0] {
      #expect(Self.inputs(queue.take(step).episodes) == Self.inputs(draw(step)), "\(step)")
    }
  }

  /// After the first step has been taken, those up to the depth are drawn though nobody asks, and no more.
  @Test func stepsAreDrawnAheadUpToTheDepth() {
    let drawn = Drawn()
    let queue = TaskQueue(depth: 3) { step in
      drawn.note(step)
      return []
    }
    _ = queue.take(0)
    #expect(drawn.reaches(4))
    // Room for one more with each that is taken.
    _ = queue.take(1)
    #expect(drawn.reaches(5))
    // The first is drawn by who asks for it, while the thread goes on.
    #expect(drawn.steps.sorted() == [0, 1, 2, 3, 4])
  }

  /// The steps that were drawn.
  private final class Drawn: @unchecked Sendable {
    // @unchecked: read and written under the condition's lock.
    private let condition = NSCondition()
    private var noted: [Int] = []
    var steps: [Int] { condition.withLock { noted } }

    func note(_ step: Int) {
      condition.withLock {
        noted.append(step)
        condition.broadcast()
      }
    }

    /// Waits until there are so many; false where that takes more than a minute.
    func reaches(_ count: Int) -> Bool {
      let end = Date(timeIntervalSinceNow: 60)
      return condition.withLock {
        while noted.count < count { if !condition.wait(until: end) { return false } }
        return true
      }
    }
  }

  @Test func waitsAreTold() {
    let queue = TaskQueue { _ in
      Thread.sleep(forTimeInterval: 0.05)
      return []
    }
    #expect(queue.take(0).waited >= 0.05)
  }

  @Test func severalThreadsGetTheSame() async {
    let draw: @Sendable (Int) -> [Episode] = { step in Self.tasks.episodes(1, key: Self.key[step]) }
    let queue = TaskQueue(draw: draw)
    await withTaskGroup(of: Bool.self) { group in
      for start in 0..<4 {
        group.addTask {
          (start..<start + 40).allSatisfy { Self.inputs(queue.take($0).episodes) == Self.inputs(draw($0)) }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// The mean over tasks is the formula's, however they are grouped, and the same bits for any number of workers.
  @Test func stepsOnTasksOfSeveralSizes() throws {
    let sizes = [(2, 3), (4, 3), (2, 3), (1, 5), (4, 3), (2, 3)]
    let episodes = sizes.enumerated().map { index, size in
      CurveTasks(shots: size.0, queries: size.1).episode(key: Self.key[index])
    }
    let maml = MAML(innerRate: 0.02, steps: 2)
    let model = smallRegressor(seed: 1)
    func step(workers: Int) -> (state: [UInt64], model: MultilayerPerceptron) {
      var trainer = MetaTrainer(
        model, learner: maml, optimizer: SGD(learningRate: 0.1), objective: .regression, workers: workers)
      trainer.step(on: episodes)
      return (bits(trainer.state), trainer.model)
    }
    let stepped = step(workers: 1)
    #expect(step(workers: 2).state == stepped.state && step(workers: 5).state == stepped.state)
    let gradient = maml.metaGradient(at: model, on: episodes, objective: .regression).gradient
    expectClose(numbers(stepped.model), numbers(model - 0.1 * gradient), 1e-5)
  }
}
