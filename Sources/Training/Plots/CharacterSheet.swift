import Foundation

/// One episode to look at: the support set by class, then each query with its predicted class, right or wrong.
public struct CharacterSheet: Picture, Equatable {
  /// The support images of one class.
  public struct Row: Sendable, Equatable {
    let label: String
    let images: [GreyImage]

    /// The images of a class and its name.
    public init(_ label: String, images: [GreyImage]) {
      self.label = label
      self.images = images
    }
  }

  /// A query image with its true and its predicted class.
  public struct Query: Sendable, Equatable {
    let image: GreyImage
    let truth: String
    let prediction: String

    /// A query; it is right where both names are equal.
    public init(_ image: GreyImage, truth: String, prediction: String) {
      self.image = image
      self.truth = truth
      self.prediction = prediction
    }

    var isRight: Bool { truth == prediction }
  }

  let title: String
  let support: [Row]
  let queries: [Query]
  let width: Double

  /// A sheet.
  ///
  /// - Parameters:
  ///   - title: What the episode is, such as "5-way 1-shot"; the accuracy over all queries is added below it.
  ///   - support: One row per class.
  ///   - queries: The queries in the order in which they are drawn.
  ///   - width: The width of the picture.
  public init(title: String, support: [Row], queries: [Query], width: Double = 840) {
    self.title = title
    self.support = support
    self.queries = queries
    self.width = width
  }

  private static let queryCell = Canvas.Rectangle(x: 0, y: 0, width: 78, height: 103)
  private static let queryImage = 60.0
  private static let section = 30.0
  private static let captionRoom = 74.0
  private static let wrongText = Canvas.TextStyle(size: 11, color: .wrong, bold: true, vertical: .top)
  private static let labelText = Canvas.TextStyle(size: 12, color: .ink, vertical: .middle)

  /// Many classes or shots get smaller support images.
  private var supportImage: Double { support.count > 10 || shots > 8 ? 36 : 54 }
  private var shots: Int { support.map(\.images.count).max() ?? 0 }

  private var labelWidth: Double {
    min(support.indices.map { TextMeasure.width(rowLabel($0), Self.labelText) }.max() ?? 0, 150) + 12
  }

  /// Whether class names are too long for the captions of queries, which then give the number of the support row.
  private var usesNumbers: Bool {
    support.contains { TextMeasure.width("pred. \($0.label)", Self.wrongText) > Self.captionRoom }
  }

  private func rowLabel(_ row: Int) -> String {
    usesNumbers ? "\(row + 1)  \(support[row].label)" : support[row].label
  }

  /// The names of the classes in the captions of queries.
  private var captions: [String: String] {
    guard usesNumbers else { return [:] }
    return Dictionary(
      support.enumerated().map { ($1.label, "\($0 + 1)") }, uniquingKeysWith: { first, _ in first })
  }

  /// The accuracy over the queries in words.
  var summary: String {
    guard !queries.isEmpty else { return "no queries" }
    let right = queries.filter(\.isRight).count
    let share = String(format: "%.1f", 100 * Double(right) / Double(queries.count))
    return "accuracy \(share) % (\(right) of \(queries.count) queries right)"
  }

  /// The drawing.
  public var canvas: Canvas {
    let header = FigureHeader(title: title, subtitle: summary)
    let margin = Figure.margin
    let top = margin + header.height + 8
    let inner = width - 2 * margin
    let perLine = max(1, Int((inner - labelWidth) / (supportImage + 6)))
    let supportWidth = labelWidth + Double(min(shots, perLine)) * (supportImage + 6)
    // Queries stand beside the support set where that leaves room for at least four in a row.
    let beside = inner - supportWidth - 24 >= 4 * Self.queryCell.width
    let supportHeight = Self.section + support.reduce(0) { $0 + rowHeight($1, perLine) }
    let origin =
      beside ? Canvas.Point(margin + supportWidth + 24, top) : Canvas.Point(margin, top + supportHeight + 16)
    let columns = max(1, Int((margin + inner - origin.x + 8) / Self.queryCell.width))
    let rows = (queries.count + columns - 1) / columns
    let queryHeight = Self.section + Double(rows) * Self.queryCell.height
    let bottom = max(top + supportHeight, origin.y + queryHeight)

    var canvas = Canvas(width: width, height: bottom + margin)
    header.draw(on: &canvas, x: margin, y: margin, width: inner)
    drawSupport(on: &canvas, at: Canvas.Point(margin, top), width: beside ? supportWidth : inner, perLine: perLine)
    drawSection("Queries", on: &canvas, at: origin, width: margin + inner - origin.x)
    let captions = captions
    for (index, query) in queries.enumerated() {
      draw(
        query, captions, on: &canvas,
        at: Canvas.Point(
          origin.x + Double(index % columns) * Self.queryCell.width,
          origin.y + Self.section + Double(index / columns) * Self.queryCell.height))
    }
    return canvas
  }

