/// One plot: series over a pair of axes, with a title and, if wanted, horizontal reference lines.
public struct PlotPanel: Sendable, Equatable {
  let title: String
  let x: PlotAxis
  let y: PlotAxis
  let series: [PlotSeries]
  let references: [ReferenceLine]

  /// A panel; the legend above it names series and reference lines.
  public init(
    _ title: String = "", x: PlotAxis, y: PlotAxis, series: [PlotSeries], references: [ReferenceLine] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.references = references
  }

  static let titleHeight = 22.0
  static let tickText = Canvas.TextStyle(size: 12)

  /// The room that titles, tick labels and the legend take around the plot itself.
  struct Insets: Equatable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
  }

  /// Every series with its colour; faint ones share the colour of the series that follows them.
  var colored: [(series: PlotSeries, color: PlotColor)] {
    var next = 0
    return series.map { series in
      let color = series.color ?? PlotColor.palette[next % PlotColor.palette.count]
      if series.color == nil && series.style != .faint { next += 1 }
      return (series, color)
    }
  }

  /// The entries of the legend.
  var legend: [Legend.Entry] {
    colored.filter { !$0.series.name.isEmpty && $0.series.style != .faint }.map { series, color in
      var entry = Legend.Entry(name: series.name, color: color)
      if series.style != .points { entry.line = series.stroke(color) }
      entry.point = series.style == .points || series.style == .linePoints
      if case .band = series.interval { entry.band = true }
      return entry
    }
      + references.indices.map {
        Legend.Entry(name: references[$0].label, color: .label, line: ReferenceLine.stroke($0))
      }
  }

  var reachX: ClosedRange<Double> { x.reach(series.flatMap(\.x), margin: 0.03) }

  var reachY: ClosedRange<Double> {
    // The interval of a share may end beyond 100 %, where there is nothing to see.
    let limits = y.kind == .percent ? 0...1 : -Double.infinity...Double.infinity
    return y.reach(series.flatMap { $0.extent(limits: limits) } + references.map(\.value), margin: 0.07)
  }

  /// The room that this panel needs around a plot of this height, where both together are `width` wide.
  func insets(width: Double, plotHeight: Double, showsLegend: Bool) -> Insets {
    let ticks = y.verticalTicks(reachY, length: plotHeight)
    let widest = ticks.labels.map { TextMeasure.width($0, Self.tickText) }.max() ?? 0
    let left = widest + 8 + (y.caption.isEmpty ? 0 : 22)
    let legendHeight = showsLegend ? Legend(entries: legend).height(width - left) : 0
    return Insets(
      left: left, top: (title.isEmpty ? 0 : Self.titleHeight) + legendHeight + 8, right: 14,
      bottom: 20 + (x.caption.isEmpty ? 0 : 20))
  }
}
