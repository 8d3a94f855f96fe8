import Foundation

/// Folders that are made where they are not there yet.
package enum NewFolder {
  /// Makes the folder at `path`, and those that it lies in; throws a ``UserError`` that says what is in the way.
  package static func make(_ path: String) throws {
    let url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw UserError("The folder '\(path)' cannot be made: \(obstacle(to: url)).")
    }
  }

  /// Why a folder cannot be made: Foundation's errors differ between platforms, and do not name the place.
  private static func obstacle(to url: URL) -> String {
    var place = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    return isFolder.boolValue ? "writing in '\(place.path)' is not permitted" : "'\(place.path)' is not a folder"
  }
}
