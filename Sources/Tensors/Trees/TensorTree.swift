/// A value made of tensors: a tensor, an array of trees, or any `Codable` struct that holds some, such as a model.
///
/// The compiler writes a traversal of every such struct: its `Codable` conformance. Encoding with a special encoder
/// finds the tensors in order, each named by its coding path; decoding with a special decoder gives the same value with
/// other tensors in their places. So a struct only has to say `: TensorTree`:
///
/// ```swift
/// struct Line: TensorTree {
///   var slope = Tensor(0)
///   var intercept = Tensor(0)
/// }
/// let slope = gradient(at: Line()) { square($0.slope * x + $0.intercept - y).mean() }.slope
/// ```
public protocol TensorTree: Codable, Sendable {
  /// All tensors, in coding order.
  var leaves: [TensorLeaf] { get }
  /// The same value with the first tensors of `tensors`, which are taken from it, in place of its own.
  func replacingLeaves(from tensors: inout ArraySlice<Tensor>) -> Self
}

/// A tensor of a tree.
public struct TensorLeaf: Sendable {
  /// The coding path, joined by dots: `hidden.weight`. Empty for a tensor that is the whole tree.
  public var name: String
  /// The tensor.
  public var tensor: Tensor
  /// Whether it was wrapped as a `Buffer`.
  public var isBuffer: Bool
  /// Whether it belongs to a part that is `HeldInAdaptation`.
  public var isHeld = false

  /// Whether transforms differentiate by it and optimizers change it: a floating tensor that is not a buffer.
  public var isTrainable: Bool { !isBuffer && tensor.scalarType.isFloating }
}

/// A tensor of a model that is not trained, such as a fixed projection: `@Buffer var projection: Tensor`.
@propertyWrapper
public struct Buffer: Codable, Sendable {
  public var wrappedValue: Tensor

  public init(wrappedValue: Tensor) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    wrappedValue = try decoder.singleValueContainer().decode(Tensor.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

extension TensorTree {
  public var leaves: [TensorLeaf] { TreeRecord(of: self).leaves }

  public func replacingLeaves(from tensors: inout ArraySlice<Tensor>) -> Self {
    TreeRecord(of: self).rebuild(Self.self, from: &tensors)
  }

  /// The tensors that are trained, in coding order.
  public var trainable: [Tensor] { leaves.filter(\.isTrainable).map(\.tensor) }

  /// The same value with the first tensors of `tensors` in place of those that are trained.
  public func replacingTrainable(from tensors: inout ArraySlice<Tensor>) -> Self {
    var all = leaves.map { leaf in
      guard leaf.isTrainable else { return leaf.tensor }
      guard let next = tensors.popFirst() else { stop("a tree was given fewer tensors than it has") }
      return next
    }[...]
    return replacingLeaves(from: &all)
  }

  /// The same value with a function applied to each tensor that is trained.
  public func mapTensors(_ transform: (Tensor) throws -> Tensor) rethrows -> Self {
    var new = try trainable.map(transform)[...]
    return replacingTrainable(from: &new)
  }

  /// The same value with a function applied to each tensor that is trained and its counterparts in other trees.
  public func mapTensors(
    with others: Self..., transform: (Tensor, [Tensor]) throws -> Tensor
  ) rethrows -> Self {
    let (own, theirs) = (trainable, others.map(\.trainable))
    guard theirs.allSatisfy({ $0.count == own.count }) else {
      stop("trees with \(own.count) and \(theirs.map(\.count)) tensors do not match")
    }
    var new = try own.indices.map { i in try transform(own[i], theirs.map { $0[i] }) }[...]
    return replacingTrainable(from: &new)
  }
}

extension Tensor: TensorTree {
  public var leaves: [TensorLeaf] { [TensorLeaf(name: "", tensor: self, isBuffer: false)] }

  public var trainable: [Tensor] { scalarType.isFloating ? [self] : [] }

  public func replacingLeaves(from tensors: inout ArraySlice<Tensor>) -> Tensor {
    guard let next = tensors.popFirst() else { stop("a tree was given fewer tensors than it has") }
    return next
  }

  private enum CodingKeys: CodingKey { case shape, scalarType, values }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode([Int].self, forKey: .shape)
    let type = try container.decode(ScalarType.self, forKey: .scalarType)
    let values = try container.decode([Double].self, forKey: .values)
    let count = shape.reduce(1 as Int?) { count, size in
      guard let (product, overflows) = count?.multipliedReportingOverflow(by: size), !overflows else { return nil }
      return product
    }
    guard values.count == count, shape.allSatisfy({ $0 >= 0 }), shape.count <= Tensor.greatestRank else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "\(values.count) values do not fill the shape \(shape)")
    }
    if type == .int32, let wrong = values.first(where: { Int32(exactly: $0) == nil }) {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: "\(wrong) is not an int32")
    }
    self.init(values, shape: shape, type)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(scalarType, forKey: .scalarType)
    try container.encode(doubles, forKey: .values)
  }
}

extension Array: TensorTree where Element: TensorTree {
  public var leaves: [TensorLeaf] {
    enumerated().flatMap { index, element in
      element.leaves.map { leaf in
        TensorLeaf(
          name: leaf.name.isEmpty ? "\(index)" : "\(index).\(leaf.name)", tensor: leaf.tensor, isBuffer: leaf.isBuffer,
          isHeld: leaf.isHeld)
      }
    }
  }

  public func replacingLeaves(from tensors: inout ArraySlice<Tensor>) -> [Element] {
    map { $0.replacingLeaves(from: &tensors) }
  }
}
