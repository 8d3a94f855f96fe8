import Foundation
import SwiftCSV

/// A file with a line of column names, then a row a line; columns are parted by commas, semicolons or tabs.
public struct TableFile: Sendable {
  /// The names of the columns.
  public let columns: [String]
  private let rows: [[String]]
  private let path: String

  /// Whether a file has an ending that says it holds a table.
  public static func isReadable(_ path: String) -> Bool {
    [".csv", ".tsv"].contains { path.lowercased().hasSuffix($0) }
  }

  /// The number of rows.
  public var count: Int { rows.count }

  /// Reads a file.
  ///
  /// - Throws: a ``UserError`` that names the file where it is missing, is no table, has no rows, or has a row of another
  ///   length.
  public init(contentsOf url: URL) throws {
    let bytes = try InputFile.bytes(of: url, expected: "a table of comma- or tab-separated values")
    guard let text = String(bytes: bytes, encoding: .utf8) else { throw UserError("\(url.path) is not text in UTF-8") }
    let table: CSV<Enumerated>
    do {
      table = try CSV<Enumerated>(string: text, loadColumns: false)
    } catch {
      throw UserError("\(url.path) is not a table of comma- or tab-separated values: \(error)")
    }
    (columns, rows) = (table.header.map { $0.trimmingCharacters(in: .whitespaces) }, table.rows)
    path = url.path
    guard !rows.isEmpty else { throw UserError("\(path) has no rows") }
    for (index, row) in rows.enumerated() where row.count != columns.count {
      throw UserError("\(path), row \(Self.line(index)): it has \(row.count) values; expected \(columns.count)")
    }
  }

  /// The place of the column with a name.
  ///
  /// - Parameter option: the option that gives another name, for the sentence; nil where there is none.
  /// - Throws: a ``UserError`` where there is no such column or more than one.
  public func column(_ name: String, option: String? = nil) throws -> Int {
    let found = columns.indices.filter { columns[$0] == name }
    guard let first = found.first else {
      let hint = option.map { " Name one with \($0)." } ?? ""
      throw UserError("\(path) has no column '\(name)'; it has \(columns.joined(separator: ", ")).\(hint)")
    }
    guard found.count == 1 else { throw UserError("\(path) has the column '\(name)' \(found.count) times") }
    return first
  }

  /// A text, without spaces around it; throws a ``UserError`` that names its place where it is empty.
  public func text(row: Int, column: Int) throws -> String {
    let text = rows[row][column].trimmingCharacters(in: .whitespaces)
    guard !text.isEmpty else {
      throw UserError("\(path), row \(Self.line(row)), column '\(columns[column])': it is empty")
    }
    return text
  }

  /// A number; throws a ``UserError`` that names its place where it is none, or not finite.
  public func number(row: Int, column: Int) throws -> Float {
    guard let value = Float(rows[row][column].trimmingCharacters(in: .whitespaces)), value.isFinite else {
      throw UserError(
        "\(path), row \(Self.line(row)), column '\(columns[column])': '\(rows[row][column])' is no finite number")
    }
    return value
  }

  /// The numbers of some columns, row after row.
  public func numbers(columns: [Int]) throws -> [Float] {
    try (0..<count).flatMap { row in try columns.map { try number(row: row, column: $0) } }
  }

  /// The line of a row; the names are line 1.
  private static func line(_ row: Int) -> Int { row + 2 }
}
