#if canImport(CCairo) && canImport(CTurboJPEG)
  import CTurboJPEG
  import Foundation
  import Testing

  @testable import FewShot

  /// Folders with a folder of pictures for each class.
  @Suite struct ImageFolderTests {
    private static func png(_ shade: UInt8, height: Int = 30, width: Int = 40) throws -> [UInt8] {
      try makePNG(height: height, width: width) { _, column in column < 20 ? shade : 255 }
    }

    /// A JPEG of one colour.
    private static func jpeg(_ color: [UInt8], height: Int = 24, width: Int = 24) throws -> [UInt8] {
      let encoder = try #require(tjInitCompress())
      defer { tjDestroy(encoder) }
      let pixels = (0..<height * width).flatMap { _ in color }
      var (bytes, size): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
      try #require(
        tjCompress2(
          encoder, pixels, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &bytes, &size,
          Int32(TJSAMP_444.rawValue), 95, 0) == 0)
      defer { tjFree(bytes) }
      return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }

    @Test func classesAreFolders() throws {
      let folder = try TemporaryFolder()
      for name in ["b", "a/x", "a/y"] {
        for number in 0..<3 { try folder.write(try Self.png(UInt8(10 * number)), to: "\(name)/\(number).png") }
      }
      try folder.write(Array("notes".utf8), to: "a/readme.txt")
      try folder.write([1, 2, 3], to: "a/x/.hidden.png")
      let found = try ImageFolder(folder.url)
      #expect(found.classes.map(\.name) == ["a/x", "a/y", "b"])
      #expect(found.classes.map(\.files.count) == [3, 3, 3])
      let (images, skipped) = try found.load(ImagePreparation(size: 10))
      #expect(skipped.isEmpty)
      #expect(images.exampleShape == [10, 10, 1])
      #expect(images.labels == [0, 0, 0, 1, 1, 1, 2, 2, 2])
      // The middle 30 columns: half of them, and a little more, are dark.
      #expect(images.image(at: 1)[0] == Float(10) / 255)
      #expect(images.image(at: 1)[9] == 1)
      let survey = try FolderSurvey(found)
      #expect(survey.sizes == [.init(height: 30, width: 40, pictures: 9)])
      #expect((survey.pictures, survey.colored, survey.light) == (9, 0, 6))
      // The text file, and each drawing of a class that another has too.
      #expect(survey.problems.count == 1 + 6)
    }

    @Test func partsAndSplits() throws {
      let folder = try TemporaryFolder()
      for part in ["train", "val", "test"] { try folder.write(try Self.png(0), to: "\(part)/c-\(part)/1.png") }
      let parts = try #require(try ImageFolder(folder.url).parts)
      #expect(parts.train.classes.map(\.name) == ["c-train"])
      #expect(parts.validation?.classes.map(\.name) == ["c-val"])
      #expect(parts.test.classes.map(\.name) == ["c-test"])

      let names = (0..<50).map { "class \($0)" }
      let split = try ClassSplit(names, least: 5, key: RandomKey(seed: 1))
      #expect((split.train.count, split.validation.count, split.test.count) == (32, 8, 10))
      #expect(Set(split.train + split.validation + split.test) == Set(names))
      #expect(try split == ClassSplit(names, least: 5, key: RandomKey(seed: 1)))
      #expect(try split != ClassSplit(names, least: 5, key: RandomKey(seed: 2)))
      #expect(try ClassSplit(Array(names.prefix(12)), least: 5, key: RandomKey(seed: 1)).validation.isEmpty)
      expectUserError("10 classes", "there are 9") {
        _ = try ClassSplit(Array(names.prefix(9)), least: 5, key: RandomKey(seed: 1))
      }
    }

    @Test func coloursAndInk() throws {
      let folder = try TemporaryFolder()
      try folder.write(try Self.jpeg([250, 120, 10]), to: "a/1.jpg")
      try folder.write(try Self.jpeg([0, 0, 0]), to: "a/2.JPEG")
      let colours = try ImageFolder(folder.url).load(ImagePreparation(size: 8, color: .rgb)).images
      #expect(colours.exampleShape == [8, 8, 3])
      for (value, expected) in zip(colours.image(at: 0).prefix(3), [250, 120, 10]) {
        #expect(Swift.abs(255 * value - Float(expected)) <= 3)
      }
      let ink = try ImageFolder(folder.url).load(ImagePreparation(size: 8, invert: true)).images
      #expect(ink.image(at: 1).allSatisfy { $0 > 0.98 })
      #expect(try FolderSurvey(ImageFolder(folder.url)).colored == 1)
    }

    /// A file that is cut off, is something else, or claims to be enormous, is named or skipped.
    @Test func damagedFiles() throws {
      let folder = try TemporaryFolder()
      try folder.write(try Self.png(0), to: "a/good.png")
      let (png, jpeg) = (try Self.png(0), try Self.jpeg([9, 9, 9]))
      var huge = png
      huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
      let damaged: [(name: String, bytes: [UInt8], part: String)] = [
        ("cut.png", Array(png.prefix(png.count / 2)), "damaged PNG"),
        ("cut.jpg", Array(jpeg.prefix(jpeg.count / 2)), "damaged JPEG"), ("text.png", Array("hello".utf8), "neither"),
        ("empty.jpg", [], "neither"), ("huge.png", huge, "claims"),
      ]
      for file in damaged {
        let url = try folder.write(file.bytes, to: "a/\(file.name)")
        expectUserError(file.name, file.part) { _ = try ImageFolder(folder.url).load(ImagePreparation()) }
        let (images, skipped) = try ImageFolder(folder.url).load(ImagePreparation(), damage: .skip)
        #expect((images.count, skipped.count) == (1, 1))
        try FileManager.default.removeItem(at: url)
      }
      expectUserError("does not exist") { _ = try ImageFolder(folder.url.appendingPathComponent("nowhere")) }
      expectUserError("holds pictures itself") { _ = try ImageFolder(folder.url.appendingPathComponent("a")) }
      try FileManager.default.removeItem(at: folder.url.appendingPathComponent("a/good.png"))
      expectUserError("holds no pictures") { _ = try ImageFolder(folder.url) }
    }
  }
#endif
