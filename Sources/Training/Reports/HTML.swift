/// A piece of HTML. What is put into it by interpolation is shown as it is: only other pieces are taken as HTML.
///
/// ```swift
/// let row: HTML = "<tr><td>\(name)</td></tr>"
/// ```
package struct HTML: ExpressibleByStringInterpolation, Sendable {
  package private(set) var source: String

  package init(stringLiteral source: String) { self.source = source }
  package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  /// Pieces one after the other.
  package init(_ pieces: [HTML]) { source = pieces.map(\.source).joined(separator: "\n") }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    package init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { source += literal }
    package mutating func appendInterpolation(_ piece: HTML) { source += piece.source }
    package mutating func appendInterpolation(_ pieces: [HTML]) { source += HTML(pieces).source }
    package mutating func appendInterpolation(_ number: Int) { source += String(number) }

    package mutating func appendInterpolation(_ text: String) {
      for character in text.unicodeScalars {
        switch character {
        case "&": source += "&amp;"
        case "<": source += "&lt;"
        case ">": source += "&gt;"
        case "\"": source += "&quot;"
        case "'": source += "&#39;"
        default: source.unicodeScalars.append(character)
        }
      }
    }
  }
}
