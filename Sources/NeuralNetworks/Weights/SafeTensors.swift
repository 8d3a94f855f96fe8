import Foundation

/// Files of named tensors in the safetensors format, which PyTorch, JAX and others read too
/// (https://github.com/huggingface/safetensors).
///
/// A file is the length of its header (8 bytes, little-endian), the header, and the numbers of all tensors. The header
/// is JSON: for each tensor `"name": {"dtype", "shape", "data_offsets": [begin, end]}`, and texts in `"__metadata__"`.
/// Nothing in a file is run, and every length in it is checked before it is used.
public enum SafeTensors {
  /// The tensors of a file by name, and its texts.
  public struct Contents: Sendable {
    /// The tensors by name.
    public var tensors: [String: Tensor]
    /// The texts of the header's `__metadata__`.
    public var metadata: [String: String]
  }

  /// Reads all tensors of a file: those of the types F64, F32, I32 and BOOL as they are, and F16 and BF16 as float32, which
  /// has all of their numbers.
  ///
  /// - Throws: A ``UserError`` that names the file, and the tensor if there is one, where the file cannot be read, is not
  ///   a safetensors file, is cut off, or has a tensor of another type.
  public static func read(from url: URL) throws -> Contents {
    let file = try SafeTensorsFile(contentsOf: url)
    var contents = Contents(tensors: [:], metadata: file.header.metadata)
    for name in file.header.entries.keys.sorted() { contents.tensors[name] = try file.tensor(named: name) }
    return contents
  }

  /// Writes tensors by name, and texts. The file appears complete or not at all; the same tensors give the same bytes.
  ///
  /// - Throws: A ``UserError`` that names the file where it cannot be written, or where a tensor has the name
  ///   `__metadata__`, which the format reserves.
  public static func write(_ tensors: [String: Tensor], metadata: [String: String] = [:], to url: URL) throws {
    guard tensors[SafeTensorsHeader.metadataName] == nil else {
      throw UserError("\(url.path): a tensor cannot have the name '\(SafeTensorsHeader.metadataName)'")
    }
    Tensor.evaluate(Array(tensors.values))
    // The widest types first, so that all numbers are aligned; in the order of other writers of the format.
    let order: [ScalarType] = [.float64, .float32, .int32, .bool]
    let ordered = order.flatMap { type in
      tensors.filter { $0.value.scalarType == type }.sorted { $0.key < $1.key }
    }
    var bytes = try SafeTensorsHeader.encoded(ordered.map { ($0.key, $0.value) }, metadata: metadata)
    for (_, tensor) in ordered { tensor.withDenseBytes { bytes.append(contentsOf: $0) } }
    try AtomicFile.write(bytes, to: url.path)
  }

  /// Writes all tensors of a model, or of another tree, by their paths (`hidden.weight`), and texts.
  ///
  /// - Throws: A ``UserError`` that names the file where it cannot be written.
  public static func write<T: TensorTree>(_ tree: T, metadata: [String: String] = [:], to url: URL) throws {
    var tensors: [String: Tensor] = [:]
    for leaf in tree.leaves {
      guard tensors.updateValue(leaf.tensor, forKey: leaf.name) == nil else {
        throw UserError("\(url.path): \(T.self) has two tensors with the name '\(leaf.name)'")
      }
    }
    try write(tensors, metadata: metadata, to: url)
  }
}
