import Foundation

#if canImport(CArchive)
  import CArchive
#endif

/// Reading of tar archives that gzip has compressed, file by file and without unpacking to disk.
enum TarArchive {
  /// Calls `body` with the path and contents of each file in the archive at `url`, folders left out.
  ///
  /// All is decompressed first, so that gzip's checksum has been compared before the first file is given. Throws a
  /// ``UserError`` when the archive is missing, is none, is cut short or is damaged.
  static func forEachFile(in url: URL, _ body: (String, [UInt8]) throws -> Void) throws {
    // More than twice what any data set here has: a few bytes can be made to unpack to any number.
    let most = 1 << 29
    let contents = try GzipFile.read(url, limit: most)
    guard contents.count < most else { throw UserError("\(url.path) unpacks to more than \(most >> 20) MB") }
    #if canImport(CArchive)
      try contents.withUnsafeBytes { contents in
        let reader = try ArchiveReader(contents, of: url, expected: "a whole tar archive") {
          archive_read_support_format_tar($0)
        }
        while let entry = try reader.nextEntry() {
          if entry.isFile { try body(entry.path, try reader.contents()) }
        }
      }
    #endif
  }
}
