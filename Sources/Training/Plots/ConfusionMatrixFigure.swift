import Foundation

/// Which classes are taken for which: a shaded table of counts, true classes down, predicted classes across.
public struct ConfusionMatrixFigure: Picture, Equatable {
  let title: String
  let classes: [String]
  let counts: [[Int]]

  /// A table.
  ///
  /// - Parameters:
  ///   - title: The title; the accuracy is added below it.
  ///   - classes: The names of the classes.
  ///   - counts: `counts[t][p]` queries of class `t` were taken for class `p`; one row and column per class.
  public init(title: String, classes: [String], counts: [[Int]]) {
    precondition(
      counts.count == classes.count && counts.allSatisfy { $0.count == classes.count },
      "A confusion matrix needs one row and one column per class.")
    self.title = title
    self.classes = classes
    self.counts = counts
  }

  private static let text = Canvas.TextStyle(size: 12, color: .label, vertical: .middle)

  /// The accuracy over all counts in words.
  var summary: String {
    let total = counts.joined().reduce(0, +)
    guard total > 0 else { return "no queries" }
    let right = classes.indices.reduce(0) { $0 + counts[$1][$1] }
    let share = String(format: "%.1f", 100 * Double(right) / Double(total))
    return "accuracy \(share) % of \(Ticks.grouped(Double(total), decimals: 0)); shade: share of the true class"
  }

  /// The drawing.
  public var canvas: Canvas {
    let count = Double(max(classes.count, 1))
    let cell = min(max(480 / count, 20), 64)
    let longest = min(classes.map { TextMeasure.width($0, Self.text) }.max() ?? 0, 140)
    let turned = longest > cell - 6
    let header = FigureHeader(title: title, subtitle: summary)
    let margin = Figure.margin
    let left = margin + 24 + longest + 8
    let top = margin + header.height + 26 + (turned ? longest : 12) + 8
    let side = cell * count
    let widest = max(
      left + side + 64, 2 * margin + TextMeasure.width(title, .init(size: 17, bold: true)),
      2 * margin + TextMeasure.width(summary, .init(size: 13)))
    var canvas = Canvas(width: widest.rounded(.up), height: (top + side + margin).rounded(.up))
    header.draw(on: &canvas, x: margin, y: margin, width: canvas.width - 2 * margin)

    for (row, values) in counts.enumerated() {
      let total = Double(max(values.reduce(0, +), 1))
      for (column, value) in values.enumerated() {
        let box = Canvas.Rectangle(
          x: left + Double(column) * cell, y: top + Double(row) * cell, width: cell, height: cell)
        draw(value, share: Double(value) / total, isRight: row == column, in: box, on: &canvas)
      }
      let middle = (Double(row) + 0.5) * cell
      var style = Self.text
      style.horizontal = .right
      canvas.text(classes[row], at: Canvas.Point(left - 8, top + middle), style, fit: 140)
      style.horizontal = turned ? .left : .center
      style.turn = turned ? 90 : 0
      canvas.text(classes[row], at: Canvas.Point(left + middle, top - (turned ? 6 : 12)), style, fit: 140)
    }
    let axis = Canvas.TextStyle(size: 12.5, color: .ink, bold: true, horizontal: .center, vertical: .top)
    canvas.text("Predicted class", at: Canvas.Point(left + side / 2, margin + header.height + 6), axis)
    var turnedAxis = axis
    turnedAxis.turn = 90
    canvas.text("True class", at: Canvas.Point(margin, top + side / 2), turnedAxis)
    drawScale(on: &canvas, x: left + side + 16, y: top, height: min(side, 200))
    return canvas
  }

  private static func shade(_ share: Double) -> PlotColor { PlotColor(0xF4F7FA).mixed(with: .blue, share: share) }

  private func draw(
    _ value: Int, share: Double, isRight: Bool, in box: Canvas.Rectangle, on canvas: inout Canvas
  ) {
    canvas.rectangle(box, fill: Self.shade(share), stroke: .init(.white))
    // Zeros would bury the few counts that matter.
    guard value != 0 else { return }
    let style = Canvas.TextStyle(
      size: min(13, max(9, box.width * 0.38)), color: share > 0.55 ? .white : .ink, bold: isRight,
      horizontal: .center, vertical: .middle)
    canvas.text(Ticks.grouped(Double(value), decimals: 0), at: box.center, style, fit: box.width)
  }

  /// The scale that says which shade means which share.
  private func drawScale(on canvas: inout Canvas, x: Double, y: Double, height: Double) {
    let steps = 50
    for step in 0..<steps {
      let share = 1 - (Double(step) + 0.5) / Double(steps)
      canvas.rectangle(
        // A little overlap keeps hairlines from showing between the steps.
        Canvas.Rectangle(
          x: x, y: y + height * Double(step) / Double(steps), width: 10,
          height: height / Double(steps) + (step < steps - 1 ? 0.5 : 0)), fill: Self.shade(share))
    }
    for (label, share) in [("100 %", 0.0), ("0 %", 1.0)] {
      canvas.text(
        label, at: Canvas.Point(x, y + height * share + (share == 0 ? -7 : 10)), .init(size: 10, vertical: .middle))
    }
  }
}
