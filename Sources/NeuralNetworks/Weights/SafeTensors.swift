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

  /// Reads all tensors of a file: those of the types F32, F64, I32 and BOOL.
  ///
  /// - Throws: A ``UserError`` that names the file, and the tensor if there is one, where the file cannot be read, is not
  ///   a safetensors file, is cut off, or has a tensor of another type.
  public static func read(from url: URL) throws -> Contents {
    let bytes = try self.bytes(of: url)
    let header = try SafeTensorsHeader(bytes, file: url.path)
    let tensors = bytes.withUnsafeBytes { bytes in
      header.entries.mapValues { entry in
        let begin = header.dataStart + entry.begin
        return tensor(entry, UnsafeRawBufferPointer(rebasing: bytes[begin..<(begin + entry.byteCount)]))
      }
    }
    return Contents(tensors: tensors, metadata: header.metadata)
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

  private static func bytes(of url: URL) throws -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
      throw UserError("\(url.path) does not exist; expected a safetensors file")
    }
    guard !isDirectory.boolValue else { throw UserError("\(url.path) is a folder; expected a safetensors file") }
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw UserError("\(url.path) cannot be read; expected a safetensors file")
    }
  }

  /// The numbers of one tensor. The format is little-endian, as all machines are that Swift runs on today.
  private static func tensor(_ entry: SafeTensorsHeader.Entry, _ bytes: UnsafeRawBufferPointer) -> Tensor {
    func numbers<S: TensorScalar>(_: S.Type) -> Tensor {
      let values = [S](unsafeUninitializedCapacity: entry.count) { values, count in
        UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
        count = entry.count
      }
      return Tensor(values, shape: entry.shape)
    }
    return switch entry.type {
    case .float32: numbers(Float.self)
    case .float64: numbers(Double.self)
    case .int32: numbers(Int32.self)
    // Not copied: a `Bool` must not hold another byte than 0 or 1.
    case .bool: Tensor(bytes.map { $0 != 0 }, shape: entry.shape)
    }
  }
}
