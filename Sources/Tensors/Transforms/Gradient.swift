// Reverse mode. Transforms take and return any `TensorTree`: a tensor, several, an array, or a model.

/// The gradient of a scalar function at a point: a tensor, several, an array of tensors, or a model.
///
/// ```swift
/// gradient(at: x) { sin($0).sum() }
/// gradient(at: w, b) { w, b in square(matmul(x, w) + b - y).mean() }
/// gradient(at: model) { meanSquaredError($0(x), y) }
/// ```
///
/// The result is made of tensors like any other, so a gradient can be taken of it again, to any order.
/// What is not trained (buffers, whole numbers) has a gradient of zeros.
public func gradient<each T: TensorTree>(
  at point: repeat each T, of function: (repeat each T) throws -> Tensor
) rethrows -> (repeat each T) {
  try valueAndGradient(at: repeat each point, of: function).gradient
}

/// The value of a scalar function and its gradient at a point.
public func valueAndGradient<each T: TensorTree>(
  at point: repeat each T, of function: (repeat each T) throws -> Tensor
) rethrows -> (value: Tensor, gradient: (repeat each T)) {
  let scope = Scope()
  defer { scope.close() }
  var variables = VariableList(scope: scope)
  let inner = (repeat variables.replaceTrainable(each point))
  let value = try function(repeat each inner)
  guard value.count == 1, value.scalarType.isFloating else {
    stop("gradient: the function must give one floating number; it gave \(value.scalarType) of shape \(value.shape)")
  }
  let tape = Tape(from: variables.nodes, to: [value.node], scope: scope)
  let slopes = tape.pullBack([(value.node, .ones(like: value))], to: variables.nodes)
  var cotangents = variables.filled(asGradient(slopes, at: variables.nodes, inside: scope))[...]
  return (value, (repeat (each point).derivative(from: &cotangents)))
}

/// The value of a function and its pullback, which maps a cotangent of the output to the cotangent of the input:
/// u ↦ uᵀ ∂f/∂x.
public func vjp<T: TensorTree, U: TensorTree>(
  at point: T, of function: (T) throws -> U
) rethrows -> (value: U, pullback: (U) -> T) {
  let scope = Scope()
  defer { scope.close() }
  var variables = VariableList(scope: scope)
  let value = try function(variables.replaceTrainable(point))
  let outputs = value.trainable.map(\.node)
  // The tape holds what the pullback walks, so that it can be called when the transform is long over.
  let tape = Tape(from: variables.nodes, to: outputs, scope: scope)
  let (filled, nodes) = (variables.filled, variables.nodes)
  return (
    value,
    { cotangent in
      let given = cotangent.trainable
      guard given.count == outputs.count, zip(given, outputs).allSatisfy({ $0.shape == $1.shape }) else {
        stop("vjp: the cotangent's shapes \(given.map(\.shape)) are not those of the value, \(outputs.map(\.shape))")
      }
      return point.derivative(filled(tape.pullBack(Array(zip(outputs, given)), to: nodes)))
    }
  )
}

/// The value of a function and its derivative along a tangent: ∂f/∂x · v (forward mode).
public func jvp<T: TensorTree, U: TensorTree>(
  at point: T, along tangent: T, of function: (T) throws -> U
) rethrows -> (value: U, tangent: U) {
  let scope = Scope()
  defer { scope.close() }
  var variables = VariableList(scope: scope)
  let value = try function(variables.replaceTrainable(point))
  let tangents = tangent.trainable
  guard tangents.count == variables.nodes.count, zip(tangents, variables.nodes).allSatisfy({ $0.shape == $1.shape })
  else {
    stop("jvp: the tangent's shapes \(tangents.map(\.shape)) are not the point's, \(variables.nodes.map(\.shape))")
  }
  let outputs = value.trainable
  let tape = Tape(from: variables.nodes, to: outputs.map(\.node), scope: scope)
  let moved = zip(tape.pushForward(tangents, to: outputs.map(\.node)), outputs).map { $0 ?? .zeros(like: $1) }
  return (value, value.derivative(moved))
}

/// The Hessian of a scalar function at a point times a vector: ∂²f/∂x² · v, forward over reverse, without the Hessian.
public func hessianVectorProduct<T: TensorTree>(
  at point: T, along vector: T, of function: (T) throws -> Tensor
) rethrows -> T {
  try jvp(at: point, along: vector) { try gradient(at: $0, of: function) }.tangent
}

/// The same value, through which no derivative passes.
public func stopGradient(_ x: Tensor) -> Tensor {
  Tensor(.stopGradient, [x], shape: x.shape, scalarType: x.scalarType)
}

/// The same tree, through whose tensors no derivative passes.
public func stopGradient<T: TensorTree>(_ tree: T) -> T { tree.mapTensors { stopGradient($0) } }

extension TensorTree {
  /// The same tree of derivatives: the first of `tensors` for what is trained, zeros for what is not.
  fileprivate func derivative(from tensors: inout ArraySlice<Tensor>) -> Self {
    var all = leaves.map { leaf in
      // There is one for each that is trained.
      leaf.isTrainable ? tensors.removeFirst() : .zeros(like: leaf.tensor)
    }[...]
    return replacingLeaves(from: &all)
  }

  fileprivate func derivative(_ tensors: [Tensor]) -> Self {
    var rest = tensors[...]
    return derivative(from: &rest)
  }
}

/// The variables that a transform puts in place of a point's trainable tensors.
private struct VariableList {
  let scope: Scope
  var nodes: [Node] = []

  init(scope: Scope) { self.scope = scope }

  mutating func replaceTrainable<T: TensorTree>(_ point: T) -> T {
    let new = point.trainable.map {
      Node(.variable, [$0.node], shape: $0.shape, scalarType: $0.scalarType, scope: scope)
    }
    nodes += new
    var tensors = new.map(Tensor.init)[...]
    return point.replacingTrainable(from: &tensors)
  }

  func filled(_ cotangents: [Tensor?]) -> [Tensor] {
    zip(cotangents, nodes).map { $0 ?? .zeros($1.shape, $1.scalarType) }
  }
}
