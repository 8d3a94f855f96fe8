/// How accuracy or error changes with the number of adaptation steps, from 0 to k, with 95 % intervals.
public struct AdaptationCurve: Picture, Equatable {
  /// The values after 0, 1, ... k steps.
  public struct Curve: Sendable, Equatable {
    let name: String
    let values: [Double]
    /// Half the width of each value's 95 % interval.
    let halfWidths: [Double]

    /// A curve; `values[k]` was measured after k steps.
    public init(_ name: String, values: [Double], halfWidths: [Double]) {
      precondition(values.count == halfWidths.count, "A curve needs an interval per value.")
      self.name = name
      self.values = values
      self.halfWidths = halfWidths
    }
  }

  let title: String
  let subtitle: String
  let metric: PlotAxis
  let curves: [Curve]
  let references: [ReferenceLine]

  /// A picture of one or more curves.
  ///
  /// - Parameters:
  ///   - title: The title of the picture.
  ///   - subtitle: A smaller line below it; it says what band and bars are unless another is given.
  ///   - metric: The vertical axis, such as `PlotAxis("Accuracy", kind: .percent)`.
  ///   - curves: One curve per method.
  ///   - references: Published values to compare with.
  public init(
    title: String, subtitle: String = "Mean over tasks with its 95 % interval", metric: PlotAxis, curves: [Curve],
    references: [ReferenceLine] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.metric = metric
    self.curves = curves
    self.references = references
  }

  /// The drawing.
  public var canvas: Canvas { figure.canvas }

  /// The figure that is drawn.
  public var figure: Figure {
    let series = curves.map { curve in
      let lower = zip(curve.values, curve.halfWidths).map { $0 - $1 }
      let upper = zip(curve.values, curve.halfWidths).map { $0 + $1 }
      return PlotSeries(
        curve.name, x: curve.values.indices.map(Double.init), y: curve.values,
        interval: .band(lower: lower, upper: upper), style: .linePoints)
    }
    let panel = PlotPanel(
      x: PlotAxis("Adaptation steps", kind: .integers), y: metric, series: series, references: references)
    return Figure(title: title, subtitle: subtitle, panels: [panel], width: 640, plotHeight: 290)
  }
}
