/// A matrix, or a batch of matrices, as a sum: Σ cᵢ · Uᵢ · Vᵢ + Σ cⱼ · Pⱼ.
///
/// After an inner step a weight has this form, θ − α · xᵀ · δ, and so has the outer gradient of a task. Products with the
/// sum, and sums of it over tasks, are often cheaper than the sum itself (see `FactoredProducts`).
struct LinearForm {
  var terms: [Term]
  /// Whether computing the sum as it is written here gives the bits of the operations that it stands for.
  var isExact = true
  /// Whether a product has been distributed, or a sum over tasks folded.
  var isFactored = false

  struct Term {
    var scale = Scale()
    /// One: a matrix as it is. Two: a product, whose factors may themselves be products of operands, computed first.
    var factors: [[Operand]]

    var isProduct: Bool { factors.count == 2 }
    /// The dimension that a product sums over.
    var rank: Int { factors[0].last?.columns ?? 1 }
  }

  /// A known number times single-element tensors.
  struct Scale {
    var number = 1.0
    var factors: [Node] = []

    func times(_ other: Scale) -> Scale {
      Scale(number: number * other.number, factors: factors + other.factors)
    }
  }

  static let mostTerms = 24

  var hasProduct: Bool { terms.contains { $0.isProduct } }

  func scaled(by scale: Scale) -> LinearForm {
    let isSign = scale.factors.isEmpty && abs(scale.number) == 1
    let isOnce = terms.count == 1 && abs(terms[0].scale.number) == 1 && terms[0].scale.factors.isEmpty
    return LinearForm(
      terms: terms.map { Term(scale: $0.scale.times(scale), factors: $0.factors) },
      isExact: isExact && (isSign || (isOnce && scale.factors.isEmpty)), isFactored: isFactored)
  }

  static func + (x: LinearForm, y: LinearForm) -> LinearForm {
    let isPair = x.terms.count == 1 && y.terms.count == 1 && x.hasProduct != y.hasProduct
    return LinearForm(
      terms: x.terms + y.terms, isExact: x.isExact && y.isExact && isPair, isFactored: x.isFactored || y.isFactored)
  }

  /// The transposes of the matrices.
  var transposed: LinearForm {
    var result = self
    result.terms = terms.map { Term(scale: $0.scale, factors: $0.factors.reversed().map(Operand.transposed)) }
    return result
  }

  /// The sum over all axes before the matrices' own, given their sizes; nil where a term does not have them.
  func folded(over leading: Shape) -> LinearForm? {
    var result = LinearForm(terms: [], isExact: false, isFactored: true)
    for term in terms {
      guard term.isProduct, term.factors.allSatisfy({ $0.count == 1 }),
        let left = term.factors[0][0].foldedColumns(leading), let right = term.factors[1][0].foldedRows(leading)
      else { return nil }
      result.terms.append(Term(scale: term.scale, factors: [[left], [right]]))
    }
    return result
  }
}

/// A node as a factor of a product: as it is, with the axes before the matrix joined to one of its own, transposed.
struct Operand: Hashable {
  let node: Node
  var folding = Folding.none
  var isTransposed = false

  enum Folding { case none, rows, columns }

  static func == (x: Operand, y: Operand) -> Bool {
    x.node === y.node && x.folding == y.folding && x.isTransposed == y.isTransposed
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(node))
    hasher.combine(folding)
    hasher.combine(isTransposed)
  }

  var transposed: Operand { Operand(node: node, folding: folding, isTransposed: !isTransposed) }

  /// The transpose of a product of operands.
  static func transposed(_ factors: [Operand]) -> [Operand] { factors.reversed().map(\.transposed) }

  /// [batch.., rows, columns] as [rows, batch · columns].
  fileprivate func foldedColumns(_ leading: Shape) -> Operand? {
    guard folding == .none, Array(node.shape.dropLast(2)) == leading else { return nil }
    return Operand(node: node, folding: isTransposed ? .rows : .columns, isTransposed: isTransposed)
  }

  /// [batch.., rows, columns] as [batch · rows, columns].
  fileprivate func foldedRows(_ leading: Shape) -> Operand? { transposed.foldedColumns(leading)?.transposed }

  /// The shape after folding and transposing; axes before the matrix may be missing where all are the same.
  var shape: Shape {
    let (leading, rows, columns) = (node.shape.dropLast(2), node.shape[node.shape.count - 2], node.shape.last ?? 1)
    let count = leading.reduce(1, *)
    let shape: Shape =
      switch folding {
      case .none: node.shape
      case .rows: [count * rows, columns]
      case .columns: [rows, count * columns]
      }
    return isTransposed ? shape.dropLast(2) + [shape[shape.count - 1], shape[shape.count - 2]] : shape
  }

  var rows: Int { shape[shape.count - 2] }
  var columns: Int { shape[shape.count - 1] }

  /// The operand, made from the tensor of its node.
  func arranged(_ tensor: Tensor) -> Tensor {
    var result = tensor
    switch folding {
    case .none: break
    case .rows: result = tensor.reshaped([-1, tensor.shape[tensor.rank - 1]])
    case .columns: result = tensor.movingAxis(-2, to: 0).reshaped([tensor.shape[tensor.rank - 2], -1])
    }
    return isTransposed ? result.transposed() : result
  }
}
