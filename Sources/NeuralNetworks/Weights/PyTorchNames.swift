/// How the parts of a model are called in PyTorch, for reading and writing a `state_dict`.
///
/// Without an entry a part has its own path there too. `["blocks.0.convolution": "features.0"]` lets all below
/// `blocks.0.convolution` be below `features.0`; the longest path that fits counts, and `""` stands for the whole model.
/// Several parts may lie in one of PyTorch's modules, as a `BatchNorm` and its `Statistics` do. The last component is
/// translated, `norm.scale` to `norm.weight`, by what the layer is (``PyTorchLayer``); the path of a tensor itself gives it a
/// whole name.
public struct PyTorchNames: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// PyTorch's name of a module by the path of a part of the model.
  public var modules: [String: String]
  /// The images that are flattened before a layer, [height, width, channels], by the layer's path.
  ///
  /// The numbers of a flattened image are in the order of its axes, which in PyTorch is channels, height, width. So the
  /// inputs of a dense layer behind `Flatten` have to be put in order, and those of a normalization between them:
  /// `["head": [7, 7, 64]]`. A sequence [length, channels] is an image of height 1. Where an image is summarized by means,
  /// nothing is to be said.
  public var flattened: [String: Shape]

  /// Names of modules by paths, and the images that are flattened before layers.
  public init(_ modules: [String: String] = [:], flattened: [String: Shape] = [:]) {
    self.modules = modules
    self.flattened = flattened
  }

  /// Names of modules by paths.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(Dictionary(uniqueKeysWithValues: elements))
  }

  /// PyTorch's name of a tensor of a model that lies at a path, in a part of the model, and is called `own` in it.
  func name(of own: String, in part: String, at path: String) -> String {
    if let whole = modules[path] { return whole }
    var (front, rest) = (part, own)
    while modules[front] == nil, !front.isEmpty {
      let (above, last) = front.dividedAtLastDot
      (front, rest) = (above, joined(last, rest))
    }
    return joined(modules[front] ?? "", rest)
  }
}

/// Two paths in a row, of which the first may be empty.
private func joined(_ front: String, _ rest: String) -> String { front.isEmpty ? rest : "\(front).\(rest)" }

extension String {
  /// A path without its last component, and that.
  var dividedAtLastDot: (front: String, last: String) {
    guard let dot = lastIndex(of: ".") else { return ("", self) }
    return (String(self[..<dot]), String(self[index(after: dot)...]))
  }
}
