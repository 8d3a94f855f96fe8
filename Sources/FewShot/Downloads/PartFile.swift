import Foundation

/// What has come of a file so far: `NAME.part`, which becomes the file when it is whole.
struct PartFile: Sendable {
  /// The file that it becomes.
  let file: URL
  /// Where it lies.
  var url: URL { file.appendingPathExtension("part") }

  init(of file: URL) { self.file = file }

  /// Its bytes, 0 where there is none.
  var size: Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  /// Gives it its name; throws a ``UserError`` where that is not possible.
  func finish() throws {
    guard rename(url.path, file.path) == 0 else { throw AtomicFile.failure(file.path) }
  }

  /// Removes it; throws a ``UserError`` where that is not possible.
  func remove() throws {
    guard unlink(url.path) == 0 || errno == ENOENT else { throw AtomicFile.failure(url.path) }
  }

  /// The part opened to be added to. No other download can open it meanwhile.
  final class Writer: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Opens the part after its first `offset` bytes and drops the rest; throws a ``UserError`` where that is not possible.
    init(_ part: PartFile, after offset: Int) throws {
      path = part.url.path
      descriptor = open(path, O_WRONLY | O_CREAT, 0o666)
      guard descriptor >= 0 else { throw AtomicFile.failure(path) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw UserError("\(path) is being written by another download")
      }
      guard ftruncate(descriptor, off_t(offset)) == 0, lseek(descriptor, off_t(offset), SEEK_SET) == offset else {
        throw AtomicFile.failure(path)
      }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds bytes.
    func write(_ data: Data) throws {
      var rest = data[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw AtomicFile.failure(path) }
        rest = rest.dropFirst(count)
      }
    }
  }
}
