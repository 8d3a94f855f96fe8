import Foundation
import Testing

@testable import FewShot

/// Downloads from a server that breaks off, falls silent, errs, and lies.
@Suite(.timeLimit(.minutes(2))) struct PublishedFileTests {
  typealias Answer = LoopbackServer.Answer

  private let folder = try! TemporaryFolder()
  /// More than one piece that a session hands over at once.
  private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
  /// As `sha256sum` says of these bytes.
  private var checksum: Checksum {
    get throws {
      try folder.write(bytes, to: "original")
      return try Checksum(.sha256, of: folder.url.appendingPathComponent("original"))
    }
  }
  private var out: URL { folder.url.appendingPathComponent("out") }

  private func names(_ folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
  }

  private func contents(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: out.appendingPathComponent(name).path).map { [UInt8]($0) }
  }

  private func put(_ bytes: [UInt8], _ name: String) throws { try folder.write(bytes, to: "out/\(name)") }

  /// Expects a download to end with a sentence that has all of `parts` in it.
  private func expectFailure(
    _ file: PublishedFile, _ parts: String..., timeout: Int = 30, sourceLocation: SourceLocation = #_sourceLocation
  ) async {
    let error = await #expect(throws: UserError.self, sourceLocation: sourceLocation) {
      _ = try await file.fetch(into: out, timeout: timeout)
    }
    for part in parts {
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
    }
  }

  @Test func aFileIsDownloadedOnceAndCheckedAgain() async throws {
    let server = try LoopbackServer(["/data/deep/file": Answer(body: bytes)])
    let file = PublishedFile("deep/file", in: "\(server.address)/data/", try checksum)
    var states: [(received: Int, total: Int?)] = []
    #expect(try await file.fetch(into: out) { states.append(($0, $1)) })
    #expect(contents("deep/file") == bytes)
    #expect(names(out.appendingPathComponent("deep")) == ["file"])
    #expect(states.last?.received == bytes.count)
    #expect(states.allSatisfy { $0.total == bytes.count })
    #expect(zip(states, states.dropFirst()).allSatisfy { $0.received <= $1.received })
    let count = states.count
    #expect(try await !file.fetch(into: out) { states.append(($0, $1)) })
    #expect(states.count == count)
    #expect(server.requests == ["GET /data/deep/file"])
    // Another file of this name is left alone.
    try put([1, 2, 3], "deep/file")
    await expectFailure(
      file, "deep/file is there already, but is another file", "SHA-256 039058c6", file.checksum.digits)
    #expect(contents("deep/file") == [1, 2, 3])
    #expect(server.requests.count == 1)
  }

  @Test func aServerMaySayLittle() async throws {
    let server = try LoopbackServer([
      "/file": Answer(body: bytes, hasLength: false), "/empty": Answer(),
      "/moved": Answer(status: 302, location: "/file"),
    ])
    var totals: [Int?] = []
    #expect(try await PublishedFile("file", in: server.address, checksum).fetch(into: out) { totals.append($1) })
    #expect(!totals.isEmpty && totals.allSatisfy { $0 == nil })
    #expect(contents("file") == bytes)
    let empty = Checksum.md5("D41D8CD98F00B204E9800998ECF8427E")
    #expect(try await PublishedFile("empty", in: server.address, empty).fetch(into: out))
    #expect(contents("empty") == [])
    #expect(try await PublishedFile("moved", in: server.address, checksum).fetch(into: out))
    #expect(contents("moved") == bytes)
  }

  @Test func whatBreaksOffGoesOn() async throws {
    let broken = try LoopbackServer(["/file": Answer(body: bytes, breaksOff: 100_000)])
    let first = PublishedFile("file", in: broken.address, try checksum)
    await expectFailure(first, broken.address, "broke off", "100000 bytes are kept", "goes on from there")
    #expect(names(out) == ["file.part"])
    #expect(contents("file.part") == Array(bytes[..<100_000]))
    let whole = try LoopbackServer(["/file": Answer(body: bytes)])
    var states: [(received: Int, total: Int?)] = []
    #expect(try await first.mirrored(at: whole.address).fetch(into: out) { states.append(($0, $1)) })
    #expect(states.allSatisfy { $0.received >= 100_000 && $0.total == bytes.count })
    #expect(whole.requests == ["GET /file 100000-"])
    #expect(contents("file") == bytes)
    #expect(names(out) == ["file"])
  }

  @Test func aServerWithoutRangesSendsAllAgain() async throws {
    let server = try LoopbackServer(["/file": Answer(body: bytes, hasRanges: false)])
    try put(Array(bytes[..<1000]), "file.part")
    #expect(try await PublishedFile("file", in: server.address, checksum).fetch(into: out))
    #expect(contents("file") == bytes)
    #expect(server.requests == ["GET /file 1000-"])
  }

  @Test func aPartOfAnotherFileIsGivenUp() async throws {
    let server = try LoopbackServer([
      "/file": Answer(body: bytes), "/liar": Answer(body: bytes, wrongRange: "0-1/300000"),
    ])
    // Shorter than the file, longer, and with a server that goes on elsewhere.
    for (name, count) in [("file", 1000), ("file", 400_000), ("liar", 1000)] {
      try? FileManager.default.removeItem(at: out)
      try put([UInt8](repeating: 7, count: count), "\(name).part")
      #expect(try await PublishedFile(name, in: server.address, checksum).fetch(into: out))
      #expect(contents(name) == bytes)
      #expect(names(out) == [name])
    }
    #expect(
      server.requests == [
        "GET /file 1000-", "GET /file", "GET /file 400000-", "GET /file", "GET /liar 1000-", "GET /liar",
      ])
  }

  /// As if the program had been ended between the last byte and the new name.
  @Test func aWholePartOnlyGetsItsName() async throws {
    let server = try LoopbackServer(["/file": Answer(body: bytes)])
    try put(bytes, "file.part")
    #expect(try await PublishedFile("file", in: server.address, checksum).fetch(into: out))
    #expect(contents("file") == bytes)
    #expect(server.requests == ["GET /file 300000-"])
  }

  @Test func wrongBytesAreRemoved() async throws {
    var damaged = bytes
    damaged[200_000] ^= 1
    let server = try LoopbackServer(["/file": Answer(body: damaged)])
    let file = PublishedFile("file", in: server.address, try checksum)
    await expectFailure(
      file, "\(server.address)/file", "not the file that was published", "SHA-256", "has been removed")
    #expect(names(out) == [])
    // Not less so where a part was right.
    try put(Array(bytes[..<1000]), "file.part")
    await expectFailure(file, "not the file that was published")
    #expect(names(out) == [])
    #expect(server.requests == ["GET /file", "GET /file 1000-", "GET /file"])
  }

  @Test(arguments: [(404, "not found"), (500, "internal server error"), (403, "forbidden"), (204, "no content")])
  func errorsOfTheServer(status: Int, reason: String) async throws {
    let server = try LoopbackServer(["/file": Answer(status: status, body: Array("<html>".utf8))])
    let file = PublishedFile("file", in: server.address, try checksum)
    await expectFailure(file, "\(server.address)/file", "status \(status), \(reason)")
    #expect(names(out) == [])
    // What had come before stays.
    try put([1, 2], "file.part")
    await expectFailure(file, "status \(status)")
    #expect(contents("file.part") == [1, 2])
  }

  @Test func silenceIsNotWaitedOutForEver() async throws {
    let server = try LoopbackServer([
      "/mute": Answer(isMute: true), "/tired": Answer(body: bytes, fallsSilent: 50_000),
    ])
    let start = Date()
    await expectFailure(
      PublishedFile("mute", in: server.address, try checksum), "'127.0.0.1' has sent nothing for 1 s", timeout: 1)
    #expect(names(out) == [])
    await expectFailure(
      PublishedFile("tired", in: server.address, try checksum), "has sent nothing for 1 s", "50000 bytes are kept",
      timeout: 1)
    #expect(contents("tired.part")?.count == 50_000)
    #expect(Date().timeIntervalSince(start) < 30)
  }

  @Test func nobodyThere() async throws {
    let port = try LoopbackServer([:]).port  // Closed again.
    await expectFailure(
      PublishedFile("file", in: "http://127.0.0.1:\(port)", try checksum), "nothing answers at '127.0.0.1'", "network")
    #expect(Transfer.reason(.cannotFindHost, host: "example.org", 30).contains("'example.org' is not found"))
    #expect(Transfer.reason(.notConnectedToInternet, host: "example.org", 30) == "there is no network")
    for address in ["", "files", "ftp://example.org", "http:///x", "file:///etc"] {
      await expectFailure(PublishedFile("file", in: address, try checksum), "/file' is not an address to download from")
    }
  }

  @Test func whatCannotBeWrittenIsSaid() async throws {
    let server = try LoopbackServer(["/file": Answer(body: bytes), "/folder": Answer(body: bytes)])
    try put([], "folder/x")
    await expectFailure(PublishedFile("folder", in: server.address, try checksum), "is a folder")
    try put([], "file.part/x")
    await expectFailure(PublishedFile("file", in: server.address, try checksum), "file.part", "a folder has this name")
    try folder.write([], to: "plain")
    let error = await #expect(throws: UserError.self) {
      _ = try await PublishedFile("file", in: server.address, checksum).fetch(
        into: folder.url.appendingPathComponent("plain/out"))
    }
    #expect(error?.description.contains("plain' is not a folder") == true)
  }

  @Test func twoDownloadsOfOneFileDoNotMix() async throws {
    let server = try LoopbackServer(["/file": Answer(body: bytes)])
    try put(Array(bytes[..<10]), "file.part")
    let part = PartFile(of: out.appendingPathComponent("file"))
    let other = try PartFile.Writer(part, after: 10)
    await expectFailure(
      PublishedFile("file", in: server.address, try checksum), "file.part is being written by another download")
    try other.write(Data([1]))
    #expect(contents("file.part") == Array(bytes[..<10]) + [1])
  }

  @Test func aCancelledTaskKeepsItsPart() async throws {
    let server = try LoopbackServer(["/file": Answer(body: bytes, fallsSilent: 50_000)])
    let file = PublishedFile("file", in: server.address, try checksum)
    let out = out
    let task = Task { try await file.fetch(into: out) }
    for _ in 0..<500 where contents("file.part")?.count != 50_000 { try await Task.sleep(for: .milliseconds(10)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(contents("file.part")?.count == 50_000)
  }
}
