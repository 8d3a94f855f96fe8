/// The names of the series and reference lines of a panel in rows above it, where they hide no data.
struct Legend {
  struct Entry: Equatable {
    let name: String
    let color: PlotColor
    /// The line of the sample, if it has one.
    var line: Canvas.Stroke?
    var point = false
    var band = false
  }

  static let rowHeight = 20.0
  private static let sample = 24.0
  private static let gap = 16.0
  private static let text = Canvas.TextStyle(size: 12, color: .ink, vertical: .middle)

  let entries: [Entry]

  /// The rows of entries that fit a width.
  private func rows(_ width: Double) -> [[(entry: Entry, x: Double)]] {
    var rows: [[(entry: Entry, x: Double)]] = []
    var x = 0.0
    for entry in entries {
      let length = Self.sample + 6 + TextMeasure.width(entry.name, Self.text)
      if rows.isEmpty || x + length > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((entry, x))
      x += length + Self.gap
    }
    return rows
  }

  func height(_ width: Double) -> Double { Double(rows(width).count) * Self.rowHeight }

  func draw(on canvas: inout Canvas, x: Double, y: Double, width: Double) {
    for (index, row) in rows(width).enumerated() {
      let middle = y + (Double(index) + 0.5) * Self.rowHeight
      for (entry, offset) in row {
        let start = x + offset
        let end = start + Self.sample
        if entry.band {
          canvas.rectangle(
            Canvas.Rectangle(x: start, y: middle - 5, width: Self.sample, height: 10),
            fill: entry.color.opacity(0.18))
        }
        if var line = entry.line {
          line.width = min(line.width, 4)
          canvas.line([Canvas.Point(start, middle), Canvas.Point(end, middle)], line)
        }
        if entry.point {
          canvas.circle(
            Canvas.Point((start + end) / 2, middle), radius: 4, fill: entry.color,
            stroke: Canvas.Stroke(.white, width: 1))
        }
        canvas.text(
          entry.name, at: Canvas.Point(end + 6, middle), Self.text, fit: max(width - offset - Self.sample - 6, 20))
      }
    }
  }
}
