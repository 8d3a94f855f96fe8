import Foundation

/// A file that is published somewhere, and what its bytes must come to.
public struct PublishedFile: Hashable, Sendable {
  /// Where it belongs in the folder of its data set, such as `splits_vinyals/train.txt`.
  public var path: String
  /// Where it is published: an address of `https` or `http`.
  public var address: String
  /// What its bytes come to.
  public var checksum: Checksum

  /// A file at an address.
  public init(_ path: String, at address: String, _ checksum: Checksum) {
    (self.path, self.address, self.checksum) = (path, address, checksum)
  }

  /// A file whose address is its path behind that of a folder, with or without a slash at its end.
  public init(_ path: String, in base: String, _ checksum: Checksum) {
    self.init(path, at: "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/\(path)", checksum)
  }

  /// The same file in a mirror, an address below which files lie as they do in the data set's folder.
  public func mirrored(at base: String) -> PublishedFile { PublishedFile(path, in: base, checksum) }

  /// Sees to it that the file lies in a folder: downloads it unless it is there already, and checks it in both cases.
  ///
  /// What has come of it lies in `NAME.part` until it is whole and right, so a download that was broken off goes on where
  /// it was, if the server can do that. A file with another checksum is removed.
  ///
  /// - Parameters:
  ///   - folder: The data set's folder, which is made if it is not there.
  ///   - timeout: For how many seconds (whole ones) the server may send nothing.
  ///   - progress: Called with the bytes that are there and the bytes that there will be, which a server may not say.
  /// - Returns: Whether it was downloaded.
  /// - Throws: A ``UserError`` where the address is none, the server cannot be reached, answers with an error, breaks off,
  ///   falls silent or sends something else, or where the file cannot be written; where a file of this name with another
  ///   checksum is there already, which is left alone; a `CancellationError`.
  @discardableResult
  public func fetch(
    into folder: URL, timeout: Int = 30, progress: (_ received: Int, _ total: Int?) -> Void = { _, _ in }
  ) async throws -> Bool {
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false else {
      throw UserError("'\(address)' is not an address to download from; expected one like https://example.org/files")
    }
    let file = folder.appendingPathComponent(path)
    if FileManager.default.fileExists(atPath: file.path) {
      let found = try Checksum(checksum.algorithm, of: file)
      guard found == checksum else {
        throw UserError(
          "\(file.path) is there already, but is another file: its \(found) is not the published \(checksum.digits); "
            + "move it away, or choose another folder")
      }
      return false
    }
    try NewFolder.make(file.deletingLastPathComponent().path)
    let part = PartFile(of: file)
    let isResumed = part.size > 0
    var found = try await download(to: part, from: url, timeout, progress)
    // What an earlier download has left may be of another file.
    if found != checksum, isResumed { found = try await download(to: part, from: url, timeout, progress) }
    guard found == checksum else {
      throw UserError(
        "What \(address) gave is not the file that was published: its \(found) is not \(checksum.digits); "
          + "it has been removed")
    }
    try part.finish()
    return true
  }

  /// Completes the part, as far as the server lets it, and returns its checksum; removes it if that is wrong.
  private func download(
    to part: PartFile, from url: URL, _ timeout: Int, _ progress: (Int, Int?) -> Void
  ) async throws -> Checksum {
    do {
      for try await state in Transfer.states(of: url, to: part, timeout: timeout) {
        progress(state.received, state.total)
      }
    } catch {
      try Task.checkCancellation()
      guard error is Transfer.NothingToAdd else { throw error }
    }
    // The loop of a task that is cancelled may also just end.
    try Task.checkCancellation()
    let found = try Checksum(checksum.algorithm, of: part.url)
    if found != checksum { try part.remove() }
    return found
  }
}
