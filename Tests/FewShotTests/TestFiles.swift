import Foundation
import Testing

@testable import FewShot

#if canImport(CArchive)
  import CArchive
#endif
#if canImport(CCairo)
  import CCairo
#endif

/// A new folder that is removed when the last reference to it goes.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("fewshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }
}

/// Expects `body` to throw a `UserError` whose sentence has all of `parts` in it.
func expectUserError(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Void
) {
  let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) { try body() }
  for part in parts {
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
  }
}

/// The real data sets: `METALEARN_DATA`, or `shared/data` beside the package, with folders `mnist` and `omniglot`.
enum RealData {
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["METALEARN_DATA"] { return URL(fileURLWithPath: path) }
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  static let mnist = folder.appendingPathComponent("mnist")
  static let omniglot = folder.appendingPathComponent("omniglot")

  static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}

#if canImport(CArchive)
  /// Writes a zip archive of these files.
  func writeZip(_ files: [(path: String, bytes: [UInt8])], to url: URL) throws {
    let archive = try #require(archive_write_new())
    defer { archive_write_free(archive) }
    archive_write_set_format_zip(archive)
    try #require(archive_write_open_filename(archive, url.path) == ARCHIVE_OK)
    for file in files {
      let entry = archive_entry_new()
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, file.path)
      archive_entry_set_size(entry, Int64(file.bytes.count))
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_perm(entry, 0o644)
      try #require(archive_write_header(archive, entry) == ARCHIVE_OK)
      try #require(archive_write_data(archive, file.bytes, file.bytes.count) == file.bytes.count)
    }
    try #require(archive_write_close(archive) == ARCHIVE_OK)
  }
#endif

#if canImport(CCairo)
  /// A PNG of grey pixels, 0 black and 255 white.
  func makePNG(height: Int, width: Int, _ pixel: (_ row: Int, _ column: Int) -> UInt8) throws -> [UInt8] {
    let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    defer { cairo_surface_destroy(surface) }
    let data = try #require(cairo_image_surface_get_data(surface))
    let stride = Int(cairo_image_surface_get_stride(surface))
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<3 { data[row * stride + 4 * column + channel] = pixel(row, column) }
      }
    }
    cairo_surface_mark_dirty(surface)
    var bytes: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &bytes) { bytes in
      cairo_surface_write_to_png_stream(
        surface,
        { closure, data, length in
          closure?.assumingMemoryBound(to: [UInt8].self).pointee += UnsafeBufferPointer(start: data, count: Int(length))
          return CAIRO_STATUS_SUCCESS
        }, bytes)
    }
    try #require(status == CAIRO_STATUS_SUCCESS)
    return bytes
  }
#endif
