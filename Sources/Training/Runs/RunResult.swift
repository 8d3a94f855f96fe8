/// What a run's last test found: `result.json` in its folder, and the last line of the command line's `--json`.
public struct RunResult: Sendable, Codable {
  /// The figures after some steps of adaptation.
  public struct Step: Sendable, Codable {
    public var step: Int
    public var value: JSONNumber
    public var ci95: JSONNumber
    /// Tasks that are left out because their loss was no longer finite.
    public var diverged: Int

    public init(step: Int, value: JSONNumber, ci95: JSONNumber, diverged: Int) {
      self.step = step
      self.value = value
      self.ci95 = ci95
      self.diverged = diverged
    }
  }

  public var metric: Metric
  /// The mean after as many steps as in training; where the queries' statistics make a difference, by those of the
  /// queries themselves (transductive).
  public var value: JSONNumber
  /// Half the width of its 95 % interval.
  public var ci95: JSONNumber
  /// How many tasks, or 1 for a test set.
  public var tasks: Int
  public var perStep: [Step]?
  /// Where the queries' statistics make a difference: by those of the support set.
  public var inductivePerStep: [Step]?
  /// The hardest classes and the most frequent mistakes, ten of each at most.
  public var mistakes: ClassMistakes?
  public var seconds: Double
  public var peakMemoryMB = Resources.peakMemoryMB
  public var run: String
  /// The call that found it; nil in results of before it was kept.
  public var command: String?

  public init(
    metric: Metric, value: Double, ci95: Double, tasks: Int, perStep: [Step]? = nil, inductivePerStep: [Step]? = nil,
    mistakes: ClassMistakes? = nil, seconds: Double, run: String, command: String? = nil
  ) {
    self.metric = metric
    self.value = JSONNumber(value)
    self.ci95 = JSONNumber(ci95)
    self.tasks = tasks
    self.perStep = perStep
    self.inductivePerStep = inductivePerStep
    self.mistakes = mistakes
    self.seconds = seconds
    self.run = run
    self.command = command
  }
}

/// A number, or null where it is not finite, as where every task diverged.
public struct JSONNumber: Sendable, Codable {
  public var value: Double
  public init(_ value: Double) { self.value = value }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    value = container.decodeNil() ? .nan : try container.decode(Double.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}
