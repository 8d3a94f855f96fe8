/// The mean of a figure over independent tasks, with its 95 % interval.
public struct Estimate: Hashable, Sendable, Codable {
  /// The mean; NaN where there was nothing to average.
  public var value: Double
  /// Half the width of the 95 % interval: 1.96 · standard deviation / √count.
  public var ci95: Double
  /// How many figures were averaged.
  public var count: Int

  init(value: Double, ci95: Double, count: Int) {
    self.value = value
    self.ci95 = ci95
    self.count = count
  }

  /// The mean of some figures.
  public init(_ values: [Double]) {
    count = values.count
    value = values.isEmpty ? .nan : values.reduce(0, +) / Double(count)
    let mean = value
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    ci95 = count > 1 ? 1.96 * (squares / Double(count - 1) / Double(count)).squareRoot() : .nan
  }
}
