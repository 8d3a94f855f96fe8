/// Panels side by side or in a grid under one title.
///
/// A figure of one panel is a plain line plot. Plots in one row share their upper and lower edges, plots in one column
/// their left one.
public struct Figure: Picture, Equatable {
  /// Where the names of the series stand.
  public enum LegendPlace: Sendable {
    /// Each panel names its own series.
    case panels
    /// One legend under the figure's title names the series of all panels.
    case shared
  }

  let title: String
  let subtitle: String
  let panels: [PlotPanel]
  /// How many panels stand side by side.
  let columns: Int
  let width: Double
  let plotHeight: Double
  let legend: LegendPlace

  /// A figure.
  ///
  /// - Parameters:
  ///   - title: The title above all panels.
  ///   - subtitle: A smaller line below the title.
  ///   - panels: The panels, row by row.
  ///   - columns: How many panels stand side by side; nil puts all in one row.
  ///   - width: The width of the whole picture.
  ///   - plotHeight: The height of each plot between its axes; titles, tick labels and legends add theirs.
  ///   - legend: Whether each panel has a legend or the figure one for all.
  public init(
    title: String = "", subtitle: String = "", panels: [PlotPanel], columns: Int? = nil, width: Double = 840,
    plotHeight: Double = 270, legend: LegendPlace = .panels
  ) {
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
    self.columns = max(1, columns ?? panels.count)
    self.width = width
    self.plotHeight = plotHeight
    self.legend = legend
  }

  static let margin = 20.0
  private static let gap = 24.0

  /// The drawing.
  public var canvas: Canvas {
    let inner = width - 2 * Self.margin
    var entries: [Legend.Entry] = []
    for entry in panels.flatMap(\.legend) where !entries.contains(entry) { entries.append(entry) }
    let shared = Legend(entries: legend == .shared ? entries : [])
    let header = FigureHeader(title: title, subtitle: subtitle)
    let top = Self.margin + header.height + (shared.entries.isEmpty ? 0 : shared.height(inner) + 16)

    let panelWidth = (inner - Double(columns - 1) * Self.gap) / Double(columns)
    let insets = alignedInsets(panelWidth)
    let rows = stride(from: 0, to: panels.count, by: columns).map { $0..<min($0 + columns, panels.count) }
    let heights = rows.map { insets[$0.lowerBound].top + plotHeight + insets[$0.lowerBound].bottom }
    let height = top + heights.reduce(0, +) + Double(max(rows.count - 1, 0)) * Self.gap + Self.margin

    var canvas = Canvas(width: width, height: height)
    header.draw(on: &canvas, x: Self.margin, y: Self.margin, width: inner)
    shared.draw(on: &canvas, x: Self.margin, y: Self.margin + header.height, width: inner)
    var y = top
    for (row, rowHeight) in zip(rows, heights) {
      for index in row {
        let x = Self.margin + Double(index - row.lowerBound) * (panelWidth + Self.gap)
        let frame = Canvas.Rectangle(x: x, y: y, width: panelWidth, height: rowHeight)
        PanelDrawing(panels[index], frame: frame, insets: insets[index])
          .draw(on: &canvas, showsLegend: legend == .panels)
      }
      y += rowHeight + Self.gap
    }
    return canvas
  }

  /// The room around each plot, made equal where plots have to line up.
  private func alignedInsets(_ panelWidth: Double) -> [PlotPanel.Insets] {
    var insets = panels.map {
      $0.insets(width: panelWidth, plotHeight: plotHeight, showsLegend: legend == .panels)
    }
    for index in insets.indices {
      let column = insets.indices.filter { $0 % columns == index % columns }
      let row = insets.indices.filter { $0 / columns == index / columns }
      insets[index].left = column.map { insets[$0].left }.max() ?? insets[index].left
      insets[index].top = row.map { insets[$0].top }.max() ?? insets[index].top
      insets[index].bottom = row.map { insets[$0].bottom }.max() ?? insets[index].bottom
    }
    return insets
  }
}

/// The title and subtitle at the top of a picture.
struct FigureHeader {
  let title: String
  let subtitle: String

  var height: Double { (title.isEmpty ? 0 : 28) + (subtitle.isEmpty ? 0 : 22) }

  func draw(on canvas: inout Canvas, x: Double, y: Double, width: Double) {
    canvas.text(
      title, at: Canvas.Point(x, y), .init(size: 17, color: .ink, bold: true, vertical: .top), fit: width)
    canvas.text(
      subtitle, at: Canvas.Point(x, y + (title.isEmpty ? 0 : 25)), .init(size: 13, vertical: .top), fit: width)
  }
}
