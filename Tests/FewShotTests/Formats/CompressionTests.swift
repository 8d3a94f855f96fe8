import Foundation
import Testing

@testable import FewShot

/// Three labels, 1, 2 and 3, in an IDX file.
let tinyLabels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]

#if canImport(CArchive)
  /// The same through gzip.
  let tinyLabelsGzip: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 99, 96, 224, 96, 100,
    96, 96, 96, 102, 100, 98, 6, 0, 139, 229, 189, 164, 11, 0, 0, 0,
  ]

  @Suite struct CompressionTests {
    private let folder = try! TemporaryFolder()

    @Test func gzipIsReadWhollyOrInPart() throws {
      let url = try folder.write(tinyLabelsGzip, to: "labels.gz")
      #expect(try GzipFile.read(url) == tinyLabels)
      #expect(try GzipFile.read(url, limit: 4) == [0, 0, 8, 1])
      #expect(try GzipFile.read(url, limit: 11) == tinyLabels)
    }

    @Test func everyTruncationOfGzipIsAnError() throws {
      for length in 0..<tinyLabelsGzip.count {
        let url = try folder.write(Array(tinyLabelsGzip.prefix(length)), to: "cut.gz")
        expectUserError("cut.gz") { _ = try GzipFile.read(url) }
      }
    }

    @Test func damagedGzipIsAnError() throws {
      var errors = 0
      for bit in 80..<tinyLabelsGzip.count * 8 {
        var bytes = tinyLabelsGzip
        bytes[bit / 8] ^= 1 << (bit % 8)
        let url = try folder.write(bytes, to: "bad.gz")
        do {
          // Some bits only fill up the last byte of the stream.
          #expect(try GzipFile.read(url) == tinyLabels)
        } catch let error as UserError {
          #expect(error.description.contains("bad.gz"))
          errors += 1
        }
      }
      #expect(errors > 150)
      let plain = try folder.write(tinyLabels, to: "plain.gz")
      expectUserError("plain.gz", "gzip") { _ = try GzipFile.read(plain) }
    }

    @Test func missingFilesAndFoldersAreErrors() throws {
      let missing = folder.url.appendingPathComponent("none")
      expectUserError("none", "does not exist", "gzip") { _ = try GzipFile.read(missing) }
      expectUserError("none", "does not exist", "zip archive") { try ZipArchive.forEachFile(in: missing) { _, _ in } }
      expectUserError(folder.url.path, "is a folder") { _ = try GzipFile.read(folder.url) }
      expectUserError("none", "does not exist") { try InputFile.checkFolder(missing, expected: "files") }
      let file = try folder.write([1], to: "file")
      expectUserError("file", "is not a folder") { try InputFile.checkFolder(file, expected: "files") }
    }

    @Test func zipGivesItsFilesInOrder() throws {
      let url = folder.url.appendingPathComponent("two.zip")
      let noise = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
      try writeZip([("a/b.txt", [1, 2, 3]), ("c.bin", noise), ("empty", [])], to: url)
      var names: [String] = []
      var contents: [[UInt8]] = []
      try ZipArchive.forEachFile(in: url) {
        names.append($0); contents.append($1)
      }
      #expect(names == ["a/b.txt", "c.bin", "empty"])
      #expect(contents == [[1, 2, 3], noise, []])
    }

    @Test func damagedZipIsAnError() throws {
      let whole = folder.url.appendingPathComponent("whole.zip")
      try writeZip((0..<20).map { ("file\($0)", [UInt8](repeating: UInt8($0), count: 50)) }, to: whole)
      let bytes = [UInt8](try Data(contentsOf: whole))
      for length in [0, 1, 10, bytes.count / 3, bytes.count / 2, bytes.count - 30, bytes.count - 1] {
        let url = try folder.write(Array(bytes.prefix(length)), to: "cut.zip")
        expectUserError("cut.zip", "whole zip archive") { try ZipArchive.forEachFile(in: url) { _, _ in } }
      }
      // A file's contents follow its name and fields that libarchive's writer adds.
      let name = try #require(bytes.firstRange(of: Array("file7".utf8)))
      var flipped = bytes
      for place in name.upperBound + 40..<name.upperBound + 44 { flipped[place] ^= 0xFF }
      let url = try folder.write(flipped, to: "flipped.zip")
      expectUserError("flipped.zip") { try ZipArchive.forEachFile(in: url) { _, _ in } }
      let other = try folder.write(Array("no archive at all".utf8), to: "other.zip")
      expectUserError("other.zip", "zip archive") { try ZipArchive.forEachFile(in: other) { _, _ in } }
    }
  }
#endif

#if canImport(CCairo)
  @Suite struct DecodedImageTests {
    @Test func greyPixelsComeBack() throws {
      let png = try makePNG(height: 2, width: 3) { UInt8(100 * $0 + 10 * $1) }
      let image = try DecodedImage(png, name: "x")
      #expect((image.height, image.width) == (2, 3))
      #expect(image.grey == [0, 10, 20, 100, 110, 120])
    }

    @Test func whatIsNoPNGIsAnError() throws {
      let png = try makePNG(height: 20, width: 30) { UInt8(7 * $0 + $1) }
      expectUserError("a.png", "PNG") { _ = try DecodedImage([], name: "a.png") }
      expectUserError("a.png", "PNG") { _ = try DecodedImage(Array("GIF89a".utf8), name: "a.png") }
      expectUserError("a.png", "PNG") { _ = try DecodedImage(Array(png.prefix(png.count / 2)), name: "a.png") }
    }
  }
#endif
