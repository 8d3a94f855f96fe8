import Foundation

/// Shows how far a run is: a bar that is drawn over on a terminal, plain lines elsewhere. Writes to standard error, so
/// that standard output stays free for results.
public struct ProgressDisplay: Sendable {
  /// What is counted.
  public enum Unit: Sendable {
    /// Steps of a loop.
    case steps
    /// Bytes of a file, said in megabytes.
    case bytes

    /// `50/100`, or `3.1/9.5 MB`.
    func place(_ step: Int, of total: Int) -> String {
      switch self {
      case .steps: "\(step)/\(total)"
      case .bytes: String(format: "%.1f/%.1f MB", Double(step) / 1e6, Double(total) / 1e6)
      }
    }

    /// How many a second: `12/s`, `0.25/s`, or `1.2 MB/s`.
    func speed(_ rate: Double) -> String {
      switch self {
      case .steps: rate >= 10 ? "\(Int(rate.rounded()))/s" : String(format: "%.2f/s", rate)
      case .bytes: String(format: "%.1f MB/s", rate / 1e6)
      }
    }
  }

  private let total: Int
  private let unit: Unit
  private let isTerminal: Bool
  private let isSilent: Bool
  private let start = Date()
  private var lastDrawn = Date.distantPast
  /// The steps that were done before this display; a resumed run does not begin at 0.
  private var done: Int?

  public init(total: Int, unit: Unit = .steps, isSilent: Bool = false) {
    self.total = total
    self.unit = unit
    self.isSilent = isSilent
    isTerminal = isatty(2) == 1
  }

  /// Redraws the bar on a terminal, at most ten times a second.
  public mutating func show(_ step: Int, _ figures: String) {
    if done == nil { done = step - 1 }
    guard isTerminal, !isSilent, Date().timeIntervalSince(lastDrawn) > 0.1 else { return }
    lastDrawn = Date()
    let share = Double(step) / Double(total)
    write("\r\u{1B}[K" + Self.bar(share, beside: line(step, figures), columns: Self.columns))
  }

  /// Writes a line that stays; a terminal has the pace below it, in the bar.
  public mutating func note(_ step: Int, _ figures: String) {
    if done == nil { done = step - 1 }
    guard !isSilent else { return }
    write(isTerminal ? "\r\u{1B}[K\(unit.place(step, of: total))  \(figures)\n" : line(step, figures) + "\n")
  }

  /// Clears the bar.
  public func finish() { if isTerminal, !isSilent { write("\r\u{1B}[K") } }

  private func line(_ step: Int, _ figures: String) -> String {
    let seconds = Date().timeIntervalSince(start)
    let place = unit.place(step, of: total)
    guard seconds > 0 else { return "\(place)  \(figures)" }
    let rate = Double(step - (done ?? 0)) / seconds
    return "\(place)  \(figures)  \(unit.speed(rate))  \(Self.duration(Double(total - step) / rate)) left"
  }

  /// A bar and a text on one line of a terminal: a longer one would wrap, and leave pieces behind when drawn over.
  static func bar(_ share: Double, beside text: String, columns: Int) -> String {
    let width = min(24, columns - text.count - 3)
    guard width >= 4 else { return String(text.prefix(max(0, columns - 1))) }
    let filled = Int(Double(width) * min(max(share, 0), 1))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled) + "  " + text
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Seconds as people say them: `45 s`, `3 min 20 s`, `1 h 5 min`.
  public static func duration(_ seconds: Double) -> String {
    // Far beyond what anyone waits for, and within what an Int holds.
    let whole = Int(min(seconds, 1e12).rounded(.up))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
