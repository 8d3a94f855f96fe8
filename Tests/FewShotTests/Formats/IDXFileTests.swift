import Foundation
import Testing

@testable import FewShot

@Suite struct IDXFileTests {
  private let folder = try! TemporaryFolder()

  @Test func plainAndGzipGiveTheSame() throws {
    let plain = try IDXFile(contentsOf: try folder.write(tinyLabels, to: "labels"))
    #expect(plain.dimensions == [3])
    #expect(plain.bytes == [1, 2, 3])
    #if canImport(CArchive)
      #expect(try IDXFile(contentsOf: try folder.write(tinyLabelsGzip, to: "labels.gz")) == plain)
    #endif
    let cube = try IDXFile([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8, 7, 6], name: "x")
    #expect(cube.dimensions == [1, 2, 2])
    #expect(cube.bytes == [9, 8, 7, 6])
  }

  @Test func damagedFilesAreErrors() throws {
    expectUserError("x", "not an IDX file", "1f 8b") { _ = try IDXFile([0x1F, 0x8B, 8, 0], name: "x") }
    expectUserError("x", "not an IDX file") { _ = try IDXFile([], name: "x") }
    expectUserError("x", "not an IDX file") { _ = try IDXFile([0, 0, 8, 0], name: "x") }
    expectUserError("x", "type 0xd", "unsigned bytes") { _ = try IDXFile([0, 0, 0x0D, 1, 0, 0, 0, 0], name: "x") }
    expectUserError("x", "header of 12") { _ = try IDXFile([0, 0, 8, 2, 0, 0, 0, 1], name: "x") }
    expectUserError("x", "promises 3", "holds 2") { _ = try IDXFile(Array(tinyLabels.dropLast()), name: "x") }
    expectUserError("x", "promises 3", "holds 4") { _ = try IDXFile(tinyLabels + [0], name: "x") }
    let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)
    expectUserError("x", "4294967295x4294967295x4294967295") { _ = try IDXFile(huge, name: "x") }
    let missing = folder.url.appendingPathComponent("none")
    expectUserError("none", "does not exist", "IDX") { _ = try IDXFile(contentsOf: missing) }
  }
}

@Suite struct MNISTTests {
  private let folder = try! TemporaryFolder()

  private func write(_ part: String, images: [UInt8], labels: [UInt8], separator: String = "-") throws {
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(images.count / 2), 0, 0, 0, 1, 0, 0, 0, 2]
    try folder.write(header + images, to: "\(part)-images\(separator)idx3-ubyte")
    try folder.write([0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels, to: "\(part)-labels\(separator)idx1-ubyte")
  }

  @Test func bothPartsUnderEitherName() throws {
    try write("train", images: [0, 255, 255, 0], labels: [3, 9])
    try write("t10k", images: [51, 0], labels: [1], separator: ".")
    let (train, test) = try MNIST.load(from: folder.url)
    #expect(train.count == 2)
    #expect(train.labels == [3, 9])
    #expect(train.image(at: 0) == [0, 1])
    #expect(train.classNames[9] == "9")
    #expect(test.image(at: 0) == [0.2, 0])
    let fashion = try MNIST.load(from: folder.url, variant: .fashion)
    #expect(fashion.train.classNames == MNIST.Variant.fashion.classNames)
    #expect(fashion.train.classNames[9] == "Ankle boot")
    #expect(fashion.train.pixels == train.pixels)
  }

  @Test func filesThatDisagreeAreErrors() throws {
    let missing = folder.url.appendingPathComponent("none")
    expectUserError("none", "does not exist", "MNIST") { _ = try MNIST.load(from: missing) }
    expectUserError(folder.url.path, "train-images-idx3-ubyte") { _ = try MNIST.load(from: folder.url) }
    try write("train", images: [0, 255, 255, 0], labels: [3])
    try write("t10k", images: [51, 0], labels: [1])
    expectUserError("2 images", "1 labels", "train-labels") { _ = try MNIST.load(from: folder.url) }
    try write("train", images: [0, 255, 255, 0], labels: [3, 10])
    expectUserError("train-labels", "label 10 at index 1", "0...9") { _ = try MNIST.load(from: folder.url) }
    try folder.write(tinyLabels, to: "train-images-idx3-ubyte")
    expectUserError("train-images", "1 dimensions", "need 3") { _ = try MNIST.load(from: folder.url) }
  }

  @Test(.enabled(if: RealData.exists(RealData.mnist), "no MNIST files: set METALEARN_DATA to a folder with mnist/"))
  func realFiles() throws {
    let (train, test) = try MNIST.load(from: RealData.mnist)
    #expect(train.count == 60_000)
    #expect(test.count == 10_000)
    #expect((train.height, train.width) == (28, 28))
    // The first labels of the training set, as in every description of it.
    #expect(train.labels.prefix(5) == [5, 0, 4, 1, 9])
    #expect(test.labels.prefix(5) == [7, 2, 1, 0, 4])
  }
}
