/// Draws one panel in its place on a canvas.
struct PanelDrawing {
  let panel: PlotPanel
  let frame: Canvas.Rectangle
  let plot: Canvas.Rectangle
  private let reachX: ClosedRange<Double>
  private let reachY: ClosedRange<Double>

  init(_ panel: PlotPanel, frame: Canvas.Rectangle, insets: PlotPanel.Insets) {
    self.panel = panel
    self.frame = frame
    plot = Canvas.Rectangle(
      x: frame.x + insets.left, y: frame.y + insets.top, width: max(frame.width - insets.left - insets.right, 1),
      height: max(frame.height - insets.top - insets.bottom, 1))
    reachX = panel.reachX
    reachY = panel.reachY
  }

  func draw(on canvas: inout Canvas, showsLegend: Bool) {
    canvas.text(
      panel.title, at: Canvas.Point(plot.x, frame.y), .init(size: 14, color: .ink, bold: true, vertical: .top),
      fit: frame.right - plot.x)
    if showsLegend {
      let top = frame.y + (panel.title.isEmpty ? 0 : PlotPanel.titleHeight)
      Legend(entries: panel.legend).draw(on: &canvas, x: plot.x, y: top, width: frame.right - plot.x)
    }
    drawAxes(on: &canvas)
    let colored = panel.colored
    canvas.clipped(to: plot) { canvas in
      for (series, color) in colored { drawBand(series, color, on: &canvas) }
      for (series, color) in colored where series.style == .faint { drawValues(series, color, on: &canvas) }
      for (index, reference) in panel.references.enumerated() where panel.y.shows(reference.value) {
        let y = place(reachX.lowerBound, reference.value).y
        canvas.line([Canvas.Point(plot.x, y), Canvas.Point(plot.right, y)], ReferenceLine.stroke(index))
      }
    }
    // Half of a line or point at the very edge, such as 100 %, lies outside the plot.
    canvas.clipped(to: plot.inset(by: -6)) { canvas in
      for (series, color) in colored where series.style != .faint {
        drawBars(series, color, on: &canvas)
        drawValues(series, color, on: &canvas)
      }
    }
    if runs.allSatisfy(\.isEmpty) {
      canvas.text("no data", at: plot.center, .init(size: 13, horizontal: .center, vertical: .middle))
    }
  }

  private func drawAxes(on canvas: inout Canvas) {
    let tick = PlotPanel.tickText
    let ticksY = panel.y.verticalTicks(reachY, length: plot.height)
    for (value, label) in zip(ticksY.values, ticksY.labels) {
      let y = panel.y.pixel(value, reachY, from: plot.bottom, to: plot.y)
      canvas.line([Canvas.Point(plot.x, y), Canvas.Point(plot.right, y)], .init(.grid))
      var style = tick
      (style.horizontal, style.vertical) = (.right, .middle)
      canvas.text(label, at: Canvas.Point(plot.x - 7, y), style)
    }
    let ticksX = panel.x.horizontalTicks(reachX, length: plot.width, tick)
    for (value, label) in zip(ticksX.values, ticksX.labels) {
      let x = panel.x.pixel(value, reachX, from: plot.x, to: plot.right)
      canvas.line([Canvas.Point(x, plot.y), Canvas.Point(x, plot.bottom)], .init(.grid))
      canvas.line([Canvas.Point(x, plot.bottom), Canvas.Point(x, plot.bottom + 4)], .init(.axis))
      var style = tick
      (style.horizontal, style.vertical) = (.center, .top)
      canvas.text(label, at: Canvas.Point(x, plot.bottom + 8), style)
    }
    canvas.line([Canvas.Point(plot.x, plot.bottom), Canvas.Point(plot.right, plot.bottom)], .init(.axis))
    canvas.text(
      panel.x.caption, at: Canvas.Point(plot.center.x, frame.bottom - 3), .init(size: 12.5, horizontal: .center),
      fit: frame.width)
    canvas.text(
      panel.y.caption, at: Canvas.Point(frame.x + 11, plot.center.y),
      .init(size: 12.5, horizontal: .center, turn: 90), fit: plot.height + 30)
  }

  private func place(_ x: Double, _ y: Double) -> Canvas.Point {
    Canvas.Point(
      panel.x.pixel(x, reachX, from: plot.x, to: plot.right), panel.y.pixel(y, reachY, from: plot.bottom, to: plot.y))
  }

  /// The stretches of a series between values that cannot be drawn.
  private func runs(_ series: PlotSeries) -> [Range<Int>] {
    let drawable = series.y.indices.map { panel.x.shows(series.x[$0]) && panel.y.shows(series.y[$0]) }
    return Self.runs(drawable)
  }

  private var runs: [[Range<Int>]] { panel.series.map { runs($0) } }

  /// The ranges of consecutive true values.
  static func runs(_ flags: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for (index, flag) in (flags + [false]).enumerated() {
      if flag {
        start = start ?? index
      } else if let first = start {
        runs.append(first..<index)
        start = nil
      }
    }
    return runs
  }

  private func drawValues(_ series: PlotSeries, _ color: PlotColor, on canvas: inout Canvas) {
    let stroke = series.stroke(color)
    for run in runs(series) {
      let points = run.map { place(series.x[$0], series.y[$0]) }
      if series.style != .points {
        canvas.line(Thinning.perPixel(points), stroke)
        // A value between two gaps has no line of its own.
        if run.count == 1 { canvas.circle(points[0], radius: stroke.width, fill: stroke.color) }
      }
      if series.style == .points || series.style == .linePoints {
        for point in points {
          canvas.circle(point, radius: series.width + 2, fill: color, stroke: .init(.white, width: 1))
        }
      }
    }
  }

  private func drawBand(_ series: PlotSeries, _ color: PlotColor, on canvas: inout Canvas) {
    guard case .band(let ends, let upper) = series.interval else { return }
    let lower = ends.map(shownEnd)
    let drawable = series.x.indices.map {
      panel.x.shows(series.x[$0]) && panel.y.shows(lower[$0]) && panel.y.shows(upper[$0])
    }
    for run in Self.runs(drawable) {
      let above = Thinning.perPixel(run.map { place(series.x[$0], upper[$0]) })
      let below = Thinning.perPixel(run.map { place(series.x[$0], lower[$0]) })
      canvas.polygon(above + below.reversed(), fill: color.opacity(0.18))
    }
  }

  /// A lower end, moved to the edge of the panel where a logarithmic axis has no place for it.
  private func shownEnd(_ low: Double) -> Double {
    panel.y.kind == .logarithmic && low <= 0 ? reachY.lowerBound : low
  }

  private func drawBars(_ series: PlotSeries, _ color: PlotColor, on canvas: inout Canvas) {
    guard case .bars(let lower, let upper) = series.interval else { return }
    for index in series.x.indices {
      let (low, high) = (shownEnd(lower[index]), upper[index])
      guard panel.x.shows(series.x[index]), panel.y.shows(low), panel.y.shows(high) else { continue }
      let (bottom, top) = (place(series.x[index], low), place(series.x[index], high))
      canvas.line([bottom, top], .init(color, width: 1.5))
      for end in [bottom, top] {
        canvas.line([Canvas.Point(end.x - 4, end.y), Canvas.Point(end.x + 4, end.y)], .init(color, width: 1.5))
      }
    }
  }
}
