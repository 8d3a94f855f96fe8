/// A drawing: a white sheet of a given size and the marks drawn on it, in order.
///
/// A canvas is a plain value. Nothing reaches the drawing library before ``Picture/write(to:scale:)``, so that a
/// canvas can be made, compared and passed between tasks anywhere. Lengths are in pixels of the unscaled picture, from
/// the top left corner.
public struct Canvas: Sendable, Equatable {
  /// A place on the canvas.
  public struct Point: Sendable, Equatable {
    /// The distance from the left edge of the canvas.
    public var x: Double
    /// The distance from the upper edge of the canvas.
    public var y: Double

    /// A point.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// An upright rectangle.
  public struct Rectangle: Sendable, Equatable {
    /// The distance from the left edge of the canvas.
    public var x: Double
    /// The distance from the upper edge of the canvas.
    public var y: Double
    /// The width.
    public var width: Double
    /// The height.
    public var height: Double

    /// A rectangle by its top left corner and its size.
    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    /// The horizontal place of the right edge.
    public var right: Double { x + width }
    /// The vertical place of the lower edge.
    public var bottom: Double { y + height }
    /// The middle.
    public var center: Point { Point(x + width / 2, y + height / 2) }

    /// The rectangle made smaller by `margin` on every side, or larger where it is negative.
    public func inset(by margin: Double) -> Rectangle {
      Rectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
    }

    func contains(_ point: Point) -> Bool {
      point.x >= x && point.x <= right && point.y >= y && point.y <= bottom
    }
  }

  /// How a line is drawn.
  public struct Stroke: Sendable, Equatable {
    /// The colour.
    public var color: PlotColor
    /// The width.
    public var width: Double
    /// The lengths of dashes and gaps in turn; empty for a solid line.
    public var dash: [Double]

    /// A stroke, solid unless dashes are given.
    public init(_ color: PlotColor, width: Double = 1, dash: [Double] = []) {
      self.color = color
      self.width = width
      self.dash = dash
    }
  }

  /// How a text is drawn and where its anchor lies.
  public struct TextStyle: Sendable, Equatable {
    /// Which end of the text lies at the anchor.
    public enum Horizontal: Sendable { case left, center, right }
    /// Which height of the text lies at the anchor.
    public enum Vertical: Sendable { case top, middle, baseline }

    /// The size of the letters.
    public var size: Double
    /// The colour.
    public var color: PlotColor
    /// Whether the letters are bold.
    public var bold: Bool
    /// Which end of the text lies at the anchor.
    public var horizontal: Horizontal
    /// Which height of the text lies at the anchor.
    public var vertical: Vertical
    /// The turn around the anchor in degrees, counter-clockwise.
    public var turn: Double
    /// Whether a white rim keeps the text legible over lines.
    public var halo: Bool

    /// A style; every part has a default that suits a small label.
    public init(
      size: Double = 12, color: PlotColor = .label, bold: Bool = false, horizontal: Horizontal = .left,
      vertical: Vertical = .baseline, turn: Double = 0, halo: Bool = false
    ) {
      self.size = size
      self.color = color
      self.bold = bold
      self.horizontal = horizontal
      self.vertical = vertical
      self.turn = turn
      self.halo = halo
    }
  }

  enum Mark: Sendable, Equatable {
    case path([Point], closed: Bool, fill: PlotColor?, stroke: Stroke?)
    case rectangle(Rectangle, radius: Double, fill: PlotColor?, stroke: Stroke?)
    case circle(Point, radius: Double, fill: PlotColor?, stroke: Stroke?)
    case text(String, Point, TextStyle)
    case image(GreyImage, Rectangle)
    case clip(Rectangle)
    case unclip
  }

  /// The width.
  public let width: Double
  /// The height.
  public let height: Double
  private(set) var marks: [Mark] = []

  /// An empty white canvas.
  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Draws straight lines from point to point.
  public mutating func line(_ points: [Point], _ stroke: Stroke) {
    guard points.count > 1 else { return }
    marks.append(.path(points, closed: false, fill: nil, stroke: stroke))
  }

  /// Draws a closed polygon.
  public mutating func polygon(_ points: [Point], fill: PlotColor? = nil, stroke: Stroke? = nil) {
    guard points.count > 2 else { return }
    marks.append(.path(points, closed: true, fill: fill, stroke: stroke))
  }

  /// Draws a rectangle, with round corners where `radius` is above 0.
  public mutating func rectangle(
    _ rectangle: Rectangle, radius: Double = 0, fill: PlotColor? = nil, stroke: Stroke? = nil
  ) {
    marks.append(.rectangle(rectangle, radius: radius, fill: fill, stroke: stroke))
  }

  /// Draws a circle.
  public mutating func circle(_ center: Point, radius: Double, fill: PlotColor? = nil, stroke: Stroke? = nil) {
    marks.append(.circle(center, radius: radius, fill: fill, stroke: stroke))
  }

  /// Draws one line of text at its anchor; with `fit`, a text wider than that loses its middle to an ellipsis.
  public mutating func text(_ text: String, at anchor: Point, _ style: TextStyle, fit: Double? = nil) {
    guard !text.isEmpty else { return }
    marks.append(.text(fit.map { TextMeasure.fitted(text, style, width: $0) } ?? text, anchor, style))
  }

  /// Draws a grey image magnified to a rectangle, every pixel as a sharp square.
  public mutating func image(_ image: GreyImage, in rectangle: Rectangle) {
    marks.append(.image(image, rectangle))
  }

  /// Draws what `body` draws, cut off at the edges of a rectangle.
  public mutating func clipped(to rectangle: Rectangle, _ body: (inout Canvas) -> Void) {
    marks.append(.clip(rectangle))
    body(&self)
    marks.append(.unclip)
  }
}

/// A grey image: `ink` 0 is white paper and 1 is black, row after row from the top left.
public struct GreyImage: Sendable, Equatable {
  /// The width.
  public let width: Int
  /// The height.
  public let height: Int
  /// The values, row after row.
  public let ink: [Float]

  /// An image of `width` × `height` values; values outside 0...1 are drawn as the nearer end, NaN as white.
  public init(width: Int, height: Int, ink: [Float]) {
    precondition(width > 0 && height > 0 && ink.count == width * height, "A grey image needs width × height values.")
    self.width = width
    self.height = height
    self.ink = ink
  }
}
