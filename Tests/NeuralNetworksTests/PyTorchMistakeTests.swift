import Foundation
import Testing

@testable import NeuralNetworks

/// What does not fit gets one sentence that names the file, its tensor, the model's, and both shapes.
@Suite struct PyTorchMistakeTests {
  struct Net: Model {
    var dense = Dense(2, 3, key: RandomKey(seed: 1))
    var norm = BatchNorm(3)
    var running = BatchNorm.Statistics(features: 3)
    var classes = Tensor([Int32(4), 5])
  }

  let folder: TemporaryFolder
  let url: URL
  let names: PyTorchNames = ["dense": "fc", "norm": "bn", "running": "bn"]

  init() throws {
    folder = try TemporaryFolder()
    url = folder.file("net.safetensors")
    try Net().writePyTorchWeights(to: url, names: names)
  }

  /// Changes the tensors of the file.
  func change(_ body: (inout [String: Tensor]) -> Void) throws {
    var tensors = try SafeTensors.read(from: url).tensors
    body(&tensors)
    try SafeTensors.write(tensors, to: url)
  }

  func load(_ names: PyTorchNames? = nil, ignoringOthers: Bool = false) throws {
    _ = try Net().loading(pyTorchWeightsFrom: url, names: names ?? self.names, ignoringOthers: ignoringOthers)
  }

  @Test func missingTensors() throws {
    try change { $0["fc.weight"] = nil }
    expectUserError(
      url.path, "no tensor 'fc.weight' of the shape [3, 2]", "'dense.weight' of Net", "has the shape [2, 3]"
    ) { try load() }
    // What has no place may be what was meant.
    expectUserError(
      "no tensor 'dense.weight'", "without a place are 'bn.bias', 'bn.running_mean', 'bn.running_var'", "2"
    ) { try load([:]) }
  }

  @Test func wrongShapes() throws {
    // Not transposed: a matrix as it lies here.
    try change { $0["fc.weight"] = .zeros([2, 3]) }
    expectUserError(
      url.path, "'fc.weight' has the shape [2, 3]", "expected [3, 2] for 'dense.weight' of Net", "has the shape [2, 3]"
    ) { try load() }
    try change { $0["fc.weight"] = .zeros([3, 2, 1]) }
    expectUserError("'fc.weight' has the shape [3, 2, 1]", "expected [3, 2]") { try load() }
  }

  @Test func wrongTypes() throws {
    try change { $0["fc.weight"] = .zeros([3, 2], .float64) }
    expectUserError(url.path, "'fc.weight' is float64", "expected float32", "'dense.weight' of Net") { try load() }
    try change { tensors in
      tensors["fc.weight"] = .zeros([3, 2])
      tensors["classes"] = .zeros([2])
    }
    expectUserError("'classes' is float32", "expected int32") { try load() }
    // Whole numbers of 64 bits, which only the counters are allowed to be, for they are not read.
    let counters = try fixtureURL("pytorch_mlp_float32.safetensors")
    expectUserError("'1.num_batches_tracked'", "I64", "expected F64, F32, F16, BF16, I32 or BOOL") {
      _ = try SafeTensors.read(from: counters)
    }
  }

  @Test func surplusTensors() throws {
    try change { tensors in
      tensors["bn.num_batches_tracked"] = Tensor([Int32(3)])
      tensors["num_batches_tracked"] = Tensor([Int32(3)])
    }
    try load()
    try change { $0["fc2.weight"] = .zeros([4, 3]) }
    expectUserError(url.path, "'fc2.weight' of the shape [4, 3]", "for which Net has no place") { try load() }
    try change { $0["fc3.weight"] = .zeros([4, 3]) }
    expectUserError("'fc2.weight'", "and 1 more") { try load() }
    try load(ignoringOthers: true)
    // Running statistics that a model has no place for would have been used there.
    let batch = Sequential {
      Dense(2, 3, key: RandomKey(seed: 1))
      BatchNorm(3)
    }
    try change { tensors in
      tensors = ["0.weight": .zeros([3, 2]), "0.bias": .zeros([3]), "1.weight": .ones([3]), "1.bias": .zeros([3])]
      tensors["1.running_mean"] = .zeros([3])
    }
    expectUserError("'1.running_mean'", "no place") { _ = try batch.loading(pyTorchWeightsFrom: url) }
  }

