import CKernels

/// Keeps freed blocks for the next tensor of about their size.
///
/// The system's allocator returns large blocks to the kernel at once, and the page faults of getting them back cost
/// more than most operations. A cache is the one shared mutable thing in this module: it holds no values.
final class BufferPool: @unchecked Sendable {
  // @unchecked: `free` and `cachedBytes` are only touched under `lock`.
  static let shared = BufferPool()

  /// Blocks beyond this many bytes in all go back to the system.
  private let capacity = 1 << 30
  private let alignment = 64
  /// Blocks from so many bytes on are worth a word to the system.
  private static let large = 8 << 20
  /// Under the address sanitizer nothing is kept, and blocks are exactly as long as they have to be.
  private let keepsNothing = ck_checks_addresses()
  private let lock: UnsafeMutablePointer<ck_lock>
  private var free: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: 4 * 64)
  private var cachedBytes = 0

  private init() {
    lock = .allocate(capacity: 1)
    lock.initialize(to: ck_lock(word: 0))
  }

  /// Four sizes to each power of two, so that at most a quarter is wasted.
  private static func sizeClass(_ byteCount: Int) -> (index: Int, bytes: Int) {
    let size = max(byteCount, 64)
    let power = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount  // size lies in (2^power, 2^(power + 1)]
    let step = (1 << power) / 4
    let quarter = (size - (1 << power) + step - 1) / step
    return (4 * power + quarter - 1, (1 << power) + quarter * step)
  }

  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if keepsNothing { return .allocate(byteCount: byteCount, alignment: alignment) }
    let (index, bytes) = Self.sizeClass(byteCount)
    ck_lock_acquire(lock)
    let cached = free[index].popLast()
    if cached != nil { cachedBytes -= bytes }
    ck_lock_release(lock)
    if let cached { return cached }
    // Large ones fill large pages from their first byte on.
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: bytes >= Self.large ? 2 << 20 : alignment)
    if bytes >= Self.large { ck_will_use(block, byteCount) }
    return block
  }

  func give(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    if keepsNothing { return block.deallocate() }
    let (index, bytes) = Self.sizeClass(byteCount)
    ck_lock_acquire(lock)
    let keeps = cachedBytes + bytes <= capacity
    if keeps {
      free[index].append(block)
      cachedBytes += bytes
    }
    ck_lock_release(lock)
    if !keeps { block.deallocate() }
  }
}
