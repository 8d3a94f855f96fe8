/// A `Codable` struct of layers and tensors: a model is a value.
///
/// ```swift
/// struct Regressor: Model {
///   var hidden: Dense
///   var output: Dense
///
///   init(key: RandomKey) {
///     hidden = Dense(1, 40, activation: .relu, key: key[0])
///     output = Dense(40, 1, key: key[1])
///   }
///
///   func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x)) }
/// }
/// ```
///
/// An adapted copy is another value of the same type, and so is a gradient; models add, subtract and scale.
public protocol Model: TensorTree {}

extension Model {
  /// The tensors that are trained, named by their path: `hidden.weight`.
  public var parameters: [(name: String, tensor: Tensor)] {
    leaves.filter(\.isTrainable).map { ($0.name, $0.tensor) }
  }

  /// The tensors that are not trained: buffers, and whole numbers.
  public var buffers: [(name: String, tensor: Tensor)] {
    leaves.filter { !$0.isTrainable }.map { ($0.name, $0.tensor) }
  }

  /// The number of trained numbers.
  public var parameterCount: Int { trainable.reduce(0) { $0 + $1.count } }

  /// The same model with a function applied to every parameter.
  public func mapParameters(_ transform: (Tensor) throws -> Tensor) rethrows -> Self { try mapTensors(transform) }

  /// The same model with its floating numbers, parameters and buffers, as another floating type: float64 to check,
  /// float32 to work.
  public func cast(to type: ScalarType) -> Self {
    guard type.isFloating else { stop("a model cannot be cast to \(type), which is not a floating type") }
    var tensors = leaves.map { $0.tensor.scalarType.isFloating ? $0.tensor.cast(to: type) : $0.tensor }[...]
    return replacingLeaves(from: &tensors)
  }

  // Arithmetic is that of the parameters; buffers are those of the model on the left.

  /// The sum of the parameters of two models of the same shapes.
  public static func + (a: Self, b: Self) -> Self { a.combined(with: b) { $0 + $1 } }
  /// The difference of the parameters of two models of the same shapes.
  public static func - (a: Self, b: Self) -> Self { a.combined(with: b) { $0 - $1 } }
  /// All parameters times −1.
  public static prefix func - (a: Self) -> Self { a.mapParameters { -$0 } }
  /// All parameters times a number.
  public static func * (a: Self, scale: Double) -> Self { a.mapParameters { $0 * scale } }
  /// All parameters times a number.
  public static func * (scale: Double, a: Self) -> Self { a * scale }
  /// All parameters divided by a number.
  public static func / (a: Self, scale: Double) -> Self { a.mapParameters { $0 / scale } }
  /// Adds the parameters of another model.
  public static func += (a: inout Self, b: Self) { a = a + b }
  /// Subtracts the parameters of another model.
  public static func -= (a: inout Self, b: Self) { a = a - b }

  private func combined(with other: Self, _ combine: (Tensor, Tensor) -> Tensor) -> Self {
    mapTensors(with: other) { own, others in
      // Broadcasting would make a model of shapes that neither has.
      guard own.shape == others[0].shape else {
        stop("models of one type do not match: a parameter of shape \(own.shape) meets one of \(others[0].shape)")
      }
      return combine(own, others[0])
    }
  }
}

extension TensorTree {
  /// Zeros in place of every trained tensor.
  public var zeros: Self { mapTensors { .zeros(like: $0) } }

  /// The square root of the sum of the squares of all trained numbers, a scalar; its derivative at 0 is 0.
  public var globalNorm: Tensor {
    let squares = trainable.map { square($0).sum() }
    guard var sum = squares.first else { return Tensor(0) }
    for next in squares.dropFirst() { sum += next.cast(to: sum.scalarType) }
    // Both branches are computed, and zero times an infinite derivative would be NaN: none passes through the first, and
    // the second does not see numbers whose root has derivatives that overflow.
    let isTiny = sum .< (sum.scalarType == .float64 ? 1e-200 : 1e-30)
    return select(isTiny, stopGradient(sqrt(sum)), sqrt(select(isTiny, .ones(like: sum), sum)))
  }
}

/// The gradient of a scalar function of a model by one part of it, chosen by a key path: `gradient(at: model, by: \.head)`.
///
/// The rest of the model counts as constant, and no work is done for its derivatives.
public func gradient<M: TensorTree, Part: TensorTree>(
  at model: M, by part: WritableKeyPath<M, Part>, of function: (M) throws -> Tensor
) rethrows -> Part {
  try gradient(at: model[keyPath: part]) { variable in
    var model = model
    model[keyPath: part] = variable
    return try function(model)
  }
}
