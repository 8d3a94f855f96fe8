/// The outer loop: draws a batch of tasks, sums their meta-gradients in task order, and moves the model.
///
/// ```swift
/// var trainer = MetaTrainer(model, learner: MAML(innerRate: 0.01), optimizer: Adam(), objective: .regression)
/// for i in 0..<1000 {
///   let result = trainer.step(on: tasks.episodes(25, key: key[i]))
///   print(result.loss)
/// }
/// let adapted = trainer.learner.adapt(trainer.model, to: episode.support, .regression)
/// ```
///
/// The gradient of one task is traced once and then run for every task, on as many threads as there are workers. The
/// same episodes give the same bits whatever the number of workers.
public struct MetaTrainer<M: Model, Learner: MetaLearner, Outer: Optimizer>: Sendable {
  /// The model and what belongs to it: all that a checkpoint holds.
  public struct State: Model {
    /// The initial weights θ that are learned.
    public var model: M
    /// The outer optimizer's memory.
    public var optimizer: OptimizerState<M>
  }

  /// The learned initial weights and the outer optimizer's memory.
  public var state: State
  /// How a task is learned.
  public let learner: Learner
  /// The optimizer of the outer loop. Its learning rate may be changed between steps.
  public var optimizer: Outer
  /// The norm to which the meta-gradient is clipped; nil leaves it as it is.
  public var clipNorm: Double? {
    didSet { if clipNorm != oldValue { updatePrograms = [:] } }
  }
  /// What is minimised and reported.
  public let objective: Objective<M>

  private let pool: TaskPool
  private var taskProgram: (kinds: [Shape], program: Program)?
  private var updatePrograms: [Int: Program] = [:]

  /// A trainer that starts from a model, with `workers` threads (by default one for each active core).
  public init(_ model: M, learner: Learner, optimizer: Outer, objective: Objective<M>, workers: Int? = nil) {
    state = State(model: model, optimizer: optimizer.initialState(for: model))
    self.learner = learner
    self.optimizer = optimizer
    self.objective = objective
    pool = TaskPool(workers: workers)
  }

  /// The learned initial weights θ.
  public var model: M { state.model }
  /// How many threads work on the tasks of a step.
  public var workers: Int { pool.workers }

  /// What a step found.
  public struct StepResult: Sendable {
    /// The mean outer loss over the tasks, before the step.
    public var loss: Double
    /// The mean score of the adapted models on the query sets, before the step.
    public var score: Double
  }

  /// Takes one step on a batch of episodes, all of one shape.
  @discardableResult
  public mutating func step(on episodes: [Episode]) -> StepResult {
    step(tasks: episodes.count) { episodes[$0] }
  }

  /// Takes one step on `tasks` episodes, which the workers draw by themselves.
  @discardableResult
  public mutating func step(tasks: Int, episode: @Sendable (Int) -> Episode) -> StepResult {
    precondition(tasks > 0, "a step needs at least one task")
    let first = episode(0)
    let program = prepare(for: first)
    let model = state.model.leaves.map(\.tensor)
    let results = pool.map(tasks) { index in
      program.run(model + (index == 0 ? first : episode(index)).leaves.map(\.tensor))
    }
    var (loss, score) = (0.0, 0.0)
    for result in results {
      loss += result[0].item() / Double(tasks)
      score += result[1].item() / Double(tasks)
    }
    update(along: results.map { Array($0.dropFirst(2)) })
    return StepResult(loss: loss, score: score)
  }

  /// The program that computes the outer loss, the score and the meta-gradient of one task.
  private mutating func prepare(for episode: Episode) -> Program {
    let kinds = episode.leaves.map(\.tensor.shape)
    if let taskProgram, taskProgram.kinds == kinds { return taskProgram.program }
    let (learner, objective) = (learner, objective)
    let program = Program.trace(state.model, episode) { model, episode in
      var score = Tensor(0)
      let (loss, gradient) = valueAndGradient(at: model) { model in
        let outer = learner.outerLoss(model, episode, objective)
        score = outer.score
        return outer.loss
      }
      return [loss, score] + gradient.trainable
    }
    taskProgram = (kinds, program)
    return program
  }

  /// Moves the model along the mean of the tasks' gradients.
  private mutating func update(along gradients: [[Tensor]]) {
    let clipNorm = clipNorm
    if updatePrograms[gradients.count] == nil {
      updatePrograms[gradients.count] = Program.trace(optimizer, state, gradients) { optimizer, state, gradients in
        var sum = gradients[0]
        for next in gradients.dropFirst() { sum = zip(sum, next).map { $0 + $1 } }
        var mean = sum.map { $0 / Double(gradients.count) }[...]
        var new = state
        var gradient = new.model.replacingTrainable(from: &mean)
        if let clipNorm { gradient = gradient.clipped(toNorm: clipNorm) }
        optimizer.update(&new.model, along: gradient, state: &new.optimizer)
        return new.leaves.map(\.tensor)
      }
    }
    guard let program = updatePrograms[gradients.count] else { return }
    let arguments = optimizer.leaves.map(\.tensor) + state.leaves.map(\.tensor) + gradients.joined()
    var leaves = program.run(arguments)[...]
    state = state.replacingLeaves(from: &leaves)
  }
}
