import Foundation

/// A run as its folder tells of it, finished or not.
public struct RecordedRun: Sendable {
  /// What the run was told to do.
  public enum Settings: Sendable, Equatable {
    case meta(MetaConfiguration)
    case fit(FitConfiguration)
  }

  /// What a record says, whichever kind of run it is of.
  public struct Point: Sendable, Equatable {
    public var step: Int
    public var score: Double
    public var validation: Double?
    public var validationCI95: Double?
    public var seconds: Double
  }

  public let folder: RunFolder
  public let settings: Settings
  public let points: [Point]
  /// What the last test found; nil before there was one.
  public let result: RunResult?
  /// How it came about; nil for runs of before this was kept, and those of other programs.
  public let origin: RunOrigin?

  /// Reads the folder of a run; lines of the metrics that are cut off or damaged are left out.
  ///
  /// - Throws: A `UserError` where there is no run, or where a file is not what a run writes there.
  public init(opening path: String) throws {
    let folder = try RunFolder(opening: path)
    self.folder = folder
    func readIfThere<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
      FileManager.default.fileExists(atPath: folder.file(name).path) ? try folder.read(type, from: name) : nil
    }
    result = try readIfThere(RunResult.self, "result.json")
    origin = try readIfThere(RunOrigin.self, "origin.json")
    if let fit = try? folder.read(FitConfiguration.self, from: "config.json") {
      settings = .fit(fit)
      var seconds = 0.0
      points = folder.metrics(History.Epoch.self).map {
        // An epoch has its own time, an iteration that since the start.
        seconds += $0.seconds
        return Point(step: $0.epoch, score: $0.score, validation: $0.validationScore, seconds: seconds)
      }
    } else {
      settings = .meta(try folder.read(MetaConfiguration.self, from: "config.json"))
      points = folder.metrics(MetaHistory.Record.self).map {
        Point(
          step: $0.iteration, score: $0.score, validation: $0.validationScore, validationCI95: $0.validationCI95,
          seconds: $0.seconds)
      }
    }
  }

  /// The name of the folder.
  public var name: String { folder.url.standardizedFileURL.lastPathComponent }

  public var dataset: DatasetName {
    switch settings {
    case .meta(let settings): settings.dataset
    case .fit(let settings): settings.dataset
    }
  }

  public var metric: Metric { dataset.metric }

  /// What a task is: `5-way 1-shot`, `10 points`.
  public var task: String {
    switch settings {
    case .meta(let settings) where settings.dataset.isRegression: "\(settings.shape.shots) points"
    case .meta(let settings): "\(settings.shape.ways)-way \(settings.shape.shots)-shot"
    case .fit: "supervised"
    }
  }

  /// `MAML`, `MAML++`; for supervised training the net.
  public var algorithm: String {
    switch settings {
    case .meta(let settings):
      settings.isFirstOrder ? "first-order \(settings.algorithm.title)" : settings.algorithm.title
    case .fit(let settings): "dense \(settings.hidden.map(String.init).joined(separator: "–"))"
    }
  }

  /// What `step` counts.
  public var stepName: String { if case .fit = settings { "epoch" } else { "iteration" } }

  /// How many iterations or epochs were asked for.
  public var total: Int {
    switch settings {
    case .meta(let settings): settings.options.iterations
    case .fit(let settings): settings.epochs
    }
  }

  /// How many there are records of.
  public var done: Int { points.last?.step ?? 0 }

  /// Whether all were done; a test may still be missing.
  public var isTrained: Bool { done >= total }

  /// The last validation; nil where there was none.
  public var lastValidation: Point? { points.last { $0.validation != nil } }

  /// All settings by name.
  public var settingsTable: SettingsTable {
    get throws {
      switch settings {
      case .meta(let settings): try SettingsTable(settings)
      case .fit(let settings): try SettingsTable(settings)
      }
    }
  }

  /// Writes the metrics as a table, `metrics.csv`.
  public func writeTable() throws {
    switch settings {
    case .meta: try folder.writeTable(of: MetaHistory.Record.self)
    case .fit: try folder.writeTable(of: History.Epoch.self)
    }
  }

  /// The mean after as many steps as in training, with its interval.
  public var outcome: (value: Double, ci95: Double)? { result.map { ($0.value.value, $0.ci95.value) } }

  /// The same where each query is judged by the statistics of the support set; nil where that makes no difference.
  public var inductiveOutcome: (value: Double, ci95: Double)? {
    guard case .meta(let settings) = settings, let steps = result?.inductivePerStep, !steps.isEmpty else { return nil }
    let step = steps[min(settings.innerSteps, steps.count - 1)]
    return (step.value.value, step.ci95.value)
  }
}