  private func rowHeight(_ row: Row, _ perLine: Int) -> Double {
    Double(max(1, (row.images.count + perLine - 1) / perLine)) * (supportImage + 6) + 4
  }

  private func drawSection(_ name: String, on canvas: inout Canvas, at corner: Canvas.Point, width: Double) {
    canvas.text(name, at: corner, .init(size: 14, color: .ink, bold: true, vertical: .top))
    let y = corner.y + 19
    canvas.line([Canvas.Point(corner.x, y), Canvas.Point(corner.x + width, y)], .init(.axis))
  }

  private func drawSupport(on canvas: inout Canvas, at corner: Canvas.Point, width: Double, perLine: Int) {
    drawSection("Support set", on: &canvas, at: corner, width: width)
    var y = corner.y + Self.section
    for (index, row) in support.enumerated() {
      canvas.text(
        rowLabel(index), at: Canvas.Point(corner.x, y + supportImage / 2), Self.labelText, fit: labelWidth - 12)
      for (index, image) in row.images.enumerated() {
        let box = Canvas.Rectangle(
          x: corner.x + labelWidth + Double(index % perLine) * (supportImage + 6),
          y: y + Double(index / perLine) * (supportImage + 6), width: supportImage, height: supportImage)
        canvas.image(image, in: box)
        canvas.rectangle(box, stroke: .init(.axis))
      }
      y += rowHeight(row, perLine)
    }
  }

  private func draw(
    _ query: Query, _ captions: [String: String], on canvas: inout Canvas, at corner: Canvas.Point
  ) {
    let color: PlotColor = query.isRight ? .right : .wrong
    let box = Canvas.Rectangle(x: corner.x + 3, y: corner.y + 3, width: Self.queryImage, height: Self.queryImage)
    canvas.image(query.image, in: box)
    canvas.rectangle(box.inset(by: -1), stroke: .init(color, width: 3))

    // The sign says the same as the colour, for readers who cannot tell red from green.
    let sign = Canvas.Point(box.right, box.y + 1)
    let stroke = Canvas.Stroke(.white, width: 2)
    canvas.circle(sign, radius: 8, fill: color, stroke: .init(.white, width: 1.5))
    func at(_ x: Double, _ y: Double) -> Canvas.Point { Canvas.Point(sign.x + x, sign.y + y) }
    if query.isRight {
      canvas.line([at(-3.5, 0.2), at(-1, 3), at(3.7, -2.8)], stroke)
    } else {
      canvas.line([at(-3, -3), at(3, 3)], stroke)
      canvas.line([at(-3, 3), at(3, -3)], stroke)
    }

    let below = Canvas.Point(box.x - 2, box.bottom + 7)
    let prediction = captions[query.prediction] ?? query.prediction
    if query.isRight {
      let caption = captions[query.prediction].map { "class \($0)" } ?? prediction
      canvas.text(caption, at: below, .init(size: 11, color: color, vertical: .top), fit: Self.captionRoom)
    } else {
      canvas.text("pred. \(prediction)", at: below, Self.wrongText, fit: Self.captionRoom)
      canvas.text(
        "true \(captions[query.truth] ?? query.truth)", at: Canvas.Point(below.x, below.y + 14),
        .init(size: 11, vertical: .top), fit: Self.captionRoom)
    }
  }
}
