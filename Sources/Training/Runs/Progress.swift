import Foundation

/// Shows how far a run is: a bar that is drawn over on a terminal, plain lines elsewhere. Writes to standard error, so
/// that standard output stays free for results.
public struct ProgressDisplay: Sendable {
  private let total: Int
  private let isTerminal: Bool
  private let isSilent: Bool
  private let start = Date()
  private var lastDrawn = Date.distantPast
  private let first: Int

  /// A display for `total` steps, of which `first` are done already.
  public init(total: Int, from first: Int = 0, isSilent: Bool = false) {
    self.total = total
    self.first = first
    self.isSilent = isSilent
    isTerminal = isatty(2) == 1
  }

  /// Redraws the bar on a terminal, at most ten times a second.
  public mutating func show(_ step: Int, _ figures: String) {
    guard isTerminal, !isSilent, Date().timeIntervalSince(lastDrawn) > 0.1 else { return }
    lastDrawn = Date()
    let width = 24
    let filled = total > 0 ? width * step / total : 0
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    write("\r\u{1B}[K\(bar) \(step)/\(total)  \(figures)  \(pace(step))")
  }

  /// Writes a line that stays.
  public mutating func note(_ step: Int, _ figures: String) {
    guard !isSilent else { return }
    write((isTerminal ? "\r\u{1B}[K" : "") + "\(step)/\(total)  \(figures)  \(pace(step))\n")
  }

  /// Clears the bar.
  public func finish() { if isTerminal, !isSilent { write("\r\u{1B}[K") } }

  private func pace(_ step: Int) -> String {
    let seconds = Date().timeIntervalSince(start)
    guard step > first, seconds > 0 else { return "" }
    let rate = Double(step - first) / seconds
    let speed = rate >= 10 ? "\(Int(rate.rounded()))/s" : String(format: "%.2f/s", rate)
    return "\(speed)  \(Self.duration(Double(total - step) / rate)) left"
  }

  /// Seconds as people say them: `45 s`, `3 min 20 s`, `1 h 5 min`.
  public static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole / 60 % 60) min"
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
