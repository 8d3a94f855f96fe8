/// A line of a run's metrics: the figures of an epoch, or of some iterations.
public protocol RunRecord: Codable, Sendable {
  /// The epoch or the last of the iterations, counted from 1.
  var step: Int { get }
  /// Names for `cells`.
  static var columns: [String] { get }
  /// All figures as a row of a table; nil where there is none.
  var cells: [Double?] { get }
  /// The figures that make curves, under tags for TensorBoard.
  func scalars(_ metric: Metric) -> [(tag: String, value: Double)]
}

extension History.Epoch: RunRecord {
  public var step: Int { epoch }

  public static var columns: [String] {
    ["epoch", "loss", "score", "validationLoss", "validationScore", "learningRate", "seconds"]
  }

  public var cells: [Double?] {
    [Double(epoch), loss, score, validationLoss, validationScore, learningRate, seconds]
  }

  public func scalars(_ metric: Metric) -> [(tag: String, value: Double)] {
    var scalars: [(tag: String, value: Double)] = [
      ("training/loss", loss), ("training/\(metric.tag)", score), ("training/learning_rate", learningRate),
    ]
    if let validationLoss { scalars.append(("validation/loss", validationLoss)) }
    if let validationScore { scalars.append(("validation/\(metric.tag)", validationScore)) }
    return scalars
  }
}

extension Metric {
  /// The metric in the tags of a log.
  public var tag: String { self == .accuracy ? "accuracy" : "mean_squared_error" }
}
