/// How a run went: loss and a second metric side by side, each for training and validation.
public struct TrainingCurves: Picture, Equatable {
  /// Values over epochs or iterations.
  public struct Trace: Sendable, Equatable {
    let x: [Double]
    let y: [Double]
    /// Half the width of each value's 95 % interval, if known.
    let halfWidth: [Double]?

    /// A trace; values that are NaN leave gaps.
    public init(x: [Double], y: [Double], halfWidth: [Double]? = nil) {
      precondition(x.count == y.count && halfWidth?.count ?? y.count == y.count, "A trace needs a value per place.")
      self.x = x
      self.y = y
      self.halfWidth = halfWidth
    }
  }

  /// One panel: a metric for training and validation.
  public struct Metric: Sendable, Equatable {
    let axis: PlotAxis
    let training: Trace?
    let validation: Trace?
    let references: [ReferenceLine]

    /// A panel; nil leaves a trace out.
    public init(_ axis: PlotAxis, training: Trace?, validation: Trace? = nil, references: [ReferenceLine] = []) {
      self.axis = axis
      self.training = training
      self.validation = validation
      self.references = references
    }
  }

  let title: String
  let subtitle: String
  let xTitle: String
  let metrics: [Metric]

  /// Curves of a run.
  ///
  /// - Parameters:
  ///   - title: The title of the picture.
  ///   - subtitle: A smaller line below it, such as the run's settings.
  ///   - xTitle: What the horizontal axis counts, such as "Epoch" or "Iteration".
  ///   - metrics: The panels from left to right, usually the loss and the accuracy.
  public init(title: String, subtitle: String = "", xTitle: String, metrics: [Metric]) {
    self.title = title
    self.subtitle = subtitle
    self.xTitle = xTitle
    self.metrics = metrics
  }

  /// From this many values on, a trace without intervals is drawn as a smoothed line over its pale raw values.
  static let longTrace = 400

  /// The drawing.
  public var canvas: Canvas { figure.canvas }

  /// The figure that is drawn.
  public var figure: Figure {
    let panels = metrics.map { metric in
      PlotPanel(
        x: PlotAxis(xTitle, kind: .integers), y: metric.axis,
        series: series("training", metric.training, .blue) + series("validation", metric.validation, .vermilion),
        references: metric.references)
    }
    return Figure(title: title, subtitle: subtitle, panels: panels)
  }

  private func series(_ name: String, _ trace: Trace?, _ color: PlotColor) -> [PlotSeries] {
    guard let trace, !trace.x.isEmpty else { return [] }
    let (x, y) = (trace.x, trace.y)
    if y.count >= Self.longTrace && trace.halfWidth == nil {
      let window = y.count / 50
      let smoothed = Thinning.smoothed(y, window: window)
      let label = "\(name) (mean of \(Ticks.grouped(Double(window), decimals: 0)))"
      return [
        PlotSeries("", x: x, y: y, style: .faint, color: color), PlotSeries(label, x: x, y: smoothed, color: color),
      ]
    }
    let interval = trace.halfWidth.map {
      PlotSeries.Interval.band(lower: zip(y, $0).map { $0 - $1 }, upper: zip(y, $0).map { $0 + $1 })
    }
    let style: PlotSeries.Style = y.count <= 30 ? .linePoints : .line
    return [PlotSeries(name, x: x, y: y, interval: interval, style: style, color: color)]
  }
}
