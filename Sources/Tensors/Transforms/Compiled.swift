import CKernels

/// A function that is traced the first time it is called, and from then on run as a plan: without a graph, with every
/// intermediate array at a fixed place.
///
/// ```swift
/// let step = compiled { (model: Net, batch: Batch) in gradient(at: model) { loss($0, batch) } }
/// let descent = step(model, batch)
/// ```
///
/// It gives the bits of the plain function, unless products with sums of products (fast weights, θ − α · xᵀ · δ) cost less
/// when they are re-associated: then it is equal to rounding. Plans are kept by the shapes and scalar types of the
/// arguments' tensors and by their other values (such as an activation or a dropout rate), so another shape, or another
/// setting, is traced anew.
/// What the function takes from outside is fixed when it is traced: hand over what changes as an argument, random keys
/// too. Values cannot be read inside.
///
/// Called inside a transform, on what it differentiates or batches, it is the plain function, so it may be
/// differentiated, batched and nested; a gradient that is to be fast is taken inside. It may be called by several
/// threads.
///
/// Large products and passes over many numbers are shared by `workers` threads, by default one for each active core; the
/// results have the same bits for any number. `precision` is that of the products of convolutions.
public func compiled<each A: TensorTree, B: TensorTree>(
  workers: Int? = nil, precision: ProductPrecision = .full, _ function: @escaping @Sendable (repeat each A) -> B
) -> @Sendable (repeat each A) -> B {
  let plans = KeptPlans()
  let pool = workers.map { WorkerPool(workers: $0) } ?? .shared
  return { (argument: repeat each A) in
    var records: [TreeRecord] = []
    repeat records.append(TreeRecord(of: each argument, isNaming: false))
    let leaves = records.flatMap(\.leaves).map(\.tensor)
    guard !leaves.contains(where: { $0.node.isSymbolic || $0.node.isWalkable }) else {
      return function(repeat each argument)
    }
    let key = KeptPlans.Key(
      shapes: leaves.map(\.shape), types: leaves.map(\.scalarType), values: records.flatMap(\.settings))
    let plan = plans.plan(for: key) {
      var template: B?
      let program = Program(like: leaves, precision: precision) { placeholders in
        var rest = placeholders[...]
        let output = function(repeat (each argument).replacingLeaves(from: &rest))
        template = output
        return output.leaves.map(\.tensor)
      }
      return template.map { KeptPlans.Plan(program: program, template: TreeRecord(of: $0, isNaming: false)) }
    }
    guard let plan else { return function(repeat each argument) }
    var results = plan.program.run(leaves, on: pool)[...]
    return plan.template.rebuild(B.self, from: &results)
  }
}

/// The plans of a compiled function.
private final class KeptPlans: @unchecked Sendable {
  // @unchecked: the plans are only touched under the lock.
  struct Key: Hashable {
    var shapes: [Shape]
    var types: [ScalarType]
    var values: [String]
  }
  struct Plan {
    var program: Program
    /// What the function returned when it was traced; a run puts its tensors in.
    var template: TreeRecord
  }

  private let lock: UnsafeMutablePointer<ck_lock>
  private var plans: [Key: Plan] = [:]

  init() {
    lock = .allocate(capacity: 1)
    lock.initialize(to: ck_lock(word: 0))
  }

  deinit { lock.deallocate() }

  /// The plan for a key; two threads that meet a new key may both make it, and the first one is kept.
  func plan(for key: Key, make: () -> Plan?) -> Plan? {
    if let known = stored(key, or: nil) { return known }
    return make().flatMap { stored(key, or: $0) }
  }

  private func stored(_ key: Key, or new: Plan?) -> Plan? {
    ck_lock_acquire(lock)
    defer { ck_lock_release(lock) }
    if let known = plans[key] { return known }
    plans[key] = new
    return new
  }
}

extension RandomKey: TensorTree {
  /// The key's bits as a tensor (int32, [2]), so that a compiled function draws anew for each key that it is given.
  public var leaves: [TensorLeaf] { [TensorLeaf(name: "", tensor: tensor, isBuffer: true)] }

  public func replacingLeaves(from tensors: inout ArraySlice<Tensor>) -> RandomKey {
    guard let words = tensors.popFirst() else { stop("a random key was given no bits") }
    return RandomKey(traced: words)
  }
}
