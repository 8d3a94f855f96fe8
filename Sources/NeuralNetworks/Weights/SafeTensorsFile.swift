import Foundation

/// A safetensors file that has been read and checked, and whose tensors are made one by one.
struct SafeTensorsFile {
  /// For errors.
  let path: String
  let header: SafeTensorsHeader
  private let bytes: [UInt8]

  /// Reads the file at `url`; throws a ``UserError`` that names it where it cannot be read or is no such file.
  init(contentsOf url: URL) throws {
    path = url.path
    bytes = try Self.bytes(of: url)
    // What a header begins with tells a file of this format, whose length has these bytes, from an archive.
    guard !bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) || bytes.dropFirst(8).first == UInt8(ascii: "{") else {
      throw UserError(
        "\(url.path) is a zip archive, such as torch.save writes; expected a safetensors file "
          + "(safetensors.torch.save_file)")
    }
    header = try SafeTensorsHeader(bytes, file: url.path)
  }

  /// The tensor of a name, or nil if there is none; throws a ``UserError`` where its numbers are of a type that no tensor
  /// here can hold.
  func tensor(named name: String) throws -> Tensor? {
    guard let entry = header.entries[name] else { return nil }
    let begin = header.dataStart + entry.begin
    return try bytes.withUnsafeBytes { file in
      let bytes = UnsafeRawBufferPointer(rebasing: file[begin..<(begin + entry.byteCount)])
      // The format is little-endian, as all machines are that Swift runs on today.
      func numbers<S>(_: S.Type) -> [S] {
        [S](unsafeUninitializedCapacity: entry.count) { values, count in
          UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
          count = entry.count
        }
      }
      // Generic: of doubles alone, a tensor would be float32.
      func tensor<S: TensorScalar>(_ values: [S]) -> Tensor { Tensor(values, shape: entry.shape) }
      switch entry.type {
      case .float64: return tensor(numbers(Double.self))
      case .float32: return tensor(numbers(Float.self))
      case .float16: return tensor(numbers(UInt16.self).map { Float(half: $0) })
      case .bfloat16: return tensor(numbers(UInt16.self).map { Float(brain: $0) })
      case .int32: return tensor(numbers(Int32.self))
      // Not copied: a `Bool` must not hold another byte than 0 or 1.
      case .bool: return tensor(bytes.map { $0 != 0 })
      default:
        throw UserError(
          "\(path): the tensor '\(name)' has the type \(entry.type.rawValue); expected \(SafeTensorsType.readable)"
        )
      }
    }
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
}
