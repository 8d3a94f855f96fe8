/// A loop as a node of the graph: a body that was traced once and runs `steps` times.
///
/// Its inputs are the first carries, the stacked inputs of all steps, and what the body takes from outside. Its result is
/// a tuple, from which `Primitive.part` takes, in this order: the last carries; the stacked outputs of all steps; and,
/// where they are kept, the carries before each step, stacked (the histories), which the derivatives walk.
struct Scan: Hashable, Sendable {
  let body: ScanBody
  let steps: Int
  let keepsHistory: Bool

  var finals: Range<Int> { 0..<body.carries.count }
  var outputs: Range<Int> { finals.upperBound..<(finals.upperBound + body.outputs.count) }
  var histories: Range<Int> {
    outputs.upperBound..<(outputs.upperBound + (keepsHistory ? body.carries.count : 0))
  }

  /// The node of the loop over some inputs, which keeps its history if a transform may still walk it.
  func applied(to inputs: [Tensor], keepsHistory: Bool? = nil) -> Node {
    let keeps = keepsHistory ?? (self.keepsHistory || inputs.contains { $0.node.isWalkable })
    // A tuple has no numbers of its own. It counts as floating, so that the scopes of its inputs reach its parts.
    return .make(
      .scan(Scan(body: body, steps: steps, keepsHistory: keeps)), inputs.map(\.node), shape: [], scalarType: .float32)
  }

  /// A part of the tuple that `node` stands for.
  func part(_ index: Int, of node: Node) -> Tensor {
    let (last, stacked) = (body.next, body.outputs)
    let (shape, type): (Shape, ScalarType) =
      if finals.contains(index) {
        (last[index].shape, last[index].scalarType)
      } else if outputs.contains(index) {
        ([steps] + stacked[index - last.count].shape, stacked[index - last.count].scalarType)
      } else {
        (
          [steps] + last[index - outputs.upperBound].shape, last[index - outputs.upperBound].scalarType
        )
      }
    return Tensor(.part(index), [Tensor(node)], shape: shape, scalarType: type)
  }
}

/// One step of a loop as a graph of its own: it depends on its placeholders and on constants, on nothing else.
final class ScanBody: Sendable {
  /// Placeholders.
  let carries, slices, captures: [Node]
  /// The carries after the step, and what it gives out.
  let next, outputs: [Node]
  /// All nodes that depend on placeholders, and these, inputs first.
  let order: [(node: Node, inputs: [Node])]
  /// What the step computes: bodies that were traced apart are equal where this is.
  private let structure: Structure

  init(carries: [Node], slices: [Node], captures: [Node], next: [Node], outputs: [Node]) {
    (self.carries, self.slices, self.captures, self.next, self.outputs) = (carries, slices, captures, next, outputs)
    order = postOrder(next + outputs) { $0.isSymbolic ? $0.inputs : nil }
    structure = Structure(of: order, placeholders: carries + slices + captures, results: next + outputs)
  }

  var placeholders: [Node] { carries + slices + captures }

  /// The step on other tensors, one for each placeholder, as new nodes of the graph.
  func replay(_ given: [Tensor]) -> (next: [Tensor], outputs: [Tensor]) {
    var stand: [ObjectIdentifier: Node] = [:]
    for (placeholder, tensor) in zip(placeholders, given) { stand[ObjectIdentifier(placeholder)] = tensor.node }
    for (node, inputs) in order where stand[ObjectIdentifier(node)] == nil {
      let inputs = inputs.map { stand[ObjectIdentifier($0)] ?? $0 }
      stand[ObjectIdentifier(node)] =
        if case .scan(let inner) = node.primitive {
          inner.applied(to: inputs.map(Tensor.init))
        } else {
          .make(node.primitive, inputs, shape: node.shape, scalarType: node.scalarType)
        }
    }
    func tensor(_ node: Node) -> Tensor { Tensor(stand[ObjectIdentifier(node)] ?? node) }
    return (next.map(tensor), outputs.map(tensor))
  }

  /// Which carries and outputs depend on the placeholders that are `marked`, in any number of steps.
  func reached(from marked: [Bool], differentiably: Bool) -> (carries: [Bool], outputs: [Bool]) {
    var carried = Array(marked.prefix(carries.count))
    while true {
      var reached: Set<ObjectIdentifier> = []
      for (placeholder, isMarked) in zip(placeholders, carried + marked.dropFirst(carries.count))
      where isMarked && (placeholder.scalarType.isFloating || !differentiably) {
        reached.insert(ObjectIdentifier(placeholder))
      }
      for (node, inputs) in order
      where (node.passesDerivatives || !differentiably) && inputs.contains(where: { reached.contains(.init($0)) }) {
        reached.insert(ObjectIdentifier(node))
      }
      let grown = zip(carried, next).map { $0 || reached.contains(ObjectIdentifier($1)) }
      if grown == carried { return (carried, outputs.map { reached.contains(ObjectIdentifier($0)) }) }
      carried = grown
    }
  }

  /// Which placeholders the marked carries and outputs depend on, in any number of steps; marked carries among them.
  func leading(toCarries marked: [Bool], outputs markedOutputs: [Bool], differentiably: Bool) -> [Bool] {
    func passes(_ node: Node) -> Bool { node.passesDerivatives || !differentiably }
    var carried = marked
    while true {
      var leading: Set<ObjectIdentifier> = []
      for (node, isMarked) in zip(next + outputs, carried + markedOutputs) where isMarked && passes(node) {
        leading.insert(ObjectIdentifier(node))
      }
      for (node, inputs) in order.reversed() where leading.contains(ObjectIdentifier(node)) {
        for input in inputs where passes(input) { leading.insert(ObjectIdentifier(input)) }
      }
      let found = placeholders.map { leading.contains(ObjectIdentifier($0)) }
      let grown = zip(carried, found).map { $0 || $1 }
      if grown == carried { return grown + found.dropFirst(carries.count) }
      carried = grown
    }
  }
}

extension ScanBody: Hashable {
  static func == (a: ScanBody, b: ScanBody) -> Bool {
    a === b || a.carries.count == b.carries.count && a.slices.count == b.slices.count && a.structure == b.structure
  }
  func hash(into hasher: inout Hasher) { hasher.combine(structure) }
}

extension Node {
  fileprivate var passesDerivatives: Bool { scalarType.isFloating && primitive != .stopGradient }
}