  @Test func namesThatDoNotFitTheModel() throws {
    expectUserError(url.path, "'conv', which has no tensors in Net") { try load(["conv": "fc"]) }
    expectUserError("'dens', which has no tensors in Net") { try load(["dens": "fc"]) }
    expectUserError("'dense.weight' and 'norm.scale' of Net are both named 'x.weight'") {
      try load(["dense": "x", "norm": "x"])
    }
    expectUserError("'norm.scale' of Net", "both named") {
      try Net().writePyTorchWeights(to: folder.file("never"), names: ["dense": "x", "norm": "x"])
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("never").path))
    expectUserError("'dense.weight' of Net takes 2 numbers", "[1, 2, 3]") {
      try load(PyTorchNames(flattened: ["dense": [1, 2, 3]]))
    }
    expectUserError("'dense.weight'", "[2, 1]") { try load(PyTorchNames(flattened: ["dense": [2, 1]])) }
    expectUserError("'dense.weight'", "[-1, -2, 1]") { try load(PyTorchNames(flattened: ["dense": [-1, -2, 1]])) }
    expectUserError("'head' is given as behind a flattened image") {
      try load(PyTorchNames(names.modules, flattened: ["head": [1, 2, 1]]))
    }
    expectUserError("'classes' is given as behind a flattened image") {
      try load(PyTorchNames(names.modules, flattened: ["classes": [1, 2, 1]]))
    }
  }

  @Test func layersThatPyTorchDoesNotHave() throws {
    expectUserError("'scale' of BatchNorm has the shape [2, 3]", "PyTorch's 'weight'", "1 axis") {
      try BatchNorm(3, steps: 2).writePyTorchWeights(to: url)
    }
  }

  @Test func filesThatAreNone() throws {
    expectUserError("nowhere", "does not exist") {
      _ = try Net().loading(pyTorchWeightsFrom: folder.file("nowhere"), names: names)
    }
    expectUserError("cannot be written") {
      try Net().writePyTorchWeights(to: folder.file("no/such/folder.safetensors"), names: names)
    }
    // What `torch.save` writes is a zip archive.
    let zip = try folder.write(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 60), to: "net.pt")
    expectUserError("net.pt is a zip archive", "torch.save", "safetensors.torch.save_file") {
      _ = try Net().loading(pyTorchWeightsFrom: zip, names: names)
    }
  }

  /// A layer of one's own, with a counterpart of its own.
  struct Scaled: Layer, PyTorchLayer {
    var factors = Tensor([[1, 2, 3], [4, 5, 6]])
    var inner = Dense(3, 3, key: RandomKey(seed: 3))
    var free = Tensor(2)
    static let pyTorchTensors = ["factors": PyTorchTensor("alpha", axes: [1, 0])]
    func callAsFunction(_ x: Tensor) -> Tensor { inner(matmul(x, factors)) * free }
  }

  @Test func layersOfOnesOwn() throws {
    let model = [Scaled(), Scaled()]
    struct Nest: Model { var parts: [Scaled] }
    let names: PyTorchNames = ["parts.1": "last", "parts.1.inner": "other", "parts.0.free": "temperature"]
    try Nest(parts: model).writePyTorchWeights(to: url, names: names)
    let tensors = try SafeTensors.read(from: url).tensors
    #expect(
      tensors.keys.sorted() == [
        "last.alpha", "last.free", "other.bias", "other.weight", "parts.0.alpha", "parts.0.inner.bias",
        "parts.0.inner.weight", "temperature",
      ])
    #expect(tensors["last.alpha"]?.floats == [1, 4, 2, 5, 3, 6])
    #expect(tensors["other.weight"]?.floats == model[1].inner.weight.transposed().floats)
    let again = try Nest(parts: model).loading(pyTorchWeightsFrom: url, names: names)
    #expect(again.parts[1].factors.floats == [1, 2, 3, 4, 5, 6])
  }
}
