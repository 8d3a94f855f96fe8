#if compiler(>=6.2) && (os(Linux) || os(macOS))
  import Testing

  @testable import MetaLearning

  /// Counts that make no sense end a program with one sentence and status 2, or the signal of a trap in a debug build.
  @Suite struct CountMistakeTests {
    #if DEBUG
      static let end = ExitTest.Condition.failure
    #else
      static let end = ExitTest.Condition.exitCode(2)
    #endif

    private func expect(_ result: ExitTest.Result?, _ sentence: String, _ location: SourceLocation = #_sourceLocation) {
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(output.contains(sentence), "\(output)", sourceLocation: location)
    }

    @Test func shots() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = CurveTasks(shots: -1)
      }
      expect(
        result, "CurveTasks: a task has one way, and its shots and queries must be positive; given were 1, -1, 10\n")
      let later = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        var tasks = CurveTasks()
        tasks.shape.queries = 0
      }
      expect(later, "given were 1, 10, 0")
    }

    @Test func episodes() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = CurveTasks().episodes(-1, key: RandomKey(seed: 1))
      }
      expect(result, "episodes: their number must not be negative; given was -1\n")
    }

    @Test func drawings() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = AlphabetGenerator(key: RandomKey(seed: 1)).dataset(classes: 0..<2, drawingsPerClass: 0)
      }
      expect(result, "AlphabetGenerator: the drawings of a class must be positive; given were 0\n")
      let size = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = AlphabetGenerator(key: RandomKey(seed: 1), size: 0)
      }
      expect(size, "AlphabetGenerator: the size of an image must be positive; given was 0\n")
    }

    @Test func steps() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        let episode = CurveTasks().episode(key: RandomKey(seed: 1))
        _ = MAML(innerRate: 0.1, steps: -2).adapt(smallRegressor(seed: 1), to: episode.support, objective: .regression)
      }
      expect(result, "MAML: the steps must not be negative; given were -2\n")
      let evaluated = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = JointTraining(inner: SGD(learningRate: 0.1)).evaluate(
          smallRegressor(seed: 1), on: CurveTasks(), tasks: 3, steps: -1, objective: .regression,
          key: RandomKey(seed: 1))
      }
      expect(evaluated, "the steps must not be negative; given were -1\n")
    }

    @Test func tasks() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        _ = MAML(innerRate: 0.1).evaluate(
          smallRegressor(seed: 1), on: CurveTasks(), tasks: 0, objective: .regression, key: RandomKey(seed: 1))
      }
      expect(result, "evaluate: the number of tasks must be positive; given was 0\n")
    }

    @Test func options() async {
      let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
        var options = MetaTrainingOptions()
        options.recordEvery = 0
        let trainer = MetaTrainer(
          smallRegressor(seed: 1), learner: MAML(innerRate: 0.1), optimizer: Adam(), objective: .regression)
        _ = MetaTrainingRun(trainer, tasks: CurveTasks(), options: options, key: RandomKey(seed: 1))
      }
      expect(result, "MetaTrainingOptions: recordEvery must be at least 1; given was 0\n")
    }
  }
#endif
