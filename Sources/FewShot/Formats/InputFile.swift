import Foundation

/// Checks on the files and folders that a user names, so that every error says which one and what was expected.
enum InputFile {
  /// Throws a ``UserError`` unless there is a file at `url`; `expected` says what it should be ("a zip archive").
  static func check(_ url: URL, expected: String) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw UserError("\(url.path) does not exist; expected \(expected)")
    }
    guard !isDirectory.boolValue else { throw UserError("\(url.path) is a folder; expected \(expected)") }
  }

  /// Throws a ``UserError`` unless there is a folder at `url`; `expected` says what should be in it.
  static func checkFolder(_ url: URL, expected: String) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw UserError("the folder \(url.path) does not exist; expected \(expected)")
    }
    guard isDirectory.boolValue else { throw UserError("\(url.path) is not a folder; expected \(expected)") }
  }

  /// All bytes of the file at `url`.
  static func bytes(of url: URL, expected: String) throws -> [UInt8] {
    try check(url, expected: expected)
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw UserError("\(url.path) cannot be read; expected \(expected)")
    }
  }
}
