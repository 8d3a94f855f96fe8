/// Computes the pending nodes below `roots`, and `roots`.
///
/// Graphs of a structure that has come before are computed by a plan (see `PlainPlans`), all others node by node. The
/// numbers are the same.
func evaluatePending(_ roots: [Node]) {
  let roots = roots.filter(\.isPending)
  if roots.isEmpty { return }
  // In a function of its own, so that nothing here holds a node beyond its last use.
  var work = PendingWork(roots)
  guard work.order.count >= PlainPlans.fewestOperations, let (structure, leaves) = work.structure(roots) else {
    return work.compute()
  }
  switch PlainPlans.shared.meet(structure) {
  case .new: work.compute()
  case .known:
    var held = Set(structure.results)
    work.compute { held.insert($0) }
    PlainPlans.shared.keep(structure, results: held)
  case .planned(let plan):
    plan.publish(leaves, to: work.order)
    let held = work.computeHeld()
    if !held.isEmpty { PlainPlans.shared.keep(structure, results: plan.results.union(held)) }
  }
}

/// Pending nodes, inputs first.
struct PendingWork {
  /// Nil once it has been let go.
  private(set) var order: [Node?]
  /// How often the others use each.
  private var uses: [Int]
  private let positions: [ObjectIdentifier: Int]

  private static let unreadable = """
    a value was read inside a compiled function, where it is not known yet: return it from the function, or compute \
    with tensors only
    """

  /// The pending nodes below `roots`, and these.
  init(_ roots: [Node]) {
    let pending = postOrder(roots) { node in
      guard let inputs = node.pendingInputs else { return nil }
      if case .placeholder = node.primitive { stop(Self.unreadable) }
      return inputs
    }
    var positions: [ObjectIdentifier: Int] = [:]
    positions.reserveCapacity(pending.count)
    for (position, step) in pending.enumerated() { positions[ObjectIdentifier(step.node)] = position }
    var uses = [Int](repeating: 0, count: pending.count)
    for (_, inputs) in pending {
      for input in inputs { if let used = positions[ObjectIdentifier(input)] { uses[used] += 1 } }
    }
    (order, self.uses, self.positions) = (pending.map(\.node), uses, positions)
  }

  /// What the nodes compute, and from what; nil where another thread has computed some, or where a leaf is a tuple.
  func structure(_ roots: [Node]) -> (Structure, leaves: [View])? {
    Structure.of(order, at: positions, results: roots)
  }

  /// Computes the nodes one by one.
  ///
  /// A node is let go as soon as the last one that uses it has been computed; unless the program still holds a tensor of it,
  /// its storage is free again for the nodes that follow. `onHeld` is told the others, by their positions.
  mutating func compute(onHeld: (Int) -> Void = { _ in }) {
    for position in order.indices {
      // In a function of its own, which holds the node's inputs no longer than it runs.
      for input in computeNode(at: position) {
        uses[input] -= 1
        if uses[input] == 0 { letGo(input, onHeld) }
      }
      if uses[position] == 0 { letGo(position, onHeld) }
    }
  }

  /// Gives the positions of its inputs.
  private func computeNode(at position: Int) -> [Int] {
    guard let node = order[position], let inputs = node.pendingInputs else { return [] }
    let operands = inputs.map { input in
      guard let view = input.view else { stop(Self.unreadable) }
      return (view: view, shape: input.shape, scalarType: input.scalarType)
    }
    node.publish(Computation.compute(node.primitive, operands, shape: node.shape, scalarType: node.scalarType))
    return inputs.compactMap { positions[ObjectIdentifier($0)] }
  }

  private mutating func letGo(_ position: Int, _ onHeld: (Int) -> Void) {
    if !isKnownUniquelyReferenced(&order[position]) { onHeld(position) }
    order[position] = nil
  }

  /// Computes those nodes that the program still holds and that no plan has computed; gives their positions.
  mutating func computeHeld() -> [Int] {
    var held: [Int] = []
    for position in order.indices.reversed() {
      // Those that use it have been let go before.
      if !isKnownUniquelyReferenced(&order[position]), let node = order[position], node.isPending {
        var rest = PendingWork([node])
        rest.compute()
        held.append(position)
      }
      order[position] = nil
    }
    return held
  }
}
