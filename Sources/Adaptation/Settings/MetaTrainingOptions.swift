/// The settings of a meta-training run.
public struct MetaTrainingOptions: Sendable, Codable, Equatable {
  /// Outer steps.
  public var iterations = 1000
  /// Tasks in an outer step.
  public var metaBatch = 32
  /// Outer steps in a record of the history.
  public var recordEvery = 10
  /// Outer steps between validations; a multiple of `recordEvery`.
  public var validateEvery = 100
  /// Tasks in a validation.
  public var validationTasks = 200
  /// How many validations in a row may be no better than the best before training ends early; nil: it never does.
  public var patience: Int?
  /// How the outer learning rate changes, from step to step.
  public var schedule = LearningRateSchedule.constant
  /// The norm to which the meta-gradient is clipped; nil leaves it.
  public var clipNorm: Double?

  public init() {}

  /// What makes no sense about the settings; nil where nothing is wrong.
  package var mistake: String? {
    let counts = [
      ("iterations", iterations), ("metaBatch", metaBatch), ("recordEvery", recordEvery),
      ("validateEvery", validateEvery), ("validationTasks", validationTasks),
    ]
    if let (name, count) = counts.first(where: { $1 < 1 }) { return "\(name) must be at least 1; given was \(count)" }
    if let patience, patience < 1 { return "patience must be at least 1; given was \(patience)" }
    if let clipNorm, !(clipNorm > 0) { return "clipNorm must be positive; given was \(clipNorm)" }
    return nil
  }
}
