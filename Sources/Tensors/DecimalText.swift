#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A number in decimal digits, written as NumPy writes it: the shortest digits that read back as the same number, or
/// rounded where there are more places behind the point than wanted.
struct DecimalText {
  var isNegative: Bool
  /// From the first that is not zero to the last that is not zero; "0" for zero.
  var digits: [Character]
  /// The power of ten of the first digit.
  var exponent: Int
  private let value: Double

  /// The shortest digits of a finite number of its own type.
  init<F: BinaryFloatingPoint & LosslessStringConvertible>(_ value: F) {
    self.init(text: value.description, value: Double(value))
  }

  /// The digits of what Swift or C have written: `-12.5`, `1e-10`, `0.001`.
  private init(text: String, value: Double) {
    self.value = value
    let parts = text.split(separator: "e")
    var mantissa = parts[0]
    isNegative = mantissa.first == "-"
    if isNegative { mantissa.removeFirst() }
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var all = Array(halves.joined())
    exponent = halves[0].count - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let zeros = all.prefix { $0 == "0" }.count
    all.removeFirst(zeros)
    exponent = all.isEmpty ? 0 : exponent - zeros
    while all.last == "0" { all.removeLast() }
    digits = all.isEmpty ? ["0"] : all
  }

  /// The parts before and behind the point, in fixed notation; the second is empty for a whole number.
  func fixed(places: Int = .max) -> (whole: String, fraction: String) {
    if digits.count - 1 - exponent > places { return rounded("%.\(places)f").fixed() }
    let sign = isNegative ? "-" : ""
    guard exponent >= 0 else {
      return (sign + "0", digits == ["0"] ? "" : String(repeating: "0", count: -exponent - 1) + String(digits))
    }
    let padded = digits + [Character](repeating: "0", count: Swift.max(exponent + 1 - digits.count, 0))
    return (sign + String(padded[...exponent]), String(padded[(exponent + 1)...]))
  }

  /// The digit before the point, those behind it, and the exponent, in scientific notation.
  func scientific(places: Int = .max) -> (whole: String, fraction: String, exponent: String) {
    if digits.count - 1 > places { return rounded("%.\(places)e").scientific() }
    let power = "\(Swift.abs(exponent))"
    return (
      (isNegative ? "-" : "") + String(digits[0]), String(digits[1...]),
      (exponent < 0 ? "-" : "+") + (power.count < 2 ? "0" : "") + power
    )
  }

  /// Scientific notation with just so many places, of the number itself where they are more than the shortest digits.
  func padded(places: Int) -> (whole: String, fraction: String, exponent: String) {
    var (whole, fraction, exponent) = rounded("%.\(places)e").scientific()
    fraction += String(repeating: "0", count: places - fraction.count)
    return (whole, fraction, exponent)
  }

  /// Rounds the number itself, not its shortest digits, which would round twice.
  private func rounded(_ format: String) -> DecimalText {
    let text = withVaList([value]) { arguments in
      // The widest is the greatest float64 in fixed notation.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
        vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
        return buffer.baseAddress.map { String(cString: $0) } ?? ""
      }
    }
    return DecimalText(text: text, value: value)
  }
}
