/// The nodes below some roots, and the roots, each once and after its inputs.
///
/// `inputs` gives the inputs of a node that are to be walked, or nil to leave the node out with all below it. Works in a
/// loop: recursion would overflow the stack on deep graphs.
func postOrder(_ roots: [Node], inputs: (Node) -> [Node]?) -> [(node: Node, inputs: [Node])] {
  var order: [(node: Node, inputs: [Node])] = []
  var seen: Set<ObjectIdentifier> = []
  var stack: [(node: Node, inputs: [Node], next: Int)] = []
  func visit(_ node: Node) {
    guard seen.insert(ObjectIdentifier(node)).inserted, let below = inputs(node) else { return }
    stack.append((node, below, 0))
  }
  for root in roots {
    visit(root)
    while let top = stack.last {
      if top.next < top.inputs.count {
        stack[stack.count - 1].next += 1
        visit(top.inputs[top.next])
      } else {
        stack.removeLast()
        order.append((top.node, top.inputs))
      }
    }
  }
  return order
}
