/// Computes the pending nodes below `roots`, and `roots`, in an order in which inputs come first.
///
/// A node is let go as soon as the last pending node that uses it has been computed; unless the program still holds a
/// tensor of it, its storage is free again for the nodes that follow.
func evaluatePending(_ roots: [Node]) {
  let roots = roots.filter(\.isPending)
  if roots.isEmpty { return }
  var (order, uses) = schedule(roots)
  var positions: [ObjectIdentifier: Int] = [:]
  positions.reserveCapacity(order.count)
  for (position, node) in order.enumerated() { if let node { positions[ObjectIdentifier(node)] = position } }
  for position in order.indices {
    guard let node = order[position], let inputs = node.pendingInputs else { continue }
    let operands = inputs.map { input in
      guard let view = input.view else { stop(unreadable) }
      return (view: view, shape: input.shape, scalarType: input.scalarType)
    }
    node.publish(Computation.compute(node.primitive, operands, shape: node.shape, scalarType: node.scalarType))
    for input in inputs {
      guard let used = positions[ObjectIdentifier(input)] else { continue }
      uses[used] -= 1
      if uses[used] == 0 { order[used] = nil }
    }
    if uses[position] == 0 { order[position] = nil }
  }
}

private let unreadable = """
  a value was read inside a compiled function, where it is not known yet: return it from the function, or compute \
  with tensors only
  """

/// The pending nodes below `roots`, inputs first, and how often each is used by the others. Works in a loop, so that
/// deep graphs do not overflow the stack.
private func schedule(_ roots: [Node]) -> (order: [Node?], uses: [Int]) {
  var order: [Node?] = []
  var uses: [Int] = []
  var position: [ObjectIdentifier: Int] = [:]
  var stack: [(node: Node, inputs: [Node], next: Int)] = []

  func visit(_ node: Node, isUse: Bool) {
    if let seen = position[ObjectIdentifier(node)] {
      if isUse, seen >= 0 { uses[seen] += 1 }
      return
    }
    guard let inputs = node.pendingInputs else { return }
    if case .placeholder = node.primitive { stop(unreadable) }
    position[ObjectIdentifier(node)] = -1
    stack.append((node, inputs, 0))
  }

  for root in roots {
    visit(root, isUse: false)
    while let top = stack.last {
      if top.next < top.inputs.count {
        stack[stack.count - 1].next += 1
        visit(top.inputs[top.next], isUse: true)
      } else {
        stack.removeLast()
        position[ObjectIdentifier(top.node)] = order.count
        order.append(top.node)
        // The first use is the visit from the node below it on the stack; a root has none.
        uses.append(stack.isEmpty ? 0 : 1)
      }
    }
  }
  return (order, uses)
}
