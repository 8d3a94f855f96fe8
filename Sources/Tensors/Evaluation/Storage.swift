import CKernels

/// A block of numbers, written once by the kernel that makes it and read-only ever after.
final class Storage: @unchecked Sendable {
  // @unchecked: the bytes are written before the storage is shared, and never after.
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    bytes = BufferPool.shared.take(byteCount)
  }

  deinit { BufferPool.shared.give(bytes, byteCount) }
}

/// Where a tensor's elements lie in a storage: broadcasting, transposing and slicing only make a new view.
struct View: Sendable {
  let storage: Storage
  /// Of the first element, in elements.
  var offset = 0
  /// Elements between neighbours along each axis; nil means dense.
  var strides: [Int]?
  /// Of a tuple, which has no numbers of its own.
  var parts: [View] = []

  /// The number at the first place.
  func firstNumber(_ type: ScalarType) -> Double {
    let first = pointer(type)
    return switch type {
    case .float32: Double(first.load(as: Float.self))
    case .float64: first.load(as: Double.self)
    case .int32: Double(first.load(as: Int32.self))
    case .bool: first.load(as: Bool.self) ? 1 : 0
    }
  }

  func pointer(_ type: ScalarType) -> UnsafeMutableRawPointer { storage.bytes + offset * type.byteCount }
}
