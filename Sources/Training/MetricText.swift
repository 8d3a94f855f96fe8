import Foundation

extension Metric {
  /// A value with its interval as people read it: `98.70 ± 0.22 %`.
  public func text(_ value: Double, _ ci95: Double?) -> String {
    guard value.isFinite else { return "not finite" }
    let interval = (ci95?.isFinite ?? false) ? ci95 : nil
    switch self {
    case .accuracy:
      return String(format: "%.2f", 100 * value) + (interval.map { String(format: " ± %.2f", 100 * $0) } ?? "") + " %"
    case .meanSquaredError:
      return String(format: "%.4f", value) + (interval.map { String(format: " ± %.4f", $0) } ?? "")
    }
  }

  /// Loss and score of training; in a regression they are the same.
  public func figures(loss: Double, score: Double) -> String {
    (self == .accuracy ? "loss \(String(format: "%.4f", loss))  " : "") + "\(title) \(text(score, nil))"
  }

  /// The metric in a sentence.
  public var title: String { self == .accuracy ? "accuracy" : "mean squared error" }

  /// The metric above a column or beside an axis.
  public var heading: String { self == .accuracy ? "Accuracy" : "Mean squared error" }
}
