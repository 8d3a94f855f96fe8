/// How much the query loss after each inner step counts in the outer loss, in the course of training (MAML++).
///
/// All steps count the same at the start, and the weight of all but the last falls to 0.03 / steps; after `iterations` only
/// the loss after the last step counts, as in the authors' code.
///
/// | steps 5, 10 stretches | step 1–4 | step 5 |
/// |---|---|---|
/// | first stretch | 0.2 | 0.2 |
/// | second | 0.18 | 0.28 |
/// | last | 0.02 | 0.92 |
/// | afterwards | 0 | 1 |
public struct MultiStepLoss: Hashable, Sendable, Codable {
  /// The iterations at the start in which all steps count.
  public var iterations: Int
  /// The iterations in a stretch with the same weights: an epoch in the authors' code.
  public var stretch: Int

  public init(iterations: Int, stretch: Int = 1) {
    guard iterations >= 0, stretch >= 1 else {
      stop(
        "MultiStepLoss: needs iterations of at least 0 and a stretch of at least 1, not \(iterations) and \(stretch)")
    }
    self.iterations = iterations
    self.stretch = stretch
  }

  /// Whether more than the last step counts at an iteration, counted from 0.
  public func isActive(at iteration: Int) -> Bool { iteration < iterations }

  /// The weights of the losses after the first to the last step at an iteration, counted from 0. Their sum is 1.
  public func weights(steps: Int, at iteration: Int) -> [Double] {
    guard steps > 0 else { return [] }
    guard isActive(at: iteration) else { return Array(repeating: 0, count: steps - 1) + [1] }
    let stretches = (iterations + stretch - 1) / stretch
    let equal = 1 / Double(steps)
    let weight = Swift.max(equal * (1 - Double(iteration / stretch) / Double(stretches)), 0.03 * equal)
    return Array(repeating: weight, count: steps - 1) + [1 - Double(steps - 1) * weight]
  }
}
