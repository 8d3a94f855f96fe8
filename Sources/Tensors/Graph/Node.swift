import CKernels

/// A node of the graph: an operation, what it is applied to, and its value once computed.
///
/// Shape, scalar type and primitive never change. The inputs are forgotten when the value has been computed, unless a
/// transform still has to walk them (see `Scope`).
final class Node: @unchecked Sendable {
  // @unchecked: `heldInputs` and `heldView` are only touched under the node's lock, all else is immutable. Two threads
  // that evaluate one node compute the same value; the first to publish wins.
  let primitive: Primitive
  let shape: Shape
  let scalarType: ScalarType
  /// An upper bound of the length of the chain of pending nodes below this one.
  let depth: Int
  /// The outermost open transform that this node depends on.
  let scope: Scope?
  /// The ordinal of the newest transform that this node depends on, zero for none.
  let newestScope: UInt64
  /// Whether the node depends on a placeholder, and so has no value outside a plan.
  let isSymbolic: Bool

  /// Nil where the value is there from the start and there are no inputs: then nothing ever changes.
  private let lock: UnsafeMutablePointer<ck_lock>?
  private var heldInputs: [Node]
  private var heldView: View?

  /// A chain of pending work longer than this is evaluated as it is built, so that a loop that never reads a value
  /// keeps a bounded graph.
  static let longestPendingChain = 1024

  init(
    _ primitive: Primitive, _ inputs: [Node], shape: Shape, scalarType: ScalarType, view: View? = nil,
    scope: Scope? = nil
  ) {
    self.primitive = primitive
    self.shape = shape
    self.scalarType = scalarType
    heldInputs = inputs
    heldView = view
    if view != nil, inputs.isEmpty {
      lock = nil
    } else {
      let lock = UnsafeMutablePointer<ck_lock>.allocate(capacity: 1)
      lock.initialize(to: ck_lock(word: 0))
      self.lock = lock
    }

    var depth = 0
    var outermost = scope
    var newest = scope?.ordinal ?? 0
    var symbolic = if case .placeholder = primitive { true } else { false }
    // No derivative passes through these, so no transform will walk below them.
    let isDifferentiable = scalarType.isFloating && primitive != .stopGradient
    for input in inputs {
      symbolic = symbolic || input.isSymbolic
      if input.isPending, input.depth >= depth { depth = input.depth + 1 }
      guard isDifferentiable, let theirs = input.scope, theirs.isOpen else { continue }
      newest = max(newest, input.newestScope)
      if outermost.map({ theirs.ordinal < $0.ordinal }) ?? true { outermost = theirs }
    }
    self.depth = depth
    self.scope = outermost
    newestScope = outermost == nil ? 0 : newest
    isSymbolic = symbolic
  }

  /// Makes a node and evaluates it at once where the pending chain has grown long.
  static func make(_ primitive: Primitive, _ inputs: [Node], shape: Shape, scalarType: ScalarType) -> Node {
    let node = Node(primitive, inputs, shape: shape, scalarType: scalarType)
    if node.depth >= longestPendingChain, !node.isSymbolic { evaluatePending([node]) }
    return node
  }

  /// The computed value, or nil while it is pending.
  var view: View? {
    guard let lock else { return heldView }
    ck_lock_acquire(lock)
    defer { ck_lock_release(lock) }
    return heldView
  }

  /// What the operation is applied to; empty once forgotten.
  var inputs: [Node] {
    guard let lock else { return [] }
    ck_lock_acquire(lock)
    defer { ck_lock_release(lock) }
    return heldInputs
  }

  /// The inputs if the value is still pending, nil if it has been computed.
  var pendingInputs: [Node]? {
    guard let lock else { return nil }
    ck_lock_acquire(lock)
    defer { ck_lock_release(lock) }
    return heldView == nil ? heldInputs : nil
  }

  /// The node that this one only gives a meaning: transforms look at it, plans do not. Nil for all that compute something.
  var plain: Node? {
    let inputs = inputs
    switch primitive {
    case .variable, .stopGradient: return inputs.first
    case .part(let index):
      guard let tuple = inputs.first, case .gradient(let count) = tuple.primitive else { return nil }
      return tuple.inputs[count + index]
    default: return nil
    }
  }

  /// Whether a transform may still walk through this node.
  var isWalkable: Bool { scope?.isOpen ?? false }

  /// Whether the value is still to be computed.
  ///
  /// A node that was computed while a transform was running has kept its inputs for it. They are forgotten here, when
  /// the node is next used: state that each step of a training loop hands to the next would else hold all steps.
  var isPending: Bool { settle(nil) }

  /// Records the computed value and forgets the inputs if nobody will walk them.
  func publish(_ view: View) { _ = settle(view) }

  private func settle(_ view: View?) -> Bool {
    guard let lock else { return false }
    let keeps = isWalkable
    var forgotten: [Node] = []
    ck_lock_acquire(lock)
    if heldView == nil { heldView = view }
    let pending = heldView == nil
    if !pending, !keeps { swap(&forgotten, &heldInputs) }
    ck_lock_release(lock)
    // The forgotten are freed here, outside the lock: this may end the life of a long chain.
    return pending
  }

  deinit {
    lock?.deallocate()
    // A chain of nodes is freed in a loop: recursion would overflow the stack at some ten thousand.
    guard !heldInputs.isEmpty else { return }
    var orphans = heldInputs
    heldInputs = []
    while var node = orphans.popLast() {
      guard isKnownUniquelyReferenced(&node) else { continue }
      orphans.append(contentsOf: node.heldInputs)
      node.heldInputs = []
    }
  }
}
