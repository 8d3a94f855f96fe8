/// Rewrites the products of a trace so that fast weights stay factored where that is cheaper.
///
/// After an inner step a weight is θ − α · xᵀ · δ, of no higher rank than the support set has examples. Two rules, applied
/// where they cost less, keep every task's weights from being written out:
///
/// - x′ · (θ − α · xᵀ · δ) = x′ · θ − α · (x′ · xᵀ) · δ, so that all tasks share one product with θ;
/// - the sum over tasks of x′ᵀ · δ′ is one product, with the tasks folded into the dimension that is summed over.
///
/// What neither rule touches keeps its bits; the rest stays the same but for rounding. Sums of products are computed in one place (`Primitive.products`).
struct FactoredProducts {
  /// The nodes of the trace, inputs first, and what each is applied to.
  private let order: [(node: Node, inputs: [Node])]
  private let inputs: [ObjectIdentifier: [Node]]
  private let readers: [ObjectIdentifier: [Reader]]
  /// The sums that nodes are.
  private var forms: [ObjectIdentifier: LinearForm] = [:]
  /// Nodes that are sums, but that others shall see as a whole.
  private var wholes: Set<ObjectIdentifier> = []
  private var built: [ObjectIdentifier: Tensor] = [:]
  private var products: [[Operand]: Tensor] = [:]

  /// The same results, computed another way. What does not depend on placeholders has been computed.
  static func rewrite(_ roots: [Node]) -> [Node] {
    var rewriting = FactoredProducts(roots)
    rewriting.findForms()
    return rewriting.build(roots)
  }

  // MARK: - What reads what

  /// How a node is used by another.
  private enum Reader {
    /// As a factor of a product with rows × inner × columns, `batch` times.
    case factor(ProductSize, isLeft: Bool)
    /// Summed over all axes before the matrix.
    case folded
    /// In a linear combination.
    case combined
    /// In a way that needs the numbers.
    case other
  }

  private init(_ roots: [Node]) {
    order = postOrder(roots) { $0.isSymbolic ? $0.plain.map { [$0] } ?? $0.inputs : [] }
    inputs = Dictionary(uniqueKeysWithValues: order.map { (ObjectIdentifier($0.node), $0.inputs) })
    let known = inputs
    var readers: [ObjectIdentifier: [Reader]] = [:]
    for (node, inputs) in order where !Self.isAlias(node) {
      for (place, input) in inputs.enumerated() {
        let (operand, isRepeated) = Self.operand(input, known)
        let reader = isRepeated ? .other : Self.reader(node, place, operand.node.shape)
        readers[ObjectIdentifier(operand.node), default: []].append(reader)
      }
    }
    for root in roots { readers[ObjectIdentifier(Self.operand(root, known).operand.node), default: []].append(.other) }
    self.readers = readers
  }

  private static func reader(_ node: Node, _ place: Int, _ shape: Shape) -> Reader {
    switch node.primitive {
    case .matmul: .factor(ProductSize(node), isLeft: place == 0)
    case .reduce(.sum, let axes) where shape.count > 2 && axes == Array(0..<(shape.count - 2)): .folded
    case .unary(.negate), .binary(.add), .binary(.subtract): .combined
    case .binary(.multiply): .combined
    case .binary(.divide) where place == 0: .combined
    default: .other
    }
  }

  // MARK: - Seeing through views

  /// Whether a node is another one seen differently.
  private static func isAlias(_ node: Node) -> Bool {
    if node.plain != nil { return true }
    if case .transpose(let axes) = node.primitive { return axes.count >= 2 && axes == lastTwoExchanged(axes.count) }
    return false
  }

  private static func lastTwoExchanged(_ rank: Int) -> [Int] { Array(0..<(rank - 2)) + [rank - 1, rank - 2] }

  /// What a node is a view of: transposed, or the same for all of a batch.
  private static func operand(_ node: Node, _ inputs: [ObjectIdentifier: [Node]]) -> (
    operand: Operand, isRepeated: Bool
  ) {
    var (node, isTransposed, isRepeated) = (node, false, false)
    while let input = inputs[ObjectIdentifier(node)]?.first {
      switch node.primitive {
      case _ where node.plain != nil: break
      case .transpose(let axes) where axes.count >= 2 && axes == lastTwoExchanged(axes.count): isTransposed.toggle()
      case .broadcast where input.shape.count >= 2 && input.shape.suffix(2) == node.shape.suffix(2): isRepeated = true
      default: return (Operand(node: node, isTransposed: isTransposed), isRepeated)
      }
      node = input
    }
    return (Operand(node: node, isTransposed: isTransposed), isRepeated)
  }

  private func operand(_ node: Node) -> Operand { Self.operand(node, inputs).operand }

