import Foundation

extension Model {
  /// Writes all tensors of the model, parameters and buffers, to a safetensors file, by their paths.
  ///
  /// - Throws: A ``UserError`` that names the file where it cannot be written.
  public func writeWeights(to url: URL, metadata: [String: String] = [:]) throws {
    try SafeTensors.write(self, metadata: metadata, to: url)
  }

  /// The same model with the tensors of a safetensors file: for each of its parameters and buffers there is one of its
  /// path, shape and scalar type, and no other.
  ///
  /// - Throws: A ``UserError`` that names the file, the tensor and what was expected, where the file cannot be read or
  ///   was not written for such a model.
  public func loading(weightsFrom url: URL) throws -> Self {
    var tensors = try SafeTensors.read(from: url).tensors
    var new: [Tensor] = []
    for leaf in leaves {
      guard let tensor = tensors.removeValue(forKey: leaf.name) else {
        throw UserError("\(url.path) has no tensor '\(leaf.name)', which \(Self.self) needs")
      }
      guard tensor.shape == leaf.tensor.shape else {
        throw UserError(
          "\(url.path): the tensor '\(leaf.name)' has the shape \(tensor.shape); expected \(leaf.tensor.shape)")
      }
      guard tensor.scalarType == leaf.tensor.scalarType else {
        throw UserError(
          "\(url.path): the tensor '\(leaf.name)' is \(tensor.scalarType); expected \(leaf.tensor.scalarType)")
      }
      new.append(tensor)
    }
    if let name = tensors.keys.min() {
      throw UserError("\(url.path) has the tensor '\(name)', for which \(Self.self) has no place")
    }
    var replacements = new[...]
    return replacingLeaves(from: &replacements)
  }
}
