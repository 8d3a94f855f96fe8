import Testing

@testable import FewShot

@Suite struct LabeledDatasetTests {
  private let images = try! LabeledImages(
    height: 1, width: 2, pixels: [0, 255, 51, 102, 255, 0, 1, 2], labels: [0, 2, 0, 1], classNames: ["a", "b", "c"])

  @Test func imagesAreCopiedAsFloats() {
    #expect(images.exampleShape == [1, 2, 1])
    #expect(images.count == 4)
    #expect(images.classCount == 3)
    #expect(images.image(at: 1) == [0.2, 0.4])
    #expect(images.examples(at: [2, 0]) == [1, 0, 0, 1])
    #expect(images.indicesByClass == [[0, 2], [3], [1]])
  }

  @Test func restrictionNumbersClassesAnew() throws {
    let part = try images.restricted(toClasses: [2, 0])
    #expect(part.classNames == ["c", "a"])
    #expect(part.labels == [0, 1, 1])
    #expect(part.pixels == [51, 102, 0, 255, 255, 0])
    #expect(part.indicesByClass == [[0], [1, 2]])
    expectUserError("class 3", "3 classes") { _ = try images.restricted(toClasses: [3]) }
    expectUserError("class 1", "twice") { _ = try images.restricted(toClasses: [1, 1]) }
  }

  @Test func imagesThatDoNotFitAreRefused() {
    expectUserError("index 1", "label 7", "0...1") {
      _ = try LabeledImages(height: 1, width: 1, pixels: [0, 0], labels: [0, 7], classNames: ["a", "b"])
    }
    expectUserError("index 0", "label -1", "0...1") {
      _ = try LabeledImages(height: 1, width: 1, pixels: [0], labels: [-1], classNames: ["a", "b"])
    }
    expectUserError("no classes") {
      _ = try LabeledImages(height: 1, width: 1, pixels: [0], labels: [0], classNames: [])
    }
    expectUserError("2 labels", "8 pixels", "there are 7") {
      _ = try LabeledImages(
        height: 2, width: 2, pixels: [UInt8](repeating: 0, count: 7), labels: [0, 0], classNames: ["a"])
    }
    expectUserError("0x2", "positive") {
      _ = try LabeledImages(height: 0, width: 2, pixels: [], labels: [], classNames: [])
    }
  }

  @Test func vectorsOfAnyShape() throws {
    let rows = try LabeledVectors(rows: [[1, 2], [3, 4], [5, 6]], labels: [1, 0, 1], classNames: ["a", "b"])
    #expect(rows.exampleShape == [2])
    #expect(rows.example(at: 1) == [3, 4])
    let part = try rows.restricted(toClasses: [1])
    #expect(part.values == [1, 2, 5, 6])
    #expect(part.labels == [0, 0])
    let cube = try LabeledVectors(
      exampleShape: [1, 2, 2], values: [1, 2, 3, 4], labels: [0], classNames: ["a"])
    #expect(cube.exampleSize == 4)
  }

  @Test func vectorsThatDoNotFitAreRefused() {
    for bad in [Float.nan, .infinity, -.infinity] {
      expectUserError("row 1", "column 0", "\(bad)") {
        _ = try LabeledVectors(rows: [[1, 2], [bad, 4]], labels: [0, 0], classNames: ["a"])
      }
    }
    expectUserError("row 1 has 1 value") {
      _ = try LabeledVectors(rows: [[1, 2], [3]], labels: [0, 0], classNames: ["a"])
    }
    expectUserError("3 labels", "there are 4") {
      _ = try LabeledVectors(rows: [[1, 2], [3, 4]], labels: [0, 0, 0], classNames: ["a"])
    }
    expectUserError("index 1", "label 5") {
      _ = try LabeledVectors(rows: [[1], [3]], labels: [0, 5], classNames: ["a"])
    }
    expectUserError("[0]", "positive") { _ = try LabeledVectors(rows: [[]], labels: [0], classNames: ["a"]) }
  }
}
