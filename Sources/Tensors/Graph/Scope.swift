import CKernels

/// The extent of a running transform (`gradient`, `jvp`, …).
///
/// Nodes computed from a transform's variables must keep their inputs until it has walked them, even once they are
/// evaluated; all others forget their inputs, so that a training loop does not drag its history along. Scopes open and
/// close like brackets, so a node needs to remember only the outermost one it depends on, which closes last, and the
/// ordinal of the newest, which tells whether it can depend on a given scope at all.
final class Scope: @unchecked Sendable {
  // @unchecked: the only mutable state is the flag, which is read and written atomically.
  let ordinal: UInt64
  private let open: UnsafeMutablePointer<ck_lock>

  init() {
    ordinal = ck_next_ordinal()
    open = .allocate(capacity: 1)
    open.initialize(to: ck_lock(word: 1))
  }

  deinit { open.deallocate() }

  var isOpen: Bool { ck_flag_get(open) }

  func close() { ck_flag_set(open, false) }
}
