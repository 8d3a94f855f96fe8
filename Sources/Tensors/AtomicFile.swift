import Foundation

/// Files that appear complete or not at all.
package enum AtomicFile {
  /// Writes bytes to a new file beside `path` and renames it to `path`.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    // The process and a random number keep two writers of one file apart.
    let name = ".\(url.lastPathComponent).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
    let temporary = url.deletingLastPathComponent().appendingPathComponent(name).path
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    guard file >= 0 else { throw failure(path) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let error = failure(path)
        close(file)
        unlink(temporary)
        throw error
      }
      written += count
    }
    guard close(file) == 0, rename(temporary, path) == 0 else {
      let error = failure(path)
      unlink(temporary)
      throw error
    }
  }

  /// The last system error as a sentence about the file.
  package static func failure(_ path: String) -> UserError {
    let reason: String
    switch errno {
    case ENOENT: reason = "its folder does not exist"
    case ENOTDIR: reason = "a part of its path is not a folder"
    case EACCES, EPERM, EROFS: reason = "writing there is not permitted"
    case EISDIR: reason = "a folder has this name"
    case ENOSPC: reason = "the disk is full"
    default: reason = String(cString: strerror(errno)).lowercased()
    }
    return UserError("The file '\(path)' cannot be written: \(reason).")
  }
}
