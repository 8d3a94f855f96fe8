import Foundation
import Testing

@testable import MetaLearning

@Suite struct MetaTrainingRunTests {
  private typealias Run<T: TaskDistribution> = MetaTrainingRun<MultilayerPerceptron, MAML<SGD>, Adam, T>

  private var options: MetaTrainingOptions {
    var options = MetaTrainingOptions()
    options.iterations = 12
    options.metaBatch = 3
    options.recordEvery = 4
    options.validateEvery = 8
    options.validationTasks = 5
    options.schedule = .cosine(steps: 12, to: 0.1)
    options.clipNorm = 0.5
    return options
  }

  private func trainer(width: Int = 8) -> MetaTrainer<MultilayerPerceptron, MAML<SGD>, Adam> {
    MetaTrainer(
      smallRegressor(seed: 1, width: width), learner: MAML(innerRate: 0.02), optimizer: Adam(learningRate: 0.01),
      objective: .regression, workers: 2)
  }

  private func run<T: TaskDistribution>(_ tasks: T, width: Int = 8, seed: UInt64 = 5) -> Run<T> {
    Run(trainer(width: width), tasks: tasks, validation: tasks, options: options, key: RandomKey(seed: seed))
  }

  private let curves = CurveTasks(shots: 4, queries: 6)

  @Test func recordsComeWhenTheyAreDue() throws {
    var run = run(curves)
    var losses: [Double] = []
    var rates: [Double] = []
    while !run.isFinished {
      let (result, record) = try run.advance()
      losses.append(result.loss)
      rates.append(run.trainer.learningRate)
      #expect((record != nil) == (run.position.iteration % 4 == 0))
    }
    let records = run.history.records
    #expect(records.map(\.iteration) == [4, 8, 12])
    #expect(records.map { $0.validationScore != nil } == [false, true, true])
    for (index, record) in records.enumerated() {
      expectClose([record.loss], [losses[(4 * index)..<(4 * index + 4)].reduce(0, +) / 4], 1e-12, "mean of a stretch")
      #expect(record.learningRate == rates[4 * index + 3])
    }
    #expect(rates == (0..<12).map { options.schedule.learningRate(0.01, at: $0) })
    #expect(records.map(\.seconds) == records.map(\.seconds).sorted())
  }

  /// Stopped within a stretch, at its end, and before the first step.
  @Test(arguments: [0, 4, 6, 11]) func resumedEqualsUninterrupted(stop: Int) throws {
    let runs = try TemporaryRuns()
    let file = runs.url.appendingPathComponent("checkpoint.safetensors")
    var (straight, stopped) = (run(curves), run(curves))
    while !straight.isFinished { _ = try straight.advance() }
    for _ in 0..<stop { _ = try stopped.advance() }
    try stopped.saveCheckpoint(to: file)
    // What was seen after the checkpoint does not count.
    for _ in stop..<min(stop + 5, 12) { _ = try stopped.advance() }
    var resumed = run(curves)
    try resumed.restore(from: file, records: stopped.history.records)
    #expect(resumed.position.iteration == stop)
    while !resumed.isFinished { _ = try resumed.advance() }
    #expect(bits(resumed.trainer.state) == bits(straight.trainer.state))
    #expect(timeless(resumed.history.records) == timeless(straight.history.records))
    #expect(resumed.history.records.count == 3)
  }

  @Test func otherKeysGiveOtherWeights() throws {
    var (one, other) = (run(curves), run(curves, seed: 6))
    _ = try (one.advance(), other.advance())
    #expect(bits(one.trainer.model) != bits(other.trainer.model))
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    let runs = try TemporaryRuns()
    let file = runs.url.appendingPathComponent("checkpoint.safetensors")
    var wide = run(curves, width: 9)
    _ = try wide.advance()
    try wide.saveCheckpoint(to: file)
    var narrow = run(curves)
    let before = bits(narrow.trainer.state)
    func refuses(_ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
      let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) {
        try narrow.restore(from: file, records: [])
      }
      for part in parts + [file.path] {
        #expect(error?.description.contains(part) == true, "\(error!)", sourceLocation: sourceLocation)
      }
      #expect(bits(narrow.trainer.state) == before, sourceLocation: sourceLocation)
      #expect(narrow.position == .init(), sourceLocation: sourceLocation)
    }
    refuses("another model or outer optimizer", "[1, 9]; expected [1, 8]")

    var good = run(curves)
    _ = try good.advance()
    try good.saveCheckpoint(to: file)
    let whole = try Data(contentsOf: file)
    for length in [0, 5, 200, whole.count - 1] {
      try whole.prefix(length).write(to: file)
      refuses(length < 8 ? "not a safetensors file" : "is cut off")
    }
    try good.trainer.model.writeWeights(to: file)
    refuses("not a checkpoint of a run")
    try SafeTensors.write(good.trainer.state, metadata: ["position": "{}"], to: file)
    refuses("not a checkpoint of a run")
    try FileManager.default.removeItem(at: file)
    refuses("does not exist")
  }

  /// Tasks that are right up to one of them.
  private struct BrokenTasks: TaskDistribution {
    let curves: CurveTasks
    let broken: RandomKey
    let value: Float
    var shape: EpisodeShape { curves.shape }

    func episode(key: RandomKey) -> Episode {
      var episode = curves.episode(key: key)
      if key == broken {
        episode.query.targets = .full(episode.query.targets.shape, Double(value))
      }
      return episode
    }
  }

  @Test(arguments: [Float.nan, .infinity, 1e30]) func dataThatAreNotFiniteStop(value: Float) throws {
    let key = RandomKey(seed: 5)
    // The second task of the third iteration.
    let tasks = BrokenTasks(curves: curves, broken: key[0][2][1], value: value)
    var run = run(tasks)
    _ = try (run.advance(), run.advance())
    let (before, position) = (bits(run.trainer.state), run.position)
    let place = value == 1e30 ? "the outer loss of task 2" : "the query targets of task 2"
    expectUserError("no longer finite at iteration 3", place, "rate") { _ = try run.advance() }
    #expect(bits(run.trainer.state) == before)
    #expect(run.position == position)
    // Trying again meets the same task.
    expectUserError("no longer finite at iteration 3") { _ = try run.advance() }
  }
}
