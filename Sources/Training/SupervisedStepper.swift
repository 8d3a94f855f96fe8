/// One step of supervised training after another, each a run of a program that was traced once per batch size.
struct SupervisedStepper<M: Layer, O: Optimizer> {
  private struct State: TensorTree {
    var model: M
    var optimizer: OptimizerState<M>
  }

  private var state: State
  private var optimizer: O
  private let baseRate: Double
  private let objective: Objective<M>
  private var programs: [Int: Program] = [:]

  init(_ model: M, optimizer: O, objective: Objective<M>) {
    state = State(model: model, optimizer: optimizer.initialState(for: model))
    self.optimizer = optimizer
    baseRate = optimizer.learningRate.item()
    self.objective = objective
  }

  var model: M { state.model }

  /// A factor on the optimizer's learning rate.
  var rate = 1.0
  var currentRate: Double { baseRate * rate }

  mutating func step(on batch: Batch, key: RandomKey) -> (loss: Double, score: Double) {
    optimizer.learningRate = Tensor(currentRate, .float64)
    let program = programs[batch.count] ?? trace(batch, key)
    programs[batch.count] = program
    let arguments =
      optimizer.leaves.map(\.tensor) + state.leaves.map(\.tensor) + batch.leaves.map(\.tensor) + [key.words]
    let results = program.run(arguments, on: .shared)
    var leaves = results.dropFirst(2)
    state = state.replacingLeaves(from: &leaves)
    return (results[0].item(), results[1].item())
  }

  private func trace(_ batch: Batch, _ key: RandomKey) -> Program {
    Program.trace(optimizer, state, batch, key.words) { optimizer, state, batch, words in
      let key = RandomKey(traced: words)
      var new = state
      var score = Tensor(0)
      let (loss, descent) = valueAndGradient(at: state.model) { model in
        let judged = objective.judge(model, batch, key: key)
        score = judged.score
        return judged.loss
      }
      optimizer.update(&new.model, along: descent, state: &new.optimizer)
      return [loss, score] + new.leaves.map(\.tensor)
    }
  }
}
