/// How a model does on a set of examples.
public struct ScoreReport: Sendable {
  /// The mean loss over the examples.
  public var loss: Double
  /// The mean score over the examples; its interval treats them as independent draws.
  public var score: Estimate
}

/// Judges a model on examples, batch by batch, without randomness.
///
/// The 95 % interval of an accuracy p over n examples is 1.96 · √(p (1 − p) / n).
public func evaluate<M: Model>(
  _ model: M, on source: some ExampleSource, objective: Objective<M>, batchSize: Int = 256
) -> ScoreReport {
  var (loss, score, squares) = (0.0, 0.0, 0.0)
  var programs: [Int: Program] = [:]
  let weights = model.leaves.map(\.tensor)
  for indices in batches(of: Array(0..<source.count), size: batchSize) {
    let batch = source.batch(of: indices)
    let program =
      programs[batch.count]
      ?? Program.trace(model, batch) { model, batch in
        let judged = objective.judge(model, batch)
        return [judged.loss, judged.score]
      }
    programs[batch.count] = program
    let result = program.run(weights + batch.leaves.map(\.tensor), on: .shared).map { $0.item() }
    let count = Double(batch.count)
    loss += result[0] * count
    score += result[1] * count
    squares += result[1] * result[1] * count
  }
  let count = Double(source.count)
  let mean = score / count
  // For an accuracy each example scores 0 or 1; else only the batches' means are known, and say what they can.
  let variance =
    objective.metric == .accuracy ? mean * (1 - mean) : max(squares / count - mean * mean, 0) * Double(batchSize)
  return ScoreReport(
    loss: loss / count, score: Estimate(value: mean, ci95: 1.96 * (variance / count).squareRoot(), count: source.count))
}

/// The outputs of a layer for many inputs, computed in batches. [examples, …] → [examples, …].
public func predict<M: Layer>(_ model: M, _ inputs: Tensor, batchSize: Int = 256) -> Tensor {
  let rows = inputs.shape[0]
  return concatenate(
    stride(from: 0, to: rows, by: batchSize).map { start in
      model(inputs.sliced(start..<min(start + batchSize, rows), axis: 0)).evaluated()
    })
}

/// Cuts a list into pieces of one size; the last may be shorter.
func batches(of indices: [Int], size: Int) -> [[Int]] {
  stride(from: 0, to: indices.count, by: size).map { Array(indices[$0..<min($0 + size, indices.count)]) }
}
