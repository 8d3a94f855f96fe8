import Foundation
import Testing

@testable import FewShot

@Suite struct PublishedDatasetTests {
  private let folder = try! TemporaryFolder()

  @Test func checksumsOfKnownTexts() throws {
    let cases: [(String, String, String)] = [
      // RFC 1321, appendix A.5, and FIPS 180-4's examples.
      ("", "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ]
    for (text, md5, sha256) in cases {
      let url = try folder.write(Array(text.utf8), to: "text")
      #expect(try Checksum(.md5, of: url) == .md5(md5))
      #expect(try Checksum(.sha256, of: url) == .sha256(sha256.uppercased()))
    }
    // A million times "a", more than is read at once.
    let long = try folder.write([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000 * 2), to: "long")
    try FileHandle(forUpdating: long).truncate(atOffset: 1_000_000)
    #expect(
      try Checksum(.sha256, of: long).description
        == "SHA-256 cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(try Checksum(.md5, of: long).description == "MD5 7707d6ae4e027c70eea2a935c2296f21")
    expectUserError("none", "does not exist") { _ = try Checksum(.md5, of: folder.url.appendingPathComponent("none")) }
    expectUserError("is a folder") { _ = try Checksum(.md5, of: folder.url) }
  }

  @Test func everyFileHasAnAddressAndAChecksum() {
    for dataset in PublishedDataset.allCases {
      #expect(Set(dataset.files.map(\.path)).count == dataset.files.count)
      #expect(Set(dataset.files.map(\.checksum)).count == dataset.files.count)
      for file in dataset.files {
        #expect(URL(string: file.address)?.lastPathComponent == file.path.split(separator: "/").last.map(String.init))
        #expect(file.checksum.digits.count == (file.checksum.algorithm == .md5 ? 32 : 64))
        #expect(file.checksum.digits.allSatisfy { $0.isHexDigit })
        #expect(file.mirrored(at: "http://127.0.0.1/x/").address == "http://127.0.0.1/x/\(file.path)")
      }
    }
  }

  /// The data set's own names, with the checksums of what a server here has.
  private func fetch(_ dataset: PublishedDataset, _ bytes: (String) throws -> [UInt8]) async throws -> URL {
    var answers: [String: LoopbackServer.Answer] = [:]
    var files = dataset.files
    for index in files.indices {
      let own = try bytes(files[index].path)
      answers["/mirror/\(files[index].path)"] = .init(body: own)
      files[index].checksum = try Checksum(.md5, of: folder.write(own, to: "source"))
    }
    let server = try LoopbackServer(answers)
    let out = folder.url.appendingPathComponent(dataset.rawValue)
    for file in files { #expect(try await file.mirrored(at: "\(server.address)/mirror").fetch(into: out)) }
    return out
  }

  #if canImport(CArchive)
    /// What a download leaves is what the loader looks for.
    @Test(arguments: [(PublishedDataset.mnist, MNIST.Variant.digits), (.fashionMNIST, .fashion)])
    func filesOfMNIST(dataset: PublishedDataset, variant: MNIST.Variant) async throws {
      // One image of one pixel, 9, with the label 1: its two IDX files through `gzip -n`.
      let images: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 99, 96, 224, 96, 102, 96, 96, 96, 132, 97, 78, 0, 159, 41, 94, 62, 17, 0, 0,
        0,
      ]
      let labels: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 99, 96, 224, 96, 100, 96, 96, 96, 100, 4, 0, 187, 136, 166, 112, 9, 0, 0, 0,
      ]
      let out = try await fetch(dataset) { $0.contains("images") ? images : labels }
      let loaded = try MNIST.load(from: out, variant: variant)
      #expect(loaded.train.count == 1 && loaded.test.count == 1)
      #expect(loaded.test.classNames == variant.classNames)
    }
  #endif

  #if canImport(CArchive) && canImport(CCairo)
    @Test func filesOfOmniglot() async throws {
      let png = try makePNG(height: 105, width: 105) { $0 == $1 ? 0 : 255 }
      let out = try await fetch(.omniglot) { path in
        if path.hasSuffix(".txt") {
          return Array("\(path.contains("test") ? "Latin" : "Greek")/character01/rot000\n".utf8)
        }
        let isBackground = path.contains("background")
        let stem = isBackground ? "images_background/Greek" : "images_evaluation/Latin"
        let zip = folder.url.appendingPathComponent("archive.zip")
        try writeZip((10..<30).map { ("\(stem)/character01/0001_\($0).png", png) }, to: zip)
        return [UInt8](try Data(contentsOf: zip))
      }
      for split in OmniglotSplit.allCases {
        let loaded = try Omniglot.load(from: out, rotations: false, split: split)
        #expect(loaded.train.classNames == ["Greek/character01"])
        #expect(loaded.test.classNames == ["Latin/character01"])
      }
    }
  #endif

  /// The lists that this project's data have are those of the revision that is downloaded from.
  @Test(.enabled(if: RealData.exists(RealData.omniglot), "no Omniglot: set METALEARN_DATA to a folder with omniglot/"))
  func listsOfVinyalsSplit() throws {
    for file in PublishedDataset.omniglot.files where file.path.hasSuffix(".txt") {
      #expect(try Checksum(.sha256, of: RealData.omniglot.appendingPathComponent(file.path)) == file.checksum)
    }
  }
}
