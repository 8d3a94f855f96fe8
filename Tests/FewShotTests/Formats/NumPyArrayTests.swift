import Foundation
import Testing

@testable import FewShot

/// NumPy's files, as NumPy wrote them (Fixtures/make_numpy_arrays.py).
@Suite struct NumPyArrayTests {
  private struct Expected: Decodable {
    enum Value: Decodable, Equatable {
      case number(Double)
      case text(String)
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let truth = try? container.decode(Bool.self) {
          self = .number(truth ? 1 : 0)
        } else if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try container.decode(String.self))
        }
      }
    }
    var shape: [Int]
    var values: [Value]
  }

  private static func file(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).appendingPathComponent(name)
  }

  @Test func everyTypeThatIsRead() throws {
    let expected = try JSONDecoder().decode(
      [String: Expected].self, from: Data(contentsOf: Self.file("numpy_arrays.json")))
    #expect(expected.count == 13)
    for (name, wanted) in expected {
      let array = try NumPyArray(contentsOf: Self.file("\(name).npy"))
      #expect(array.shape == wanted.shape, "\(name)")
      let values: [Expected.Value] =
        switch array.elements {
        case .bytes(let bytes): bytes.map { .number(Double($0)) }
        case .integers(let integers): integers.map { .number(Double($0)) }
        case .floats(let floats): floats.map { .number(Double($0)) }
        case .texts(let texts): texts.map { .text($0) }
        }
      // float64 is read as float32.
      let rounded = wanted.values.map { value -> Expected.Value in
        if case .number(let number) = value, case .floats = array.elements { return .number(Double(Float(number))) }
        return value
      }
      #expect(values == rounded, "\(name)")
    }
  }

  @Test func whatIsNotReadIsNamed() throws {
    for (name, part) in [
      ("big_endian", "big-endian"), ("complex", "'<c8'"), ("objects", "'|O'"), ("records", "records"),
      ("missing", "does not exist"),
    ] {
      expectUserError("\(name).npy", part) { _ = try NumPyArray(contentsOf: Self.file("\(name).npy")) }
    }
    let whole = [UInt8](try Data(contentsOf: Self.file("float32.npy")))
    for length in [0, 5, 9, 40, whole.count - 1] {
      expectUserError("cut.npy") { _ = try NumPyArray(Array(whole.prefix(length)), name: "cut.npy") }
    }
    expectUserError("promises") { _ = try NumPyArray(whole + [0], name: "long.npy") }
    func header(_ text: String) -> [UInt8] {
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
    }
    for text in [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "{'descr': '<f4', 'shape': (1,), }",
      "{'descr': '<f99999999', 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 3, }", "{}", "",
    ] {
      expectUserError("odd.npy") { _ = try NumPyArray(header(text), name: "odd.npy") }
    }
  }

  #if canImport(CArchive)
    @Test func archivesAndLabels() throws {
      let plain = try LabeledArrays.load(Self.file("plain.npz"))
      #expect(plain is LabeledVectors && plain.exampleShape == [3] && plain.classNames == ["0", "1"])
      let arrays = try NumPyArray.arrays(ofArchive: Self.file("plain.npz"))
      guard case .floats(let values)? = arrays["x"]?.elements else { throw UserError("no floats") }
      #expect(plain.examples(at: [0, 1]) == values)

      let images = try LabeledArrays.load(Self.file("compressed.npz"))
      #expect(images is LabeledImages && images.exampleShape == [3, 2, 1])
      #expect(images.classNames == ["a", "b"] && images.labels == [1, 0, 1, 0])
      guard case .bytes(let bytes) = try NumPyArray(contentsOf: Self.file("bytes.npy")).elements else {
        throw UserError("no bytes")
      }
      #expect(images.examples(at: [0, 1, 2, 3]) == bytes.map { Float($0) / 255 })

      expectUserError("plain.npz", "'z'", "it has 'x', 'y'") {
        _ = try LabeledArrays.load(Self.file("plain.npz"), inputs: "z")
      }
      expectUserError("[2, 3]", "one for each example") {
        _ = try LabeledArrays.load(Self.file("plain.npz"), labels: "x")
      }
    }
  #endif

  @Test func otherFilesWithLabels() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("t.safetensors")
    try SafeTensors.write(
      ["inputs": Tensor([Float](repeating: 0.5, count: 12), shape: [3, 2, 2]), "labels": Tensor([Int32(4), 9, 4])],
      to: file)
    let examples = try LabeledArrays.load(file)
    #expect(examples.exampleShape == [2, 2, 1] && examples.classNames == ["4", "9"] && examples.labels == [0, 1, 0])

    let labels = try Self.file("int64.npy").path
    let pair = try LabeledArrays.load(Self.file("float32.npy"), labels: labels)
    #expect(pair.classNames == ["-1", "1099511627776"] && pair.labels == [1, 0])
    expectUserError("float32.npy", "--labels") { _ = try LabeledArrays.load(Self.file("float32.npy")) }
    expectUserError("no whole number") {
      _ = try LabeledArrays.load(Self.file("int16.npy"), labels: Self.file("halves.npy").path)
    }
  }
}
