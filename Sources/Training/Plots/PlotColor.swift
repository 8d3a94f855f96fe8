/// A colour with red, green, blue and opacity between 0 and 1.
public struct PlotColor: Sendable, Equatable {
  /// The share of red.
  public var red: Double
  /// The share of green.
  public var green: Double
  /// The share of blue.
  public var blue: Double
  /// 0 is invisible, 1 hides what lies below.
  public var opacity: Double

  /// A colour from its four parts, each between 0 and 1.
  public init(red: Double, green: Double, blue: Double, opacity: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.opacity = opacity
  }

  /// A colour from its usual number, such as `0x0072B2`.
  public init(_ hex: UInt32) {
    self.init(
      red: Double((hex >> 16) & 255) / 255, green: Double((hex >> 8) & 255) / 255, blue: Double(hex & 255) / 255)
  }

  /// The same colour with another opacity.
  public func opacity(_ value: Double) -> PlotColor {
    PlotColor(red: red, green: green, blue: blue, opacity: value)
  }

  /// The colour that lies `share` of the way from this one to another.
  public func mixed(with other: PlotColor, share: Double) -> PlotColor {
    func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
    return PlotColor(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
      opacity: mix(opacity, other.opacity))
  }

  /// The colours of a panel's series in turn: those of Okabe and Ito, which colour-blind readers can tell apart.
  public static let palette: [PlotColor] = [.blue, .vermilion, .teal, .purple, .orange, .sky]

  /// The first of the palette.
  public static let blue = PlotColor(0x0072B2)
  /// The second of the palette.
  public static let vermilion = PlotColor(0xD55E00)
  /// The third of the palette.
  public static let teal = PlotColor(0x009E73)
  /// The fourth of the palette.
  public static let purple = PlotColor(0xB5608F)
  /// The fifth of the palette.
  public static let orange = PlotColor(0xE69F00)
  /// The sixth of the palette.
  public static let sky = PlotColor(0x56B4E9)

  /// The paper.
  public static let white = PlotColor(0xFFFFFF)
  /// Titles and the truth that predictions are compared with.
  public static let ink = PlotColor(0x22262B)
  /// Tick labels, axis titles and captions.
  public static let label = PlotColor(0x555C66)
  /// Axis lines and frames.
  public static let axis = PlotColor(0xA9B0B9)
  /// Grid lines.
  public static let grid = PlotColor(0xE8EBEE)
  /// A right answer.
  public static let right = PlotColor(0x2E8B57)
  /// A wrong answer.
  public static let wrong = PlotColor(0xD32F2F)
}
