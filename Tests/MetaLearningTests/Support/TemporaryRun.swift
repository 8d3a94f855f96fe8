import Foundation
import Testing

@testable import MetaLearning

/// Places for runs in a new folder, which is removed when the last reference to it goes.
final class TemporaryRuns {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("metalearning-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func folder(_ name: String) throws -> RunFolder { try RunFolder(creating: url.appendingPathComponent(name).path) }
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

/// Records without the time, the only figure that differs between two equal runs.
func timeless(_ records: [MetaHistory.Record]) -> [MetaHistory.Record] {
  records.map {
    var record = $0
    (record.seconds, record.waited) = (0, nil)
    return record
  }
}

extension RunFolder {
  /// The bytes of a file of the run.
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: file(name)) }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name).path) }
}
