/// Computes the pending nodes below `roots`, and `roots`, in an order in which inputs come first.
///
/// A node is let go as soon as the last pending node that uses it has been computed; unless the program still holds a
/// tensor of it, its storage is free again for the nodes that follow.
func evaluatePending(_ roots: [Node]) {
  let roots = roots.filter(\.isPending)
  if roots.isEmpty { return }
  // Scheduled in a function of its own, so that nothing here holds a node beyond its last use.
  var work = schedule(roots)
  for position in work.order.indices {
    guard let node = work.order[position], let inputs = node.pendingInputs else { continue }
    let operands = inputs.map { input in
      guard let view = input.view else { stop(unreadable) }
      return (view: view, shape: input.shape, scalarType: input.scalarType)
    }
    node.publish(Computation.compute(node.primitive, operands, shape: node.shape, scalarType: node.scalarType))
    for input in inputs {
      guard let used = work.positions[ObjectIdentifier(input)] else { continue }
      work.uses[used] -= 1
      if work.uses[used] == 0 { work.order[used] = nil }
    }
    if work.uses[position] == 0 { work.order[position] = nil }
  }
}

private let unreadable = """
  a value was read inside a compiled function, where it is not known yet: return it from the function, or compute \
  with tensors only
  """

/// The pending nodes below `roots`, inputs first, how often the others use each, and where it is in the order.
private func schedule(_ roots: [Node]) -> (order: [Node?], uses: [Int], positions: [ObjectIdentifier: Int]) {
  let pending = postOrder(roots) { node in
    guard let inputs = node.pendingInputs else { return nil }
    if case .placeholder = node.primitive { stop(unreadable) }
    return inputs
  }
  var positions: [ObjectIdentifier: Int] = [:]
  positions.reserveCapacity(pending.count)
  for (position, step) in pending.enumerated() { positions[ObjectIdentifier(step.node)] = position }
  var uses = [Int](repeating: 0, count: pending.count)
  for (_, inputs) in pending {
    for input in inputs { if let used = positions[ObjectIdentifier(input)] { uses[used] += 1 } }
  }
  return (pending.map(\.node), uses, positions)
}
