import Foundation
import Testing

@testable import FewShot

#if canImport(CArchive) && canImport(CCairo)
  @Suite struct OmniglotTests {
    private let folder = try! TemporaryFolder()

    /// A drawing whose ink is one pixel in row `row`, a little left of the middle.
    private func drawing(_ row: Int) throws -> [UInt8] {
      try makePNG(height: 105, width: 105) { $0 == row && $1 == 40 ? 0 : 255 }
    }

    private func character(_ name: String, in archive: String, row: Int) throws -> [(path: String, bytes: [UInt8])] {
      try (1...20).map { number in
        let padded = number < 10 ? "0\(number)" : "\(number)"
        return ("\(archive)/\(name)/0001_\(padded).png", try drawing(row + number))
      }
    }

    /// Two characters in the background archive and one in the other, with lists for Vinyals' split.
    private func writeArchives(extra: [(path: String, bytes: [UInt8])] = []) throws {
      let first = try character("Greek/character01", in: "images_background", row: 0)
      let second = try character("Greek/character02", in: "images_background", row: 30)
      let third = try character("Latin/character01", in: "images_evaluation", row: 60)
      // In no particular order, as zip archives may be, and with a file that is no drawing.
      try writeZip(
        second.reversed() + first + [("images_background/notes.txt", [1])] + extra,
        to: folder.url.appendingPathComponent("images_background.zip"))
      try writeZip(third, to: folder.url.appendingPathComponent("images_evaluation.zip"))
      try writeList("train", ["Latin/character01"])
      try writeList("val", ["Greek/character01"])
      try writeList("trainval", ["Latin/character01", "Greek/character01"])
      try writeList("test", ["Greek/character02"])
    }

    private func writeList(_ name: String, _ characters: [String]) throws {
      let lines = characters.flatMap { character in ["000", "090", "180", "270"].map { "\(character)/rot\($0)\n" } }
      try folder.write(Array(lines.joined().utf8), to: "splits_vinyals/\(name).txt")
    }

    private func ink(_ images: LabeledImages, _ index: Int) -> [Int] {
      (0..<105 * 105).filter { images.image(at: index)[$0] == 1 }
    }

    @Test func backgroundSplit() throws {
      try writeArchives()
      let split = try Omniglot.load(from: folder.url, size: 105, rotations: false, split: .background)
      #expect(split.validation == nil)
      #expect(split.train.classNames == ["Greek/character01", "Greek/character02"])
      #expect(split.test.classNames == ["Latin/character01"])
      #expect(split.train.count == 40)
      #expect(ink(split.train, 0) == [1 * 105 + 40])
      #expect(ink(split.train, 39) == [50 * 105 + 40])
      #expect(ink(split.test, 4) == [65 * 105 + 40])
    }

    @Test func vinyalsSplitWithRotations() throws {
      try writeArchives()
      let split = try Omniglot.load(from: folder.url, size: 105, resampling: .nearest, rotations: true, split: .vinyals)
      let test = split.test
      #expect(test.classNames == ["000", "090", "180", "270"].map { "Greek/character02/rot\($0)" })
      #expect(test.count == 80)
      // A quarter turn counter-clockwise takes (row, column) to (last - column, row).
      #expect(ink(test, 0) == [31 * 105 + 40])
      #expect(ink(test, 20) == [64 * 105 + 31])
      #expect(ink(test, 40) == [73 * 105 + 64])
      #expect(ink(test, 60) == [40 * 105 + 73])
      #expect(split.train.classNames.first == "Latin/character01/rot000")
      #expect(split.validation?.classCount == 4)
      let upright = try Omniglot.load(from: folder.url, rotations: false, split: .vinyals)
      #expect(upright.test.classNames == ["Greek/character02"])
      #expect((upright.test.height, upright.test.width) == (28, 28))
      let both = try Omniglot.load(from: folder.url, rotations: false, split: .vinyalsTrainval)
      #expect(both.train.classNames == ["Latin/character01", "Greek/character01"])
      #expect(both.validation == nil)
    }

    @Test func whatIsMissingOrDamagedIsNamed() throws {
      let missing = folder.url.appendingPathComponent("none")
      expectUserError("none", "images_background.zip") { _ = try Omniglot.load(from: missing) }
      expectUserError("images_background.zip", "does not exist") { _ = try Omniglot.load(from: folder.url) }
      try writeArchives()
      expectUserError("size 0") { _ = try Omniglot.load(from: folder.url, size: 0) }
      try writeList("val", ["Greek/character09"])
      expectUserError("val.txt", "Greek/character09") { _ = try Omniglot.load(from: folder.url) }
      try folder.write(Array("Greek/character01/rot000\nGreek/rot45\n".utf8), to: "splits_vinyals/val.txt")
      expectUserError("val.txt, line 2", "Greek/rot45") { _ = try Omniglot.load(from: folder.url) }
      try FileManager.default.removeItem(at: folder.url.appendingPathComponent("splits_vinyals"))
      expectUserError("train.txt", "does not exist") { _ = try Omniglot.load(from: folder.url) }

      var broken = try character("Greek/character03", in: "images_background", row: 1)
      broken[4].bytes = Array("no PNG".utf8)
      try writeArchives(extra: broken)
      expectUserError("character03/0001_05.png in", "images_background.zip", "PNG") {
        _ = try Omniglot.load(from: folder.url, split: .background)
      }
      broken[4].bytes = try makePNG(height: 28, width: 28) { _, _ in 0 }
      try writeArchives(extra: broken)
      expectUserError("0001_05.png", "28x28", "105x105") {
        _ = try Omniglot.load(from: folder.url, split: .background)
      }
      broken.removeLast()
      try writeArchives(extra: broken)
      expectUserError("19 drawings of Greek/character03", "expected 20") {
        _ = try Omniglot.load(from: folder.url, split: .background)
      }
      let archive = folder.url.appendingPathComponent("images_background.zip")
      let bytes = [UInt8](try Data(contentsOf: archive))
      try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "images_background.zip")
      expectUserError("images_background.zip", "whole zip archive") { _ = try Omniglot.load(from: folder.url) }
      try writeZip([("readme.txt", [1])], to: archive)
      expectUserError("images_background.zip", "no drawings") { _ = try Omniglot.load(from: folder.url) }
    }
  }

  @Suite(.enabled(if: RealData.exists(RealData.omniglot), "no Omniglot: set METALEARN_DATA to a folder with omniglot/"))
  struct RealOmniglotTests {
    @Test func everyCharacterHasTwentyDrawings() throws {
      let split = try Omniglot.load(from: RealData.omniglot, rotations: false, split: .background)
      #expect(split.train.classCount == 964)
      #expect(split.test.classCount == 659)
      #expect(split.train.count + split.test.count == 1_623 * 20)
      #expect(split.train.indicesByClass.allSatisfy { $0.count == 20 })
      #expect(split.test.indicesByClass.allSatisfy { $0.count == 20 })
    }

    @Test func vinyalsCounts() throws {
      let split = try Omniglot.load(from: RealData.omniglot, resampling: .nearest)
      #expect(split.train.classCount == 1_028 * 4)
      #expect(split.validation?.classCount == 172 * 4)
      #expect(split.test.classCount == 423 * 4)
      #expect(split.train.count == 1_028 * 4 * 20)
      #expect(Set(split.train.classes.originals).count == 1_028 && Set(split.test.classes.originals).count == 423)
      #expect(split.train.classNames.prefix(2) == ["Angelic/character01/rot000", "Angelic/character01/rot090"])
      #expect(Set(split.train.classNames).isDisjoint(with: split.test.classNames))
    }

    @Test func oneBrailleDrawingIsThereTwice() throws {
      let train = try Omniglot.load(from: RealData.omniglot, size: 105, rotations: false, split: .background).train
      let braille = try #require(train.classNames.firstIndex(of: "Braille/character01"))
      let images = train.indicesByClass[braille].map { train.image(at: $0) }
      let pairs = images.indices.flatMap { a in images.indices.filter { $0 > a && images[$0] == images[a] } }
      #expect(pairs.count == 1)
    }
  }
#endif
