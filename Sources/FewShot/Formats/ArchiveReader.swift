import Foundation

#if canImport(CArchive)
  import CArchive

  /// An open archive that libarchive reads; closed when the last reference goes.
  final class ArchiveReader {
    private let archive: OpaquePointer
    private let url: URL
    private let expected: String

    /// Opens the file at `url` after `prepare` has said which formats and filters it may have.
    convenience init(_ url: URL, expected: String, prepare: (OpaquePointer) -> Void) throws {
      try InputFile.check(url, expected: expected)
      try self.init(of: url, expected: expected) {
        prepare($0)
        return archive_read_open_filename($0, url.path, 1 << 16)
      }
    }

    /// Opens what has been read from the file at `url`, which must stay where it is while the reader is used.
    convenience init(
      _ contents: UnsafeRawBufferPointer, of url: URL, expected: String, prepare: (OpaquePointer) -> Void
    ) throws {
      try self.init(of: url, expected: expected) {
        prepare($0)
        return archive_read_open_memory($0, contents.baseAddress, contents.count)
      }
    }

    private init(of url: URL, expected: String, open: (OpaquePointer) -> Int32) throws {
      guard let archive = archive_read_new() else { throw UserError("no memory to read \(url.path)") }
      self.archive = archive
      self.url = url
      self.expected = expected
      guard open(archive) == ARCHIVE_OK else { throw failure }
    }

    deinit { archive_read_free(archive) }

    /// The filter that was found round the archive, one of libarchive's `ARCHIVE_FILTER_` numbers.
    var filter: Int32 { archive_filter_code(archive, 0) }

    /// The error that libarchive has just met, as a sentence.
    var failure: UserError {
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unreadable"
      return UserError("\(url.path) is damaged or not \(expected): \(reason)")
    }

    /// Goes to the next entry and gives its path, or nil after the last; `isFile` is false for folders and links.
    func nextEntry() throws -> (path: String, isFile: Bool)? {
      var entry: OpaquePointer?
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return nil }
      // A warning concerns only what is not used here, such as a time or an owner.
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure }
      let path = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
      let isRegular = archive_entry_filetype(entry) & 0o170000 == 0o100000
      return (path.map { String(cString: $0) } ?? "", isRegular)
    }

    /// The contents of the current entry, or its first `limit` bytes.
    func contents(limit: Int = .max) throws -> [UInt8] {
      var contents: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 1 << 16)
      while contents.count < limit {
        let count = archive_read_data(archive, &block, min(block.count, limit - contents.count))
        // Anything below zero, a warning included, is a wrong checksum, a wrong length or a broken stream.
        guard count >= 0 else { throw failure }
        if count == 0 { break }
        contents += block[..<count]
      }
      return contents
    }
  }
#endif
