import Foundation

/// An axis of a panel: its title, its kind and how far it reaches.
public struct PlotAxis: Sendable, Equatable {
  /// What the values of an axis are.
  public enum Kind: Sendable {
    /// Ordinary numbers.
    case linear
    /// Whole numbers, as of steps, iterations and epochs.
    case integers
    /// Shares between 0 and 1, labelled from 0 to 100 with "(%)" after the title.
    case percent
    /// A logarithmic axis; values of 0 and below are skipped.
    case logarithmic
  }

  let title: String
  let unit: String?
  let kind: Kind
  /// How far the axis reaches; nil lets the data decide.
  let range: ClosedRange<Double>?

  /// An axis; without a unit of its own, a share gets "%".
  public init(_ title: String, unit: String? = nil, kind: Kind = .linear, range: ClosedRange<Double>? = nil) {
    self.title = title
    self.unit = unit
    self.kind = kind
    self.range = range
  }

  /// The title with its unit.
  var caption: String {
    guard let unit = unit ?? (kind == .percent ? "%" : nil) else { return title }
    return title.isEmpty ? unit : "\(title) (\(unit))"
  }

  /// Whether a value has a place on the axis; those of a run that diverged beyond all bounds have none.
  func shows(_ value: Double) -> Bool { abs(value) < 1e100 && (kind != .logarithmic || value > 0) }

  /// The range for these values with a little room at both ends, unless the axis has a range of its own.
  func reach(_ values: [Double], margin: Double) -> ClosedRange<Double> {
    let logarithmic = kind == .logarithmic
    if let range, range.upperBound > range.lowerBound, shows(range.lowerBound), shows(range.upperBound) { return range }
    let shown = values.filter(shows).map { logarithmic ? log10($0) : $0 }
    guard var low = shown.min(), var high = shown.max() else { return logarithmic ? 0.1...1 : 0...1 }
    let isShare = kind == .percent && low >= 0 && high <= 1
    // One value alone, or values that differ by less than labels could say, still need an axis with a length.
    if high - low <= 1e-9 * max(abs(low), abs(high)) || high == low {
      let half = logarithmic ? 0.5 : kind == .integers ? 1 : max(abs(low) * 0.1, kind == .percent ? 0.02 : 1e-6)
      low -= half
      high += half
    }
    let pad = (high - low) * margin
    var (start, end) = (low - pad, high + pad)
    // Nothing lies below 0 % or above 100 %.
    if isShare { (start, end) = (max(start, 0), min(end, 1)) }
    if start >= end { (start, end) = (start - 0.1, end + 0.1) }
    return logarithmic ? pow(10, start)...pow(10, end) : start...end
  }

  /// The ticks of this kind of axis.
  func ticks(_ reach: ClosedRange<Double>, target: Int) -> Ticks {
    let (low, high) = (reach.lowerBound, reach.upperBound)
    switch kind {
    case .linear: return .linear(from: low, to: high, target: target)
    case .integers: return .linear(from: low, to: high, target: target, integers: true)
    case .percent: return .linear(from: low, to: high, target: target, factor: 100)
    case .logarithmic: return .logarithmic(from: low, to: high, target: target)
    }
  }

  /// As many ticks as stand beside one another with their labels in a horizontal axis of this length.
  func horizontalTicks(_ reach: ClosedRange<Double>, length: Double, _ style: Canvas.TextStyle) -> Ticks {
    for target in stride(from: 10, to: 2, by: -1) {
      let ticks = ticks(reach, target: target)
      let widest = ticks.labels.map { TextMeasure.width($0, style) }.max() ?? 0
      if Double(ticks.labels.count) * (widest + 22) <= length { return ticks }
    }
    return ticks(reach, target: 2)
  }

  /// As many ticks as stand above one another in a vertical axis of this length.
  func verticalTicks(_ reach: ClosedRange<Double>, length: Double) -> Ticks {
    ticks(reach, target: max(2, Int(length / 30)))
  }

  /// The pixel of a value on an axis that reaches from `start` to `end`.
  func pixel(_ value: Double, _ reach: ClosedRange<Double>, from start: Double, to end: Double) -> Double {
    func place(_ value: Double) -> Double { kind == .logarithmic ? log10(value) : value }
    let (low, high) = (place(reach.lowerBound), place(reach.upperBound))
    let pixel = start + (place(value) - low) / (high - low) * (end - start)
    // Far outside the panel one place is as good as another, and cairo's numbers end at some millions of pixels.
    return min(max(pixel, -100_000), 100_000)
  }
}
