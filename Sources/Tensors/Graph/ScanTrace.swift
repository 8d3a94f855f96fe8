/// The results of a loop over tensors.
struct ScanResult {
  let finals: [Tensor]
  /// Stacked along a new first axis.
  let outputs: [Tensor]
  /// The carries before each step, stacked; made when asked for.
  let history: (Int) -> Tensor
}

/// Traces a step once and makes the node of the loop.
///
/// What the step takes from outside becomes an input of the node, so that derivatives and batching reach it; what it
/// computes from that alone is computed once, before the loop. Carries that no step changes are taken from outside too.
///
/// - Parameters:
///   - initial: The first carries.
///   - inputs: For each input of a step, those of all steps, stacked.
///   - keepsHistory: Whether the carries before each step can be asked for; nil: if a transform may still walk the node.
///   - step: From carries and a step's inputs to the next carries, of the same shapes and types, and outputs.
func scanTensors(
  _ initial: [Tensor], over inputs: [Tensor] = [], steps: Int, keepsHistory: Bool? = nil,
  _ step: ([Tensor], [Tensor]) throws -> (next: [Tensor], outputs: [Tensor])
) rethrows -> ScanResult {
  let carries = initial.map { Node(.placeholder(0), [], shape: $0.shape, scalarType: $0.scalarType) }
  let slices = inputs.map { Node(.placeholder(0), [], shape: Array($0.shape.dropFirst()), scalarType: $0.scalarType) }
  let (next, outputs) = try step(carries.map(Tensor.init), slices.map(Tensor.init))
  precondition(zip(initial, next).allSatisfy { $0.shape == $1.shape && $0.scalarType == $1.scalarType })
  guard steps > 0 else {
    return ScanResult(
      finals: initial, outputs: outputs.map { .zeros([0] + $0.shape, $0.scalarType) },
      history: { .zeros([0] + initial[$0].shape, initial[$0].scalarType) })
  }

  var trace = ScanTrace(carries: carries, slices: slices, next: next.map(\.node), initial: initial.map(\.node))
  let body = trace.body(outputs: outputs.map(\.node))
  let changing = trace.changing
  guard !body.next.isEmpty || !outputs.isEmpty else {
    return ScanResult(finals: initial, outputs: [], history: { initial[$0].repeated(steps) })
  }
  let scan = Scan(body: body, steps: steps, keepsHistory: false)
  let given = changing.map { initial[$0] } + trace.readSlices.map { inputs[$0] } + trace.outside.map(Tensor.init)
  let node = scan.applied(to: given, keepsHistory: keepsHistory)
  guard case .scan(let made) = node.primitive else { preconditionFailure("a scan was made") }
  let place = Dictionary(uniqueKeysWithValues: changing.enumerated().map { ($1, $0) })
  return ScanResult(
    finals: initial.indices.map { carry in place[carry].map { made.part($0, of: node) } ?? initial[carry] },
    outputs: made.outputs.map { made.part($0, of: node) },
    history: { carry in
      place[carry].map { made.part(made.histories.lowerBound + $0, of: node) } ?? initial[carry].repeated(steps)
    })
}

extension Tensor {
  /// Stacked with itself along a new first axis.
  fileprivate func repeated(_ count: Int) -> Tensor { broadcast(to: [count] + shape) }
}

/// The graph of a step while it is made to stand on its own.
private struct ScanTrace {
  private let carries, slices, next: [Node]
  private let initial: [Node]
  /// The carries that the steps change, by number.
  let changing: [Int]
  /// The inputs of a step that are read, by number.
  private(set) var readSlices: [Int] = []
  /// What is taken from outside.
  private(set) var outside: [Node] = []
  private var captures: [Node] = []
  /// What stands for a node of the trace in the body.
  private var stand: [ObjectIdentifier: Node] = [:]

  init(carries: [Node], slices: [Node], next: [Node], initial: [Node]) {
    (self.carries, self.slices, self.next, self.initial) = (carries, slices, next, initial)
    changing = carries.indices.filter { carries[$0] !== next[$0] }
  }

  mutating func body(outputs: [Node]) -> ScanBody {
    let roots = changing.map { next[$0] } + outputs
    let order = postOrder(roots) { $0.isSymbolic ? $0.inputs : nil }
    let found = Set(order.map { ObjectIdentifier($0.node) })
    readSlices = slices.indices.filter { found.contains(ObjectIdentifier(slices[$0])) }
    let (changed, read) = (changing.map { carries[$0] }, readSlices.map { slices[$0] })
    for node in changed + read { stand[ObjectIdentifier(node)] = Self.placeholder(like: node) }
    // A carry that no step changes stands for its first value.
    for (carry, first) in zip(carries, initial) where stand[ObjectIdentifier(carry)] == nil {
      stand[ObjectIdentifier(carry)] = taken(first)
    }
    for (node, inputs) in order where stand[ObjectIdentifier(node)] == nil {
      // What no placeholder of this trace leads to is left outside.
      guard inputs.contains(where: { stand[ObjectIdentifier($0)] != nil }) else { continue }
      let inputs = inputs.map { inside($0) }
      stand[ObjectIdentifier(node)] = Node(node.primitive, inputs, shape: node.shape, scalarType: node.scalarType)
    }
    let (last, given) = (changing.map { inside(next[$0]) }, outputs.map { inside($0) })
    return ScanBody(
      carries: changed.compactMap { stand[ObjectIdentifier($0)] },
      slices: read.compactMap { stand[ObjectIdentifier($0)] },
      captures: captures, next: last, outputs: given)
  }

  private mutating func inside(_ node: Node) -> Node { stand[ObjectIdentifier(node)] ?? taken(node) }

  /// A node from outside: constants as they are, all others as placeholders.
  private mutating func taken(_ node: Node) -> Node {
    switch node.primitive {
    case .constant, .iota: return node
    default: break
    }
    if let known = outside.firstIndex(where: { $0 === node }) { return captures[known] }
    outside.append(node)
    captures.append(Self.placeholder(like: node))
    return captures[captures.count - 1]
  }

  private static func placeholder(like node: Node) -> Node {
    Node(.placeholder(0), [], shape: node.shape, scalarType: node.scalarType)
  }
}
