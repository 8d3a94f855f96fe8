import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CArchive
#endif

/// What the bytes of a file come to by a hash function: whether a file is the one that was published.
public struct Checksum: Hashable, Sendable, CustomStringConvertible {
  /// The hash functions that publishers use. MD5 finds accidents, but would not stop anyone who wants to deceive.
  public enum Algorithm: String, Hashable, Sendable {
    /// 128 bits (RFC 1321).
    case md5 = "MD5"
    /// 256 bits (FIPS 180-4).
    case sha256 = "SHA-256"
  }

  /// The hash function.
  public var algorithm: Algorithm
  /// Its value, in small hexadecimal digits.
  public var digits: String

  /// A value of MD5 in hexadecimal digits.
  public static func md5(_ digits: String) -> Checksum { Checksum(algorithm: .md5, digits: digits) }

  /// A value of SHA-256 in hexadecimal digits.
  public static func sha256(_ digits: String) -> Checksum { Checksum(algorithm: .sha256, digits: digits) }

  private init(algorithm: Algorithm, digits: String) {
    self.algorithm = algorithm
    self.digits = digits.lowercased()
  }

  /// Computes that of the file at `url`, which is not read as a whole; throws a ``UserError`` where it cannot be read.
  public init(_ algorithm: Algorithm, of url: URL) throws {
    try InputFile.check(url, expected: "a file that can be read")
    guard let digits = try? Self.digits(algorithm, of: url) else {
      throw UserError("\(url.path) cannot be read; expected a file that can be")
    }
    self.init(algorithm: algorithm, digits: digits)
  }

  /// Hands a file to `body`, a megabyte at a time.
  private static func read(_ url: URL, _ body: (Data) throws -> Void) throws {
    let file = try FileHandle(forReadingFrom: url)
    defer { try? file.close() }
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { try body(piece) }
  }

  #if canImport(CryptoKit)
    private static func digits(_ algorithm: Algorithm, of url: URL) throws -> String {
      func digits(_ function: some HashFunction) throws -> String {
        var function = function
        try read(url) { function.update(data: $0) }
        return function.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      }
      switch algorithm {
      case .md5: return try digits(Insecure.MD5())
      case .sha256: return try digits(SHA256())
      }
    }
  #else
    /// By libarchive, which is there to read archives anyway: it writes hash values into listings of files (mtree).
    ///
    /// A library of cryptography for these two functions would be most of what is compiled.
    private static func digits(_ algorithm: Algorithm, of url: URL) throws -> String {
      let failure = CocoaError(.fileReadUnknown)
      guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw failure }
      defer {
        archive_entry_free(entry)
        archive_write_free(archive)
      }
      var listing = [UInt8](repeating: 0, count: 1 << 16)
      var used = 0
      let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      let name = algorithm == .md5 ? "md5" : "sha256"
      archive_entry_set_pathname(entry, "file")
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_size(entry, Int64(size))
      return try listing.withUnsafeMutableBytes { listing in
        guard archive_write_set_format_mtree(archive) == ARCHIVE_OK,
          archive_write_set_format_option(archive, "mtree", "all", nil) == ARCHIVE_OK,
          archive_write_set_format_option(archive, "mtree", name, "1") == ARCHIVE_OK,
          archive_write_open_memory(archive, listing.baseAddress, listing.count, &used) == ARCHIVE_OK,
          archive_write_header(archive, entry) == ARCHIVE_OK
        else { throw failure }
        try read(url) { piece in
          let written = piece.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
          guard written == piece.count else { throw failure }
        }
        guard archive_write_close(archive) == ARCHIVE_OK else { throw failure }
        let text = String(decoding: listing.prefix(used), as: UTF8.self)
        guard let keyword = text.range(of: "digest=") else { throw failure }
        return String(text[keyword.upperBound...].prefix { $0.isHexDigit })
      }
    }
  #endif

  /// `MD5 d41d8cd98f00b204e9800998ecf8427e`.
  public var description: String { "\(algorithm.rawValue) \(digits)" }
}
