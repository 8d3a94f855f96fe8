import Foundation

extension Model {
  /// The same model with the tensors of a file that PyTorch wrote
  /// (`safetensors.torch.save_file(net.state_dict(), "net.safetensors")`), each with its axes in the order here.
  ///
  /// ```swift
  /// let names = PyTorchNames(
  ///   ["convolution": "features.0", "norm": "features.1", "running": "features.1", "head": "classifier"],
  ///   flattened: ["head": [7, 7, 64]])
  /// let model = try Net(key: key).loading(pyTorchWeightsFrom: url, names: names)
  /// ```
  ///
  /// Only tensors are taken over; activations, strides, padding (PyTorch's is `.explicit`) and ε are the model's. Images are
  /// [batch, height, width, channels] here. There has to be a tensor for each of the model's; its numbers may be of a smaller
  /// floating type (F16 and BF16 too), but never of a larger one, which would lose digits (`model.cast(to: .float64)`).
  ///
  /// - Parameters:
  ///   - url: The safetensors file.
  ///   - names: What the model's parts are called in PyTorch; their own paths by default.
  ///   - ignoringOthers: Whether tensors that the model has no place for are left alone; `num_batches_tracked` always is.
  /// - Throws: A ``UserError`` that names the file, its tensor, the model's, and both shapes, where one is missing, surplus,
  ///   or does not fit, or where `names` do not fit the model.
  public func loading(
    pyTorchWeightsFrom url: URL, names: PyTorchNames = [:], ignoringOthers: Bool = false
  ) throws -> Self {
    let entries = try pyTorchLeaves(names, url.path)
    let file = try SafeTensorsFile(contentsOf: url)
    let present = file.header.entries
    let others = Set(present.keys).subtracting(entries.map(\.name)).filter {
      $0 != "num_batches_tracked" && !$0.hasSuffix(".num_batches_tracked")
    }
    var new: [Tensor] = []
    for entry in entries {
      let place = "'\(entry.leaf.name)' of \(Self.self), which has the shape \(entry.leaf.tensor.shape)"
      guard let shape = present[entry.name]?.shape, let tensor = try file.tensor(named: entry.name) else {
        let hint = others.isEmpty ? "" : "; without a place are \(Self.listed(others))"
        throw UserError("\(url.path) has no tensor '\(entry.name)' of the shape \(entry.shape) for \(place)\(hint)")
      }
      guard shape == entry.shape else {
        throw UserError(
          "\(url.path): the tensor '\(entry.name)' has the shape \(shape); expected \(entry.shape) for \(place)")
      }
      let (from, to) = (tensor.scalarType, entry.leaf.tensor.scalarType)
      guard from == to || (from == .float32 && to == .float64) else {
        throw UserError("\(url.path): the tensor '\(entry.name)' is \(from); expected \(to) for \(place)")
      }
      new.append(entry.imported(tensor.cast(to: to)))
    }
    if !ignoringOthers, let name = others.min(), let shape = present[name]?.shape {
      let more = others.count == 1 ? "" : ", and \(others.count - 1) more"
      throw UserError(
        "\(url.path) has the tensor '\(name)' of the shape \(shape)\(more), for which \(Self.self) has no place")
    }
    Tensor.evaluate(new)
    var replacements = new.map(\.rowMajor)[...]
    return replacingLeaves(from: &replacements)
  }

  /// Writes all tensors of the model, parameters and buffers, to a safetensors file, named and laid out as in PyTorch:
  /// `net.load_state_dict(safetensors.torch.load_file("net.safetensors"))`.
  ///
  /// `num_batches_tracked` is not written; PyTorch starts it at 0.
  ///
  /// - Parameters:
  ///   - url: The file, which appears complete or not at all.
  ///   - names: What the model's parts are called in PyTorch; their own paths by default.
  ///   - metadata: Texts for the file's header; `format` says what wrote it, which some readers ask for.
  /// - Throws: A ``UserError`` where the file cannot be written, or where `names` do not fit the model.
  public func writePyTorchWeights(
    to url: URL, names: PyTorchNames = [:], metadata: [String: String] = ["format": "pt"]
  ) throws {
    let entries = try pyTorchLeaves(names, url.path)
    let tensors = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.exported()) })
    try SafeTensors.write(tensors, metadata: metadata, to: url)
  }

  private static func listed(_ names: Set<String>) -> String {
    let first = names.sorted().prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 3 ? "\(first) and \(names.count - 3) more" : first
  }
}

extension Tensor {
  /// The same numbers in a buffer of their own, in row-major order: what a transposed tensor views would be copied again by
  /// each operation that needs it so.
  fileprivate var rowMajor: Tensor {
    func copy<S: TensorScalar>(_: S.Type) -> Tensor { Tensor(scalars(as: S.self), shape: shape) }
    return switch scalarType {
    case .float64: copy(Double.self)
    case .float32: copy(Float.self)
    case .int32: copy(Int32.self)
    case .bool: copy(Bool.self)
    }
  }
}
