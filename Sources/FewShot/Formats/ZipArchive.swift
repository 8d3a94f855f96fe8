import Foundation

#if canImport(CArchive)
  import CArchive
#endif

/// Reading of zip archives, file by file and without unpacking to disk.
enum ZipArchive {
  /// Calls `body` with the path and contents of each file in the archive at `url`, folders left out.
  ///
  /// The list of files is read from the archive's end, so one that was cut short is an error and not a shorter
  /// archive. Throws a ``UserError`` when the archive is missing, is no zip archive or is damaged.
  static func forEachFile(in url: URL, _ body: (String, [UInt8]) throws -> Void) throws {
    #if canImport(CArchive)
      let reader = try ArchiveReader(url, expected: "a whole zip archive") {
        archive_read_support_format_zip_seekable($0)
      }
      while let entry = try reader.nextEntry() {
        if entry.isFile { try body(entry.path, try reader.contents()) }
      }
    #else
      throw UserError("\(url.path) cannot be read: this build has no libarchive")
    #endif
  }
}
