import Foundation

#if canImport(CArchive)
  import CArchive
#endif

/// Reading of files compressed by gzip.
enum GzipFile {
  /// The decompressed contents of the file at `url`, or only their first `limit` bytes.
  ///
  /// Throws a ``UserError`` when the file is missing, is no gzip file, is cut short or, if read wholly, does not
  /// agree with its checksum.
  static func read(_ url: URL, limit: Int = .max) throws -> [UInt8] {
    #if canImport(CArchive)
      let reader = try ArchiveReader(url, expected: "a gzip file") {
        archive_read_support_filter_gzip($0)
        archive_read_support_format_raw($0)
        archive_read_support_format_empty($0)
      }
      guard try reader.nextEntry() != nil, reader.filter == ARCHIVE_FILTER_GZIP else {
        throw UserError("\(url.path) is not a gzip file")
      }
      let contents = try reader.contents(limit: limit)
      if contents.count < limit { try check(contents, against: url) }
      return contents
    #else
      throw UserError("\(url.path) cannot be read: this build has no libarchive; give the file decompressed")
    #endif
  }

  /// Compares the contents with the length and checksum in the last eight bytes of the file, which libarchive skips.
  private static func check(_ contents: [UInt8], against url: URL) throws {
    let file = try FileHandle(forReadingFrom: url)
    defer { try? file.close() }
    try file.seek(toOffset: max(8, try file.seekToEnd()) - 8)
    let trailer = try file.readToEnd() ?? Data()
    let stored = trailer.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let actual = UInt64(crc32(contents)) | UInt64(UInt32(truncatingIfNeeded: contents.count)) << 32
    guard trailer.count == 8, stored == actual else {
      throw UserError("\(url.path) is damaged: its contents disagree with the checksum of a gzip file of one member")
    }
  }

  /// The checksum of RFC 1952, section 8.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    let table = (UInt32(0)..<256).map { byte in
      var value = byte
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      return value
    }
    return ~bytes.reduce(~UInt32(0)) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
  }
}
