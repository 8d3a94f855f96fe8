/// A tensor of a model, and how PyTorch names it and lays it out.
struct PyTorchLeaf {
  var leaf: TensorLeaf
  /// PyTorch's whole name.
  var name: String
  /// Axis i of PyTorch's tensor is axis `axes[i]` of the leaf.
  var axes: [Int]
  /// The axis of the leaf that counts the numbers of a flattened image, and the image's shape [height, width, channels].
  var flattened: (axis: Int, image: Shape)?

  /// The shape of PyTorch's tensor.
  var shape: Shape { axes.map { leaf.tensor.shape[$0] } }

  /// PyTorch's tensor of the leaf's numbers.
  func exported() -> Tensor {
    var tensor = leaf.tensor
    if let (axis, image) = flattened {
      tensor = Self.reordered(tensor, axis, from: image, by: [2, 0, 1])
    }
    return tensor.transposed(axes)
  }

  /// A tensor of PyTorch as the leaf has it.
  func imported(_ tensor: Tensor) -> Tensor {
    let tensor = tensor.transposed(axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
    guard let (axis, image) = flattened else { return tensor }
    return Self.reordered(tensor, axis, from: [image[2], image[0], image[1]], by: [1, 2, 0])
  }

  /// The tensor with the numbers along an axis, which are an image of a shape, in the order of its axes' `order`.
  private static func reordered(_ tensor: Tensor, _ axis: Int, from image: Shape, by order: [Int]) -> Tensor {
    let (front, rear) = (Array(tensor.shape[..<axis]), Array(tensor.shape[(axis + 1)...]))
    let axes = Array(0..<axis) + order.map { axis + $0 } + rear.indices.map { axis + 3 + $0 }
    return tensor.reshaped(front + image + rear).transposed(axes).reshaped(tensor.shape)
  }
}

extension Model {
  /// The model's tensors in the order of `leaves`, with their places in PyTorch; `purpose` begins the sentences of errors.
  ///
  /// - Throws: A ``UserError`` where names do not fit the model: a path that it does not have, two tensors with one name, a
  ///   layer with other axes than PyTorch's, an image that does not fit a layer.
  func pyTorchLeaves(_ names: PyTorchNames, _ purpose: String) throws -> [PyTorchLeaf] {
    let leaves = leaves
    var owners = [(path: String, layer: any PyTorchLayer)?](repeating: nil, count: leaves.count)
    // Inner parts come first.
    for part in parts(of: (any PyTorchLayer).self) {
      for index in part.leaves where owners[index] == nil { owners[index] = (part.path, part.part) }
    }
    var unused = Set(names.flattened.keys)
    var found: [PyTorchLeaf] = []
    for (leaf, owner) in zip(leaves, owners) {
      let subject = "\(purpose): '\(leaf.name)' of \(Self.self)"
      let shape = leaf.tensor.shape
      let (part, own) = leaf.name.dividedAtLastDot
      guard let owner, owner.path == part, let counterpart = type(of: owner.layer).pyTorchTensors[own] else {
        found.append(
          PyTorchLeaf(leaf: leaf, name: names.name(of: own, in: part, at: leaf.name), axes: Array(shape.indices)))
        continue
      }
      guard counterpart.axes.count == shape.count else {
        throw UserError(
          "\(subject) has the shape \(shape); PyTorch's '\(counterpart.name)' of such a layer has "
            + "\(counterpart.axes.count) \(counterpart.axes.count == 1 ? "axis" : "axes")")
      }
      var entry = PyTorchLeaf(
        leaf: leaf, name: names.name(of: counterpart.name, in: part, at: leaf.name), axes: counterpart.axes)
      if let image = names.flattened[part], let axis = counterpart.inputs {
        unused.remove(part)
        guard image.count == 3, image.allSatisfy({ $0 > 0 && $0 <= shape[axis] }), image.reduce(1, *) == shape[axis]
        else {
          throw UserError(
            "\(subject) takes \(shape[axis]) numbers, which is not a flattened image of the shape \(image), "
              + "[height, width, channels]")
        }
        entry.flattened = (axis, image)
      }
      found.append(entry)
    }
    try Self.check(names, found, unused, purpose)
    return found
  }

  private static func check(
    _ names: PyTorchNames, _ found: [PyTorchLeaf], _ unused: Set<String>, _ purpose: String
  ) throws {
    if let path = unused.min() {
      throw UserError(
        "\(purpose): '\(path)' is given as behind a flattened image, but is no such layer of \(Self.self)")
    }
    for path in names.modules.keys.sorted() where !path.isEmpty {
      guard found.contains(where: { $0.leaf.name == path || $0.leaf.name.hasPrefix(path + ".") }) else {
        throw UserError("\(purpose): a name is given for '\(path)', which has no tensors in \(Self.self)")
      }
    }
    var paths: [String: String] = [:]
    for entry in found {
      guard let other = paths.updateValue(entry.leaf.name, forKey: entry.name) else { continue }
      throw UserError("\(purpose): '\(other)' and '\(entry.leaf.name)' of \(Self.self) are both named '\(entry.name)'")
    }
  }
}
