import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct SafeTensorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file with this header and so many bytes of data.
  func file(_ header: String, data: Int = 0, name: String = "x.safetensors") throws -> URL {
    let json = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
    return try folder.write(length + json + [UInt8](repeating: 0, count: data), to: name)
  }

  @Test func fileMadeByPython() throws {
    // save_file({"weight": np.array([[1, -2.5, 3], [0.1, 1e-40, np.inf]], "f4"), "double": np.array([np.pi, -0.0]),
    //   "labels": np.array([[7], [-2147483648]], "i4"), "mask": np.array([True, False, True]),
    //   "scalar": np.array(0.25, "f4"), "empty": np.zeros((0, 3), "f4")}, "python.safetensors",
    //   metadata={"made by": "safetensors 0.8.0", "ü": "ω"}), with save_file of safetensors.numpy 0.8.0
    let contents = try SafeTensors.read(from: fixtureURL("python.safetensors"))
    #expect(contents.metadata == ["made by": "safetensors 0.8.0", "ü": "ω"])
    let tensors = contents.tensors
    #expect(tensors.keys.sorted() == ["double", "empty", "labels", "mask", "scalar", "weight"])
    let tiny = Float(bitPattern: 0x116C2)  // 1e-40, subnormal.
    #expect(tensors["weight"]?.scalars(as: Float.self) == [1, -2.5, 3, 0.1, tiny, .infinity])
    #expect(tensors["weight"]?.shape == [2, 3])
    #expect(tensors["double"]?.scalars(as: Double.self).map(\.bitPattern) == [Double.pi, -0.0].map(\.bitPattern))
    #expect(tensors["labels"]?.scalars(as: Int32.self) == [7, .min])
    #expect(tensors["labels"]?.shape == [2, 1])
    #expect(tensors["mask"]?.scalars(as: Bool.self) == [true, false, true])
    #expect(tensors["scalar"]?.shape == [])
    #expect(tensors["scalar"]?.item() == 0.25)
    #expect(tensors["empty"]?.shape == [0, 3])
  }

  @Test func writesTheBytesThatPythonWrites() throws {
    let original = try Data(contentsOf: fixtureURL("python.safetensors"))
    let contents = try SafeTensors.read(from: fixtureURL("python.safetensors"))
    let url = folder.file("copy.safetensors")
    try SafeTensors.write(contents.tensors, metadata: contents.metadata, to: url)
    let copy = try Data(contentsOf: url)
    func data(_ file: Data) -> Data { file.dropFirst(8 + Int(file[0]) + Int(file[1]) * 256) }
    // The headers may differ in the order of names; what follows may not.
    #expect(data(copy) == data(original))
    #expect((copy.count - data(copy).count) % 8 == 0)
    let again = try SafeTensors.read(from: url)
    #expect(again.metadata == contents.metadata)
    for (name, tensor) in contents.tensors {
      #expect(again.tensors[name]?.shape == tensor.shape)
      #expect(again.tensors[name]?.scalarType == tensor.scalarType)
      #expect(again.tensors[name]?.doubles == tensor.doubles)
    }
    // Names and texts that JSON has to escape; the same input gives the same bytes.
    let odd = ["a\"b\\c/é\n": Tensor([1]), "": Tensor(2)]
    try SafeTensors.write(odd, to: url)
    let first = try Data(contentsOf: url)
    #expect(try SafeTensors.read(from: url).tensors.keys.sorted() == odd.keys.sorted())
    try SafeTensors.write(odd, to: url)
    #expect(try Data(contentsOf: url) == first)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["copy.safetensors"])
  }

  struct Network: Model {
    var layers: Sequential<Dense, BatchNorm>
    @Buffer var scale = Tensor([2, 3], .float64)
    var classes = Tensor([Int32(4)])
    init(_ outputs: Int = 3, seed: UInt64) {
      layers = Sequential {
        Dense(2, outputs, activation: .tanh, key: RandomKey(seed: seed))
        BatchNorm(outputs)
      }
    }
  }

  @Test func modelsComeBack() throws {
    let url = folder.file("model.safetensors")
    var model = Network(seed: 1)
    model.scale = Tensor([0.1, 0.2], .float64)
    try model.writeWeights(to: url, metadata: ["epoch": "3"])
    let loaded = try Network(seed: 2).loading(weightsFrom: url)
    #expect(loaded.leaves.map(\.name) == model.leaves.map(\.name))
    for (own, expected) in zip(loaded.leaves, model.leaves) { #expect(own.tensor.doubles == expected.tensor.doubles) }
    #expect(loaded.layers.layers.0.activation == .tanh)
    #expect(try SafeTensors.read(from: url).metadata == ["epoch": "3"])
  }

  @Test func otherModelsAreRefused() throws {
    let url = folder.file("model.safetensors")
    try Network(seed: 1).writeWeights(to: url)
    expectUserError(url.path, "'layers.0.weight'", "[2, 3]", "expected [2, 4]") {
      _ = try Network(4, seed: 1).loading(weightsFrom: url)
    }
    expectUserError(url.path, "'layers.0.weight' is float32", "expected float64") {
      _ = try Network(seed: 1).cast(to: .float64).loading(weightsFrom: url)
    }
    expectUserError(url.path, "no tensor 'weight'", "Dense") {
      _ = try Dense(2, 3, key: RandomKey(seed: 1)).loading(weightsFrom: url)
    }
    var tensors = try SafeTensors.read(from: url).tensors
    tensors["extra"] = Tensor(1)
    try SafeTensors.write(tensors, to: url)
    expectUserError(url.path, "'extra'", "no place") { _ = try Network(seed: 1).loading(weightsFrom: url) }
  }

  @Test func unreadableFiles() throws {
    expectUserError("nowhere", "does not exist") { _ = try SafeTensors.read(from: folder.file("nowhere")) }
    expectUserError("is a folder") { _ = try SafeTensors.read(from: folder.url) }
    expectUserError("cannot be written") {
      try SafeTensors.write(["x": Tensor(1)], to: folder.file("no/such/folder.safetensors"))
    }
    expectUserError("__metadata__") { try SafeTensors.write(["__metadata__": Tensor(1)], to: folder.file("x")) }
  }

  @Test func everyCutIsNoticed() throws {
    let bytes = [UInt8](try Data(contentsOf: fixtureURL("python.safetensors")))
    for count in 0..<bytes.count {
      expectUserError("cut") {
        _ = try SafeTensors.read(from: folder.write(Array(bytes.prefix(count)), to: "cut"))
      }
    }
    expectUserError("fill") { _ = try SafeTensors.read(from: folder.write(bytes + [0], to: "long")) }
  }

  @Test func wrongHeaders() throws {
    func refuse(_ header: String, data: Int = 0, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation)
    {
      let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) {
        _ = try SafeTensors.read(from: file(header, data: data))
      }
      for part in parts + ["x.safetensors"] {
        #expect(
          error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
      }
    }
    func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
      "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }
    refuse("", "brace")
    refuse("[]", "brace")
    refuse("{", "not JSON")
    refuse("{}{}", "not JSON")
    refuse("{\"a\": 3}", "'a'")
    refuse("{\"a\": {\"dtype\": \"F32\", \"shape\": [1]}}", "'a'")
    refuse("{\"__metadata__\": {\"a\": 3}}", "__metadata__")
    refuse(
      "{\"a\": \(entry("I16", "[2]", "[0, 4]"))}", data: 4, "'a'", "I16", "expected F64, F32, F16, BF16, I32 or BOOL")
    refuse(
      "{\"a\": \(entry("F17", "[2]", "[0, 4]"))}", data: 4, "'a'", "F17", "expected F64, F32, F16, BF16, I32 or BOOL")
    refuse("{\"a\": \(entry("F16", "[2]", "[0, 8]"))}", data: 8, "'a'", "8 bytes", "expected 4")
    refuse("{\"a\": \(entry("F32", "[2]", "[0, 4]"))}", data: 4, "'a'", "4 bytes", "expected 8")
    refuse("{\"a\": \(entry("F32", "[1]", "[4, 0]"))}", data: 4, "'a'", "offsets")
    refuse("{\"a\": \(entry("F32", "[1]", "[0]"))}", data: 4, "'a'", "offsets")
    refuse("{\"a\": \(entry("F32", "[1]", "[-4, 0]"))}", data: 4, "'a'", "offsets")
    refuse("{\"a\": \(entry("F32", "[-1]", "[0, 4]"))}", data: 4, "'a'", "none negative")
    refuse("{\"a\": \(entry("F32", "[1.5]", "[0, 4]"))}", data: 4, "'a'", "whole numbers")
    refuse("{\"a\": \(entry("F32", "[1]", "[0, 99999999999999999999]"))}", data: 4, "'a'", "whole numbers")
    refuse("{\"a\": \(entry("F32", "[4294967296, 4294967296]", "[0, 0]"))}", "'a'", "too large")
    refuse("{\"a\": \(entry("F32", "[1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0, 4]"))}", data: 4, "'a'", "12 axes")
    refuse("{\"a\": \(entry("F32", "[1]", "[4, 8]"))}", data: 8, "'a'", "gap")
    refuse("{\"a\": \(entry("F32", "[1]", "[0, 4]"))}", data: 8, "8 bytes of data", "fill 4")
    refuse(
      "{\"a\": \(entry("F32", "[2]", "[0, 8]")), \"b\": \(entry("F32", "[2]", "[4, 12]"))}", data: 12, "'b'",
      "overlaps")
    refuse(
      "{\"a\": \(entry("F32", "[1]", "[0, 4]")), \"a\": \(entry("F32", "[1]", "[4, 8]"))}", data: 8, "'a' twice")
    refuse(
      "{\"a\": \(entry("F32", "[1]", "[0, 4]")), \"\\u0061\": \(entry("F32", "[1]", "[0, 4]"))}", data: 4,
      "'a' twice")
    refuse("{\"a\": {\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", data: 4, "'shape' twice")
    // Names of different objects may be equal, and texts that are values are not names.
    let fine = "{\"dtype\": \(entry("F32", "[0]", "[0, 0]")), \"__metadata__\": {\"b\": \"b\", \"dtype\": \"b\"}}"
    #expect(try SafeTensors.read(from: file(fine)).tensors.keys.sorted() == ["dtype"])
    #expect(try SafeTensors.read(from: file("{}")).tensors.isEmpty)
  }

  @Test func absurdLengths() throws {
    for byte in [UInt8(0x7F), 0xFF] {
      let bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, byte] + Array("{}".utf8)
      expectUserError("not a safetensors file", "header of") {
        _ = try SafeTensors.read(from: folder.write(bytes, to: "x"))
      }
    }
    expectUserError("cut off", "1000 bytes", "only 2") {
      _ = try SafeTensors.read(from: folder.write([0xE8, 3, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), to: "x"))
    }
  }

  @Test func randomDamageNeverCrashes() throws {
    let bytes = [UInt8](try Data(contentsOf: fixtureURL("python.safetensors")))
    var generator = RandomKey(seed: 11).makeGenerator()
    var refused = 0
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0...generator.below(3) { damaged[generator.below(bytes.count)] = UInt8(generator.below(256)) }
      do {
        let contents = try SafeTensors.read(from: folder.write(damaged, to: "damaged"))
        for tensor in contents.tensors.values { #expect(tensor.doubles.count == tensor.count) }
      } catch is UserError {
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}
