import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct LearningRateScheduleTests {
  func multipliers(_ schedule: LearningRateSchedule, _ steps: [Int]) -> [Double] {
    steps.map { schedule.multiplier(at: $0) }
  }

  @Test func multipliers() {
    #expect(multipliers(.constant, [0, 1000]) == [1, 1])
    #expect(multipliers(.step(every: 3, factor: 0.5), [0, 2, 3, 5, 6]) == [1, 1, 0.5, 0.5, 0.25])
    #expect(multipliers(.exponential(factor: 0.5), [0, 1, 3]) == [1, 0.5, 0.125])
    let cosine = multipliers(.cosine(steps: 4, to: 0.2), [0, 1, 2, 4, 100])
    for (own, expected) in zip(cosine, [1, 0.6 + 0.4 * 0.5.squareRoot(), 0.6, 0.2, 0.2]) {
      #expect(Swift.abs(own - expected) < 1e-15)
    }
    #expect(
      multipliers(.warmUp(steps: 4, then: .exponential(factor: 0.5)), [0, 1, 3, 4, 5]) == [0.25, 0.5, 1, 1, 0.5])
    #expect(multipliers(.warmUp(steps: 0), [0]) == [1])
    #expect(multipliers(.cosine(steps: 0), [0]) == [0])
  }

  @Test func withAnOptimizer() {
    let optimizer = SGD(learningRate: 0.4).scheduled(.step(every: 1, factor: 0.5), at: 2)
    #expect(optimizer.learningRate.item() == 0.1)
    #expect(LearningRateSchedule.exponential(factor: 0.5).learningRate(0.4, at: 1) == 0.2)
    // The learning rate can still be learned.
    let slope = gradient(at: SGD(learningRate: 0.4)) { optimizer in
      var theta = Tensor([1])
      optimizer.scheduled(.exponential(factor: 0.5), at: 1).update(&theta, along: Tensor([6]))
      return theta.sum()
    }
    #expect(slope.learningRate.item() == -3)
  }

  @Test func codable() throws {
    let schedule = LearningRateSchedule.warmUp(steps: 5, then: .step(every: 2, factor: 0.1))
    let data = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: data) == schedule)
  }
}
