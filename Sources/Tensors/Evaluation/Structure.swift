/// What a graph computes: its operations, how they hang together, and what the tensors that it starts from are like.
///
/// Graphs of one structure are computed by one plan.
struct Structure: Hashable {
  /// What a graph starts from.
  struct Leaf: Hashable {
    var shape: Shape
    var scalarType: ScalarType
    /// As it lies, which the plan's kernels read; nil means densely.
    var strides: [Int]?
    /// Of numbers that belong to the structure: which node has them.
    var node: ObjectIdentifier?
  }

  /// In an order in which inputs come first. An input is the number of an operation, or, as `~number`, that of a leaf.
  private(set) var operations: [Program.Operation] = []
  private(set) var leaves: [Leaf] = []
  /// The results, as inputs are numbered.
  private(set) var results: [Int] = []

  /// The structure of pending nodes, inputs first, whose places are `positions`; and the numbers that they start from. Nil
  /// where another thread has computed some meanwhile, where they start from a tuple, or from nothing: constants are computed
  /// when a plan is made.
  static func of(_ nodes: [Node?], at positions: [ObjectIdentifier: Int], results: [Node]) -> (
    Structure, leaves: [View]
  )? {
    var structure = Structure()
    structure.operations.reserveCapacity(nodes.count)
    var leafNumbers: [ObjectIdentifier: Int] = [:]
    var views: [View] = []
    for node in nodes {
      guard let node, let inputs = node.pendingInputs else { return nil }
      var numbers: [Int] = []
      numbers.reserveCapacity(inputs.count)
      for input in inputs {
        let identity = ObjectIdentifier(input)
        if let number = positions[identity] ?? leafNumbers[identity] {
          numbers.append(number)
        } else {
          guard let view = input.view, view.parts.isEmpty else { return nil }
          leafNumbers[identity] = ~views.count
          numbers.append(~views.count)
          structure.leaves.append(Leaf(shape: input.shape, scalarType: input.scalarType, strides: view.strides))
          views.append(view)
        }
      }
      structure.operations.append(
        Program.Operation(primitive: node.primitive, inputs: numbers, shape: node.shape, scalarType: node.scalarType))
    }
    if views.isEmpty { return nil }
    structure.results = results.compactMap { positions[ObjectIdentifier($0)] }
    return (structure, views)
  }

  private init() {}

  /// The structure of a traced function. Constants belong to it; other numbers from outside are those of one node only.
  init(of order: [(node: Node, inputs: [Node])], placeholders: [Node], results: [Node]) {
    var numbers: [ObjectIdentifier: Int] = [:]
    for node in placeholders {
      numbers[ObjectIdentifier(node)] = ~leaves.count
      leaves.append(Leaf(shape: node.shape, scalarType: node.scalarType))
    }
    func number(_ node: Node) -> Int {
      if let known = numbers[ObjectIdentifier(node)] { return known }
      if case .constant = node.primitive {
        operations.append(
          Program.Operation(primitive: node.primitive, inputs: [], shape: node.shape, scalarType: node.scalarType))
        numbers[ObjectIdentifier(node)] = operations.count - 1
        return operations.count - 1
      }
      leaves.append(Leaf(shape: node.shape, scalarType: node.scalarType, node: ObjectIdentifier(node)))
      numbers[ObjectIdentifier(node)] = ~(leaves.count - 1)
      return ~(leaves.count - 1)
    }
    for (node, inputs) in order where numbers[ObjectIdentifier(node)] == nil {
      let inputs = inputs.map(number)
      numbers[ObjectIdentifier(node)] = operations.count
      operations.append(
        Program.Operation(primitive: node.primitive, inputs: inputs, shape: node.shape, scalarType: node.scalarType))
    }
    self.results = results.map(number)
  }
}
