/// Texts in columns that line up, for a terminal.
package struct TextTable {
  package struct Column {
    package var title: String
    /// Whether its texts end, rather than begin, below each other.
    package var isRight: Bool
    /// What does not fit loses its middle.
    package var widest: Int

    package init(_ title: String, isRight: Bool = false, widest: Int = .max) {
      self.title = title
      self.isRight = isRight
      self.widest = widest
    }
  }

  package var columns: [Column]
  package var rows: [[String]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  /// A line with the titles, and one for each row, without spaces at the end.
  package var lines: [String] {
    let cells = ([columns.map(\.title)] + rows).map { row in
      zip(row, columns).map { Self.shortened($0, to: $1.widest) }
    }
    let widths = columns.indices.map { index in cells.map { $0[index].count }.max() ?? 0 }
    return cells.map { row in
      let padded = zip(row.indices, row).map { index, text in
        let room = String(repeating: " ", count: widths[index] - text.count)
        return columns[index].isRight ? room + text : text + room
      }
      let line = padded.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A text of at most so many characters, the middle of which is left out where it is longer: names often differ at
  /// their ends.
  package static func shortened(_ text: String, to length: Int) -> String {
    guard text.count > length, length > 0 else { return text }
    let front = (length - 1) / 2
    return text.prefix(front) + "…" + text.suffix(length - 1 - front)
  }
}
