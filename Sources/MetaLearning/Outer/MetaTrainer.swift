/// The outer loop: draws a batch of tasks, sums their meta-gradients in task order, and moves the model.
///
/// ```swift
/// var trainer = MetaTrainer(model, learner: MAML(innerRate: 0.01), optimizer: Adam(), objective: .regression)
/// for i in 0..<1000 {
///   let result = trainer.step(on: tasks.episodes(25, key: key[i]))
///   print(result.loss)
/// }
/// let adapted = trainer.learner.adapt(trainer.model, to: episode.support, objective: .regression)
/// ```
///
/// What the learner has of its own, such as inner rates, is learned with the model: `trainer.learner` has what was learned.
///
/// The gradient of one task is traced once, batched over a few tasks where the net is tiny, and then run for all tasks on
/// as many threads as there are workers. The same episodes give the same bits whatever the number of workers.
public struct MetaTrainer<M: Model, Learner: MetaLearner, Outer: Optimizer>: Sendable {
  /// The model and what belongs to it: all that a checkpoint holds.
  public struct State: Model {
    /// The initial weights θ that are learned.
    public var model: M
    /// What the learner has of its own; nil where it has nothing.
    public var learner: LearnerState?
    /// The outer optimizer's memory.
    public var optimizer: OptimizerState<M>
  }

  /// A learner's own parameters and the outer optimizer's memory of them.
  public struct LearnerState: Model {
    public var parameters: Learner.Parameters
    public var optimizer: OptimizerState<Learner.Parameters>
  }

  /// The learned initial weights and the outer optimizer's memory.
  public var state: State {
    get {
      var leaves = stateLeaves[...]
      return template.replacingLeaves(from: &leaves)
    }
    set {
      template = newValue
      stateLeaves = newValue.leaves.map(\.tensor)
      Tensor.evaluate(stateLeaves)
      forgetPrograms()
    }
  }
  /// How a task is learned, with the parameters that were learned, at the iteration that comes next.
  public var learner: Learner {
    var learner = initialLearner
    if let state = template.learner {
      var leaves = stateLeaves[modelLeafCount...]
      learner.parameters = state.parameters.replacingLeaves(from: &leaves)
    }
    return learner.at(iteration: iteration)
  }
  /// The outer steps taken so far.
  public var iteration: Int { Int(stateLeaves[modelLeafCount + learnerLeafCount].item()) }
  /// The optimizer of the outer loop.
  public private(set) var optimizer: Outer
  /// What is minimised and reported.
  public let objective: Objective<M>
  /// The norm to which the meta-gradient is clipped; nil leaves it as it is.
  public var clipNorm: Double? {
    didSet { if clipNorm != oldValue { updatePrograms = [:] } }
  }
  /// How many tasks are computed together, as one batch, and share the products with the initial weights; by default as
  /// many as keep small nets busy, and fewer for large ones, and for those (from the first step on) of whose images much
  /// lies between their operations. The result depends on it in the last bits only.
  public var tasksPerProgram: Int {
    didSet {
      precondition(tasksPerProgram > 0, "a program computes at least one task")
      isCountSettled = true
    }
  }
  private var isCountSettled = false
  /// In which precision the convolutions of the tasks are computed; the update is computed in full.
  public var precision = ProductPrecision.full {
    didSet { if precision != oldValue { forgetPrograms() } }
  }

  /// How often a task is adapted to in a step, with its labels turned; the mean of the losses counts.
  public var labelTurns = LabelTurns.none {
    didSet { if labelTurns != oldValue { forgetPrograms() } }
  }

  private var template: State
  /// The tensors of the state; kept flat, because taking a model apart costs more than a small net's step.
  private var stateLeaves: [Tensor]
  private let initialLearner: Learner
  private let modelLeafCount: Int
  /// Of the learner's parameters and of their optimizer's memory; they lie behind the model, before its optimizer's memory.
  private let learnerLeafCount: Int
  private let pool: WorkerPool
  /// The most memory of a program that runs beside others, in bytes: far more than any cache, so that it does not matter
  /// which core goes on with an operation's results.
  var mostSideBySide = 80 << 20
  private var taskPrograms: [TaskKind: Program] = [:]
  private var updatePrograms: [UpdateKind: Program] = [:]

  private struct TaskKind: Hashable {
    var batch: TaskBatch.Kind
    var phase: Int
  }

  private struct UpdateKind: Hashable {
    var programs: Int
    var tasks: Int
  }

