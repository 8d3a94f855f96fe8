/// One named set of values of a panel, with its style and, if known, its uncertainty.
public struct PlotSeries: Sendable, Equatable {
  /// How the values are drawn.
  public enum Style: Sendable {
    case line
    case dashed
    case points
    case linePoints
    /// A thin pale line behind the others, which has no place in the legend: the raw values of a smoothed line.
    case faint
  }

  /// How the interval of each value is drawn.
  public enum Interval: Sendable, Equatable {
    /// A shaded band from the lower to the upper end.
    case band(lower: [Double], upper: [Double])
    /// A bar from the lower to the upper end.
    case bars(lower: [Double], upper: [Double])

    var ends: (lower: [Double], upper: [Double]) {
      switch self {
      case .band(let lower, let upper), .bars(let lower, let upper): return (lower, upper)
      }
    }
  }

  let name: String
  let x: [Double]
  let y: [Double]
  let interval: Interval?
  let style: Style
  /// The colour; nil takes the next of the palette.
  let color: PlotColor?
  let width: Double

  /// A series.
  ///
  /// - Parameters:
  ///   - name: The name in the legend; series without one are left out of it.
  ///   - x: The places, as many as values; a line connects them in the order given.
  ///   - y: The values; NaN and infinite ones are skipped and interrupt the line.
  ///   - interval: The interval of every value, such as the 95 % interval.
  ///   - style: How the values are drawn.
  ///   - color: The colour; nil takes the next of the palette.
  ///   - width: The width of the line.
  public init(
    _ name: String, x: [Double], y: [Double], interval: Interval? = nil, style: Style = .line,
    color: PlotColor? = nil, width: Double = 2
  ) {
    precondition(x.count == y.count, "A series needs as many values as places.")
    if let ends = interval?.ends {
      precondition(ends.lower.count == y.count && ends.upper.count == y.count, "An interval needs two ends per value.")
    }
    self.name = name
    self.x = x
    self.y = y
    self.interval = interval
    self.style = style
    self.color = color
    self.width = width
  }

  /// The line of the series in its colour.
  func stroke(_ color: PlotColor) -> Canvas.Stroke {
    style == .faint
      ? Canvas.Stroke(color.opacity(0.2)) : Canvas.Stroke(color, width: width, dash: style == .dashed ? [6, 4] : [])
  }

  /// The values that decide how far the vertical axis reaches; intervals count within `limits` only.
  func extent(limits: ClosedRange<Double>) -> [Double] {
    // A few extreme raw values would press everything else flat; they may leave the panel.
    if style == .faint && y.count >= 200 {
      let sorted = y.filter(\.isFinite).sorted()
      guard let last = sorted.indices.last else { return [] }
      return [sorted[last / 100], sorted[last - last / 100]]
    }
    guard let ends = interval?.ends else { return y }
    return y + (ends.lower + ends.upper).map { min(max($0, limits.lowerBound), limits.upperBound) }
  }
}

/// A horizontal line at a known value, such as a published result.
public struct ReferenceLine: Sendable, Equatable {
  let value: Double
  let label: String

  /// A reference line; the legend says its label.
  public init(_ value: Double, label: String) {
    self.value = value
    self.label = label
  }

  /// The line of a panel's reference with this index; the dashes tell several apart.
  static func stroke(_ index: Int) -> Canvas.Stroke {
    let dashes: [[Double]] = [[2, 3], [8, 3, 2, 3], [8, 3, 2, 3, 2, 3]]
    return Canvas.Stroke(.label, width: 1.5, dash: dashes[index % dashes.count])
  }
}
