import Foundation
import Testing

@testable import Training

@Suite struct EventLogTests {
  /// Runs `body` with a folder that is removed afterwards.
  private func withFolder(_ body: (_ folder: URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("logs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The values of RFC 3720, appendix B.4, and the usual one.
  @Test func checksArePublishedOnes() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// The bytes that Google's own code writes for the first entry of a log.
  @Test func theFirstRecordIsThatOfTensorBoard() {
    let event = LogEvent(time: 1, step: 0, content: .version)
    let message: [UInt8] =
      [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F] + [0x10, 0x00] + [0x1A, 0x0D] + Array("brain.Event:2".utf8)
    #expect(event.message == message)
    let length: [UInt8] = [26, 0, 0, 0, 0, 0, 0, 0]
    #expect(Array(event.record.prefix(12)) == length + CRC32C.masked(length).littleEndianBytes)
    #expect(event.record.count == 12 + 26 + 4)
  }

  @Test func numbersOfManyBytesAndNegativeOnes() {
    var writer = ProtobufWriter()
    writer.integer(1, 300)
    writer.integer(2, -1)
    #expect(writer.bytes == [0x08, 0xAC, 0x02, 0x10] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    #expect(ProtobufField.fields(of: writer.bytes).map(\.integer) == [300, -1])
  }

  @Test func whatIsAddedIsReadBack() throws {
    try withFolder { folder in
      let log = try EventLog(in: folder, from: 7)
      #expect(log.url.lastPathComponent.hasPrefix("events.out.tfevents."))
      try log.add([("training/loss", 0.5), ("validation/loss", .infinity)], step: 300)
      try log.add(text: "| a | b |", tag: "settings", step: 0)
      let picture = folder.appendingPathComponent("dot.png")
      try Canvas(width: 20, height: 10).write(to: picture.path)
      try log.add(imageAt: picture, tag: "dot", step: 9)
      let events = try readEvents(log.url)
      #expect(events.count == 5)
      #expect(events[0][number: 3]?.text == "brain.Event:2")
      #expect(events[1][number: 7]?.fields[number: 1]?.integer == 1)
      #expect(events[1][number: 2]?.integer == 7)
      for event in events {
        #expect(abs((event[number: 1]?.double ?? 0) - Date().timeIntervalSince1970) < 60)
      }
      let scalars = try readScalars(log.url)
      #expect(scalars.map(\.step) == [300, 300])
      #expect(scalars.map(\.tag) == ["training/loss", "validation/loss"])
      #expect(scalars.map(\.value) == [0.5, .infinity])
      let text = events[3][number: 5]?.fields[number: 1]?.fields
      #expect(text?[number: 8]?.fields[number: 8]?.text == "| a | b |")
      #expect(text?[number: 9]?.fields[number: 1]?.fields[number: 1]?.text == "text")
      let image = events[4][number: 5]?.fields[number: 1]?.fields[number: 4]?.fields
      #expect(image?[number: 1]?.integer == 20)
      #expect(image?[number: 2]?.integer == 40)
      #expect(try image?[number: 4]?.bytes == [UInt8](Data(contentsOf: picture)))
    }
  }

  /// Readers take files in the order of their names.
  @Test func laterFilesHaveLaterNames() throws {
    try withFolder { folder in
      #expect(EventLog.newest(in: folder) == nil)
      let logs = try (0..<3).map { _ in try EventLog(in: folder) }
      let names = logs.map(\.url.lastPathComponent)
      #expect(names == names.sorted())
      #expect(Set(names).count == 3)
      #expect(EventLog.newest(in: folder)?.url.lastPathComponent == names[2])
    }
  }

  @Test func whatCannotBeLoggedIsNamed() throws {
    try withFolder { folder in
      let log = try EventLog(in: folder)
      let text = folder.appendingPathComponent("text.png")
      try Data("text".utf8).write(to: text)
      expectUserError(text.path, "not a PNG file") { try log.add(imageAt: text, tag: "a", step: 0) }
      try FileManager.default.removeItem(at: log.url)
      expectUserError(log.url.lastPathComponent, "cannot be written") { try log.add(text: "", tag: "a", step: 0) }
      expectUserError("does not exist") { _ = try EventLog(in: folder.appendingPathComponent("none")) }
    }
  }
}