  /// A trainer that starts from a model, with `workers` threads (by default one for each active core).
  public init(_ model: M, learner: Learner, optimizer: Outer, objective: Objective<M>, workers: Int? = nil) {
    initialLearner = learner.prepared(for: model)
    let parameters = initialLearner.parameters
    let learnerState =
      parameters.leaves.isEmpty
      ? nil : LearnerState(parameters: parameters, optimizer: optimizer.initialState(for: parameters))
    template = State(model: model, learner: learnerState, optimizer: optimizer.initialState(for: model))
    stateLeaves = template.leaves.map(\.tensor)
    // Or the workers would, each for itself.
    Tensor.evaluate(stateLeaves)
    modelLeafCount = model.leaves.count
    learnerLeafCount = learnerState?.leaves.count ?? 0
    self.optimizer = optimizer
    self.objective = objective
    pool = WorkerPool(workers: workers)
    // As many as make small products worth their calls, and share those with the initial weights; fewer where many steps
    // keep their weights, all of which shall not fill the caches either.
    let count = max(1, model.parameterCount)
    tasksPerProgram = max(1, min(max(24_000 / count, 8), 1_000_000 / (count * max(1, learner.steps))))
  }

  /// The learned initial weights θ.
  public var model: M { state.model }
  /// The learning rate of the outer loop; it may be changed between steps.
  public var learningRate: Double {
    get { optimizer.learningRate.item() }
    set { optimizer.learningRate = Tensor(newValue, .float64) }
  }
  /// How many threads work on the tasks of a step.
  public var workers: Int { pool.workers }

  /// What a step found.
  public struct StepResult: Sendable {
    /// The mean outer loss over the tasks, before the step.
    public var loss: Double
    /// The mean score of the adapted models on the query sets, before the step.
    public var score: Double
    /// The norm of the mean meta-gradient, before it is clipped.
    public var gradientNorm: Double

    /// Whether the step was taken: not where the loss or the gradient is no number any more.
    public var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
  }

  /// Takes one step on a batch of episodes. If the loss or its gradient is not finite, the weights stay as they are.
  ///
  /// Episodes of one shape are computed together, so shapes may differ, but cost the less the fewer there are.
  @discardableResult
  public mutating func step(on episodes: [Episode]) -> StepResult {
    precondition(!episodes.isEmpty, "a step needs at least one task")
    var groups: [(kind: TaskBatch.Kind, members: [Int])] = []
    for (index, episode) in episodes.enumerated() {
      let kind = TaskBatch.kind(of: episode, count: 1)
      if let place = groups.firstIndex(where: { $0.kind == kind }) {
        groups[place].members.append(index)
      } else {
        groups.append((kind, [index]))
      }
    }
    return step(groups.map(\.members)) { episodes[$0] }
  }

  /// Takes one step on `tasks` episodes of one shape, which the workers draw by themselves.
  @discardableResult
  public mutating func step(tasks: Int, episode: @Sendable (Int) -> Episode) -> StepResult {
    precondition(tasks > 0, "a step needs at least one task")
    return step([Array(0..<tasks)], episode)
  }

