/// The value of a function, whose derivatives compute it once more rather than keep what lies between point and value.
///
/// ```swift
/// gradient(at: model) { model in
///   let features = checkpoint(at: model.body) { body in body(images) }
///   return loss(model.head(features), labels)
/// }
/// ```
///
/// The value is that of the plain call, and so are the derivatives, to any order and in both directions; tensors that the
/// function takes from outside have derivatives too. It is a `scan` of one step that carries nothing.
public func checkpoint<each T: TensorTree, U: TensorTree>(
  at point: repeat each T, of function: (repeat each T) throws -> U
) rethrows -> U {
  var (leaves, template): ([Tensor], U?) = ([], nil)
  repeat leaves += (each point).leaves.map(\.tensor)
  let result = try scanTensors(leaves, steps: 1) { given, _ in
    var rest = given[...]
    let value = try function(repeat (each point).replacingLeaves(from: &rest))
    template = value
    return (given, value.leaves.map(\.tensor))
  }
  var rest = result.outputs.map { $0.reshaped(Array($0.shape.dropFirst())) }[...]
  guard let template else { preconditionFailure("the function has been called") }
  return template.replacingLeaves(from: &rest)
}