  /// The sum that a node is, as others shall see it.
  private func seen(_ node: Node) -> LinearForm {
    let (operand, isRepeated) = Self.operand(node, inputs)
    let name = ObjectIdentifier(operand.node)
    guard !isRepeated, !wholes.contains(name), let form = forms[name] else {
      return LinearForm(terms: [LinearForm.Term(factors: [[operand]])])
    }
    return operand.isTransposed ? form.transposed : form
  }

  /// What a node multiplies by, if it is the same number everywhere.
  private func scale(_ node: Node) -> LinearForm.Scale? {
    var node = node
    while true {
      if case .constant(let value) = node.primitive { return LinearForm.Scale(number: value) }
      if node.shape.elementCount == 1 {
        if let view = node.view { return LinearForm.Scale(number: view.firstNumber(node.scalarType)) }
        return LinearForm.Scale(factors: [node])
      }
      switch node.primitive {
      case _ where node.plain != nil, .broadcast, .reshape:
        guard let input = (inputs[ObjectIdentifier(node)] ?? node.inputs).first else { fallthrough }
        node = input
      default:
        guard let view = node.view, view.strides?.allSatisfy({ $0 == 0 }) ?? false else { return nil }
        return LinearForm.Scale(number: view.firstNumber(node.scalarType))
      }
    }
  }

  // MARK: - Forms, and which are worth keeping

  private mutating func findForms() {
    for (node, inputs) in order where node.shape.count >= 2 && node.scalarType.isFloating && node.isSymbolic {
      guard let form = form(of: node, inputs), form.hasProduct, form.terms.count <= LinearForm.mostTerms else {
        continue
      }
      forms[ObjectIdentifier(node)] = form
      if isCheaperWhole(node, form) { wholes.insert(ObjectIdentifier(node)) }
    }
  }

  private func form(of node: Node, _ inputs: [Node]) -> LinearForm? {
    switch node.primitive {
    case .matmul: return product(inputs)
    case .unary(.negate): return seen(inputs[0]).scaled(by: LinearForm.Scale(number: -1))
    case .binary(.add): return seen(inputs[0]) + seen(inputs[1])
    case .binary(.subtract): return seen(inputs[0]) + seen(inputs[1]).scaled(by: LinearForm.Scale(number: -1))
    case .binary(.multiply):
      if let scale = scale(inputs[0]) { return seen(inputs[1]).scaled(by: scale) }
      return scale(inputs[1]).map { seen(inputs[0]).scaled(by: $0) }
    case .binary(.divide):
      // Dividing by a power of two is multiplying; by others it rounds differently.
      guard let scale = scale(inputs[1]), scale.factors.isEmpty, scale.number.significand == 1 else { return nil }
      return seen(inputs[0]).scaled(by: LinearForm.Scale(number: 1 / scale.number))
    case .reduce(.sum, let axes):
      let shape = inputs[0].shape
      guard shape.count > 2, axes == Array(0..<(shape.count - 2)) else { return nil }
      return seen(inputs[0]).folded(over: Array(shape.dropLast(2)))
    default: return nil
    }
  }

  /// The product of two nodes, distributed over the sum that one of them is.
  private func product(_ inputs: [Node]) -> LinearForm {
    let (x, y) = (operand(inputs[0]), operand(inputs[1]))
    let (left, right) = (seen(inputs[0]), seen(inputs[1]))
    if right.hasProduct {
      return LinearForm(
        terms: right.terms.map {
          LinearForm.Term(
            scale: $0.scale, factors: $0.isProduct ? [[x] + $0.factors[0], $0.factors[1]] : [[x], $0.factors[0]])
        }, isExact: false, isFactored: true)
    }
    if left.hasProduct {
      return LinearForm(
        terms: left.terms.map {
          LinearForm.Term(
            scale: $0.scale, factors: $0.isProduct ? [$0.factors[0], $0.factors[1] + [y]] : [$0.factors[0], [y]])
        }, isExact: false, isFactored: true)
    }
    return LinearForm(terms: [LinearForm.Term(factors: [[x], [y]])])
  }