  /// Takes one step on groups of tasks, those of a group of one shape.
  private mutating func step(_ groups: [[Int]], _ episode: @Sendable (Int) -> Episode) -> StepResult {
    let learner = learner
    let firsts = groups.map { episode($0[0]) }
    settleCount(episodesLike: firsts[0], learner)
    var pieces: [(tasks: ArraySlice<Int>, first: Episode, program: Program)] = []
    for (group, first) in zip(groups, firsts) {
      // Cut as evenly as can be, so that there are at most two sizes.
      let count = (group.count + tasksPerProgram - 1) / tasksPerProgram
      let cuts = (0...count).map { $0 * group.count / count }
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        pieces.append((group[start..<end], first, program(for: end - start, episodesLike: first, learner)))
      }
    }
    let tasks = groups.reduce(0) { $0 + $1.count }
    let own = template.learner == nil ? [] : learner.parameters.leaves.map(\.tensor)
    let learned = stateLeaves.prefix(modelLeafCount) + own
    let results = results(of: pieces.map(\.program)) { [pieces] index in
      let piece = pieces[index]
      // The first of a group has been drawn already.
      let batch = TaskBatch(
        piece.tasks.enumerated().map { $0 == 0 && piece.tasks.startIndex == 0 ? piece.first : episode($1) })
      return learned + batch.tensors
    }
    let loss = results.reduce(0) { $0 + $1[0].item() } / Double(tasks)
    let score = results.reduce(0) { $0 + $1[1].item() } / Double(tasks)
    guard loss.isFinite else { return StepResult(loss: loss, score: score, gradientNorm: .nan) }
    let before = stateLeaves
    // With the numbers that go with the iteration.
    stateLeaves.replaceSubrange(modelLeafCount..<(modelLeafCount + own.count), with: own)
    let norm = update(along: results.map { Array($0.dropFirst(2)) }, tasks: tasks)
    if !norm.isFinite { stateLeaves = before }
    return StepResult(loss: loss, score: score, gradientNorm: norm)
  }

  /// Runs programs side by side, each on a worker; but large ones one after the other, with their operations shared by the
  /// workers: the bits are the same, and only one of them is in memory at a time.
  private func results(of programs: [Program], arguments: @Sendable (Int) -> [Tensor]) -> [[Tensor]] {
    if programs.contains(where: { $0.arenaSize > mostSideBySide }) {
      return programs.enumerated().map { $1.run(arguments($0), on: pool) }
    }
    return pool.map(programs.count) { programs[$0].run(arguments($0)) }
  }
  /// What lies between the operations of all tasks of a program shall stay in the caches.
  private mutating func settleCount(episodesLike episode: Episode, _ learner: Learner) {
    guard !isCountSettled else { return }
    isCountSettled = true
    guard tasksPerProgram > 1 else { return }
    let each = program(for: 1, episodesLike: episode, learner).arenaSize
    tasksPerProgram = max(1, min(tasksPerProgram, Self.mostBetweenOperations / max(each, 1)))
  }
  /// In bytes: half of what processors share as their last cache.
  private static var mostBetweenOperations: Int { 16 << 20 }

  /// The program that computes the sums of the outer loss, the score and the meta-gradient over a batch of tasks.
  private mutating func program(for count: Int, episodesLike episode: Episode, _ learner: Learner) -> Program {
    let kind = TaskKind(batch: TaskBatch.kind(of: episode, count: count), phase: learner.phase)
    if let known = taskPrograms[kind] { return known }
    let batch = TaskBatch(repeating: episode, count: count)
    let (objective, turns) = (objective, labelTurns)
    let program = Program.trace(template.model, learner.parameters, batch.tensors, precision: precision) {
      model, parameters, tensors in
      var score = Tensor(0)
      let (loss, gradient) = valueAndGradient(at: model, parameters) { model, parameters in
        var learner = learner
        learner.parameters = parameters
        let sums = batch.sum(over: tensors) { [learner] episode in
          turns.mean(of: objective) {
            let outer = learner.outerLoss(model, episode, objective: $0)
            return [outer.loss, outer.score]
          }
        }
        score = sums[1]
        return sums[0]
      }
      return [loss, score] + gradient.0.trainable + gradient.1.trainable
    }
    taskPrograms[kind] = program
    return program
  }

  /// Moves the model, and what the learner has of its own, along the mean of the tasks' gradients, which are added in the
  /// order of the tasks; gives the norm of that mean.
  private mutating func update(along gradients: [[Tensor]], tasks: Int) -> Double {
    let kind = UpdateKind(programs: gradients.count, tasks: tasks)
    let clipNorm = clipNorm
    let program =
      updatePrograms[kind]
      ?? Program.trace(optimizer, template, gradients) { optimizer, state, gradients in
        var sum = gradients[0]
        for next in gradients.dropFirst() { sum = zip(sum, next).map { $0 + $1 } }
        var mean = sum.map { $0 / Double(tasks) }
        let norm = mean.globalNorm
        if let clipNorm { mean = mean.clipped(toNorm: clipNorm) }
        var (new, rest) = (state, mean[...])
        let descent = new.model.zeros.replacingTrainable(from: &rest)
        optimizer.update(&new.model, along: descent, state: &new.optimizer)
        if var learner = new.learner {
          let descent = learner.parameters.zeros.replacingTrainable(from: &rest)
          optimizer.update(&learner.parameters, along: descent, state: &learner.optimizer)
          new.learner = learner
        }
        return [norm] + new.leaves.map(\.tensor)
      }
    updatePrograms[kind] = program
    let results = program.run(optimizer.leaves.map(\.tensor) + stateLeaves + gradients.joined(), on: pool)
    stateLeaves = Array(results.dropFirst())
    return results[0].item()
  }

  /// Another model may have other settings than those that the programs were traced with.
  private mutating func forgetPrograms() { (taskPrograms, updatePrograms) = ([:], [:]) }
}
