import Crypto
import Foundation

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
    let digest: [UInt8] =
      switch algorithm {
      case .md5: try Self.digest(of: url, Insecure.MD5())
      case .sha256: try Self.digest(of: url, SHA256())
      }
    self.init(
      algorithm: algorithm, digits: digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
  }

  private static func digest(of url: URL, _ function: some HashFunction) throws -> [UInt8] {
    try InputFile.check(url, expected: "a file that can be read")
    var function = function
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { function.update(data: piece) }
    } catch {
      throw UserError("\(url.path) cannot be read; expected a file that can be")
    }
    return Array(function.finalize())
  }

  /// `MD5 d41d8cd98f00b204e9800998ecf8427e`.
  public var description: String { "\(algorithm.rawValue) \(digits)" }
}
