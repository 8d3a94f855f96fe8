import Foundation

/// The places and labels of an axis' ticks.
public struct Ticks: Sendable, Equatable {
  /// The places.
  public let values: [Double]
  /// The labels, one per place.
  public let labels: [String]

  /// Ticks at round numbers: multiples of 1, 2 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - low: The lower end of the axis.
  ///   - high: The upper end, above `low`.
  ///   - target: The most intervals that the axis has room for.
  ///   - integers: Whether only whole numbers make sense, as for steps and epochs.
  ///   - factor: What values are multiplied by in their labels, 100 for per cent.
  public static func linear(
    from low: Double, to high: Double, target: Int, integers: Bool = false, factor: Double = 1
  ) -> Ticks {
    guard low.isFinite, high.isFinite, high > low else { return Ticks(values: [], labels: []) }
    let (low, high) = (low * factor, high * factor)
    var step = roundStep(atLeast: (high - low) / Double(max(target, 1)))
    if integers { step = max(step, 1) }
    // Dividing by the inverse of a small step keeps 0.3 from becoming 0.30000000000000004.
    let inverse = (1 / step).rounded()
    func multiple(_ index: Double) -> Double { step < 1 ? index / inverse : index * step }
    let slack = 1e-9 * (high - low)
    let first = ((low - slack) / step).rounded(.up)
    let last = ((high + slack) / step).rounded(.down)
    guard first <= last, last - first < 1000 else { return Ticks(values: [], labels: []) }
    let shown = stride(from: first, through: last, by: 1).map { multiple($0) }
    let largest = max(abs(low), abs(high))
    return Ticks(
      values: shown.map { min(max($0, low), high) / factor },
      labels: shown.map { label($0, step: step, largest: largest) })
  }

  /// Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where few powers lie on the axis.
  public static func logarithmic(from low: Double, to high: Double, target: Int) -> Ticks {
    guard low > 0, high.isFinite, high > low else { return Ticks(values: [], labels: []) }
    let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
    let decades = log10(high) - log10(low)
    let mantissas: [Double] = decades <= Double(target) / 3 ? [1, 2, 5] : [1]
    let every = max(1, Int((decades / Double(max(target, 1))).rounded(.up)))
    var values: [Double] = []
    for power in first...last where power % every == 0 {
      for mantissa in mantissas {
        // A division is exact where a negative power of ten is not.
        let value = power < 0 ? mantissa / pow(10, Double(-power)) : mantissa * pow(10, Double(power))
        if value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) { values.append(value) }
      }
    }
    // Less than about one power of ten: the round numbers of a linear axis serve better.
    guard values.count > 1 else { return linear(from: low, to: high, target: target) }
    return Ticks(values: values, labels: values.map { label($0) })
  }

  /// The smallest of 1, 2 or 5 times a power of ten that is at least `size`.
  static func roundStep(atLeast size: Double) -> Double {
    let power = pow(10, log10(size).rounded(.down))
    return ([1, 2, 5].map { $0 * power }.first { $0 >= size * (1 - 1e-9) }) ?? 10 * power
  }

  /// A label with as many decimals as the step between ticks needs.
  private static func label(_ value: Double, step: Double, largest: Double) -> String {
    if value == 0 { return "0" }
    if largest >= 1e6 || step < 0.9e-4 {
      let digits = Int((log10(abs(value)) + 1e-9).rounded(.down)) - Int((log10(step) + 1e-9).rounded(.down))
      return scientific(value, digits: min(max(digits, 0), 12))
    }
    return grouped(value, decimals: max(0, -Int((log10(step) + 1e-9).rounded(.down))))
  }

  /// A label of a logarithmic tick, which stands for itself.
  private static func label(_ value: Double) -> String {
    let power = Int((log10(value) + 1e-9).rounded(.down))
    return power < -3 || power > 5 ? scientific(value, digits: 0) : grouped(value, decimals: max(0, -power))
  }

  private static func scientific(_ value: Double, digits: Int) -> String {
    let parts = String(format: "%.\(digits)e", value).split(separator: "e")
    guard parts.count == 2, let power = Int(parts[1]) else { return String(value) }
    var mantissa = parts[0]
    if mantissa.contains(".") {
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
    }
    return (mantissa + "e" + String(power)).replacingOccurrences(of: "-", with: "−")
  }

  /// A decimal number with commas between thousands and a proper minus sign.
  static func grouped(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", abs(value))
    let whole = text.prefix { $0 != "." }
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0 && (whole.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return (value < 0 ? "−" : "") + result + text.dropFirst(whole.count)
  }
}
