import Foundation

/// How a learning rate changes with the steps: a pure function from the number of a step to a multiplier.
///
/// ```swift
/// let optimizer = Adam(learningRate: 1e-3)
/// let schedule = LearningRateSchedule.warmUp(steps: 100, then: .cosine(steps: 900, to: 0.01))
/// for step in 0..<1000 {
///   optimizer.scheduled(schedule, at: step).update(&model, along: gradient, state: &state)
/// }
/// ```
///
/// A schedule is a value that can be compared and stored with the other settings of a run; it has no state, so a run
/// that goes on from a checkpoint only needs the number of its step.
public indirect enum LearningRateSchedule: Hashable, Sendable, Codable {
  /// 1 at every step.
  case constant
  /// factor^⌊step / every⌋: multiplied by `factor` after every so many steps.
  case step(every: Int, factor: Double)
  /// factor^step.
  case exponential(factor: Double)
  /// From 1 to `to` along half a cosine within `steps` steps, then `to` (Loshchilov and Hutter, 2017, without restarts).
  case cosine(steps: Int, to: Double = 0)
  /// (step + 1) / steps for the first `steps` steps, so that the last of these has the full rate; then another schedule,
  /// which counts from there.
  case warmUp(steps: Int, then: LearningRateSchedule = .constant)

  /// What the learning rate is multiplied by at a step. Steps count from 0.
  public func multiplier(at step: Int) -> Double {
    guard step >= 0 else { stop("LearningRateSchedule: steps count from 0; \(step) was given") }
    switch self {
    case .constant: return 1
    case .step(let every, let factor):
      guard every > 0 else { stop("LearningRateSchedule: .step(every:) must be positive, not \(every)") }
      return pow(factor, Double(step / every))
    case .exponential(let factor): return pow(factor, Double(step))
    case .cosine(let steps, let end):
      guard step < steps else { return end }
      return end + (1 - end) * (1 + cos(.pi * Double(step) / Double(steps))) / 2
    case .warmUp(let steps, let next):
      return step < steps ? Double(step + 1) / Double(steps) : next.multiplier(at: step - Swift.max(steps, 0))
    }
  }

  /// A learning rate at a step, counted from 0.
  public func learningRate(_ initial: Double, at step: Int) -> Double { initial * multiplier(at: step) }
}

extension Optimizer {
  /// The same optimizer with its learning rate multiplied as a schedule says for a step, counted from 0.
  public func scheduled(_ schedule: LearningRateSchedule, at step: Int) -> Self {
    var optimizer = self
    optimizer.learningRate = learningRate * schedule.multiplier(at: step)
    return optimizer
  }
}