  /// Whether a sum costs less when it is computed once than when each of its readers computes with its terms.
  private func isCheaperWhole(_ node: Node, _ form: LinearForm) -> Bool {
    let shape = node.shape
    let batch = shape.dropLast(2).reduce(1, *)
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    var (whole, factored) = (0.0, 0.0)
    var isMultiplied = false
    for reader in readers[ObjectIdentifier(node)] ?? [] {
      switch reader {
      case .other: return true
      case .combined: break
      case .folded:
        whole += ProductSize.passTime * Double(shape.elementCount)
        for term in form.terms where term.isProduct {
          factored += ProductSize(batch: 1, rows: rows, inner: batch * term.rank, columns: columns).time
        }
      case .factor(let size, let isLeft):
        isMultiplied = true
        whole += size.time
        for term in form.terms {
          // A factor that is the same for the whole batch makes one tall product.
          let isShared = term.factors.joined().allSatisfy { $0.node.shape.count == 2 } && !isLeft
          let own = isShared ? size.joined : size
          guard term.isProduct else {
            factored += own.time
            continue
          }
          let rank = term.rank
          if isLeft {
            factored += ProductSize(batch: size.batch, rows: rank, inner: size.inner, columns: size.columns).time
            factored += ProductSize(batch: size.batch, rows: size.rows, inner: rank, columns: size.columns).time
          } else {
            factored += ProductSize(batch: size.batch, rows: size.rows, inner: size.inner, columns: rank).time
            factored += ProductSize(batch: size.batch, rows: size.rows, inner: rank, columns: size.columns).time
          }
        }
      }
    }
    guard isMultiplied else { return false }
    for term in form.terms {
      whole += ProductSize.passTime * Double(shape.elementCount)
      if term.isProduct {
        whole += ProductSize(batch: batch, rows: rows, inner: term.rank, columns: columns).time
      }
    }
    // Small products cost more than their operations: their factors are packed, and they end in narrow tiles. Measured.
    return whole <= 1.6 * factored
  }

  // MARK: - The new trace

  private mutating func build(_ roots: [Node]) -> [Node] {
    var needed = Set(roots.map(ObjectIdentifier.init))
    for (node, inputs) in order.reversed() where needed.contains(ObjectIdentifier(node)) {
      guard let sum = adopted(node) else {
        for input in inputs { needed.insert(ObjectIdentifier(input)) }
        continue
      }
      for term in sum.terms {
        for operand in term.factors.joined() { needed.insert(ObjectIdentifier(operand.node)) }
        for factor in term.scale.factors { needed.insert(ObjectIdentifier(factor)) }
      }
    }
    for (node, inputs) in order where needed.contains(ObjectIdentifier(node)) {
      built[ObjectIdentifier(node)] = rebuilt(node, inputs)
    }
    return roots.map { tensor($0).node }
  }

  /// The sum as which a node is computed: where something is gained, or at least the bits stay the same.
  private func adopted(_ node: Node) -> LinearForm? {
    forms[ObjectIdentifier(node)].flatMap { $0.isExact || $0.isFactored ? $0 : nil }
  }

  private func tensor(_ node: Node) -> Tensor { built[ObjectIdentifier(node)] ?? Tensor(node) }

  private mutating func rebuilt(_ node: Node, _ inputs: [Node]) -> Tensor {
    guard let sum = adopted(node) else {
      let new = inputs.map { tensor($0) }
      if zip(new, inputs).allSatisfy({ $0.node === $1 }) { return Tensor(node) }
      if node.plain != nil { return new[0] }
      return Tensor(node.primitive, new, shape: node.shape, scalarType: node.scalarType)
    }
    var base: Tensor?
    var scales: [Double] = []
    var pairs: [Tensor] = []
    let leading = node.shape.dropLast(2)
    func repeated(_ tensor: Tensor) -> Tensor { tensor.broadcast(to: leading + tensor.shape.suffix(2)) }
    for term in sum.terms {
      var number = term.scale.number
      var factors: [Tensor] = []
      for factor in term.factors { factors.append(product(factor)) }
      // The smaller factor takes what has to be multiplied in.
      let smaller = factors.indices.min { factors[$0].count < factors[$1].count } ?? 0
      for scale in term.scale.factors {
        factors[smaller] = factors[smaller] * tensor(scale).reshaped([])
      }
      if factors.count == 1 {
        if number != 1 { factors[0] = factors[0] * number }
        number = 1
        let whole = repeated(factors[0])
        base = base.map { $0 + whole } ?? whole
      } else {
        scales.append(number)
        pairs += factors.map(repeated)
      }
    }
    if base == nil, scales == [1] { return matmul(pairs[0], pairs[1]) }
    return Tensor(
      .products(scales: scales, addsToFirst: base != nil), (base.map { [$0] } ?? []) + pairs, shape: node.shape,
      scalarType: node.scalarType)
  }

  /// A factor: one operand, or the product of several, which others may need too, perhaps transposed.
  private mutating func product(_ factors: [Operand]) -> Tensor {
    if factors.count == 1 { return factors[0].arranged(tensor(factors[0].node)) }
    if let known = products[factors] { return known }
    if let mirrored = products[Operand.transposed(factors)] { return mirrored.transposed() }
    let last = factors.count - 1
    let product = matmul(product(Array(factors[..<last])), product([factors[last]]))
    products[factors] = product
    return product
  }
}
