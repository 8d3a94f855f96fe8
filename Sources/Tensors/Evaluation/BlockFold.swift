import CKernels

/// A fold over more rows than a tile can hold, as a chain does it: block by block, with a fold of what comes of the blocks
/// afterwards. That is the order in which `ck_reduce` folds the whole, so the bits are the same.
///
/// The shape is taken as outer × rows × inner.
struct BlockFold: Hashable, Sendable {
  let outer: Int
  let rows: Int
  let inner: Int
  /// The rows of a block.
  let each: Int

  /// The longest rows that leave room for several of them in a tile.
  private static let mostInner = 512

  /// Nil where one tile holds all, or where the rows are not equal blocks.
  init?(_ shape: Shape, axes: [Int]) {
    guard let first = axes.first, let last = axes.last, shape[first...].elementCount > Chain.mostFolded,
      (first...last).allSatisfy({ axes.contains($0) || shape[$0] == 1 })
    else { return nil }
    outer = shape[..<first].elementCount
    rows = shape[first...last].elementCount
    inner = shape[(last + 1)...].elementCount
    guard (2...Self.mostInner).contains(inner) else { return nil }
    each = ck_fold_rows(rows, inner)
    if each < 8 || each == rows || rows % each != 0 { return nil }
  }

  /// The blocks of one outer index.
  var blocks: Int { rows / each }
}
