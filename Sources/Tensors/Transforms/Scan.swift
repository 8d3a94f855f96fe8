// Loops whose body is traced once, whatever the number of steps.

/// A function applied `steps` times: f(f(… f(`initial`))).
///
/// ```swift
/// let root = scan(Tensor(1), steps: 20) { x in 0.5 * (x + 2 / x) }
/// let fast = scan(model, steps: 100) { $0 - gradient(at: $0) { loss($0, support) } * 0.01 }
/// ```
///
/// The function is called once, and what it builds runs in a loop: the time to trace and to compile does not depend on the
/// steps. The loop is an operation like any other. It can be differentiated, to any order and in both directions,
/// batched by `vmap`, compiled and nested; tensors that the function takes from outside have derivatives too. For its
/// derivatives the loop keeps its state before each step (one copy of `initial`'s tensors a step), and nothing else: each
/// step is computed again on the way back.
///
/// The function must return what it was given, with other numbers: the same shapes, scalar types and settings. A key from
/// outside draws the same random numbers in each step; one that is carried along and split draws others.
public func scan<C: TensorTree>(_ initial: C, steps: Int, _ body: (C) throws -> C) rethrows -> C {
  try scan(initial, steps: steps) { carry in (try body(carry), [Tensor]()) }.carry
}

/// A function applied `steps` times, which also gives something out in each step.
///
/// The outputs are stacked: each tensor has the steps as a new first axis.
public func scan<C: TensorTree, Y: TensorTree>(
  _ initial: C, steps: Int, _ body: (C) throws -> (C, Y)
) rethrows -> (carry: C, outputs: Y) {
  guard steps >= 0 else { stop("scan: the steps must not be negative; given were \(steps)") }
  return try scan(initial, over: [Tensor](), steps: steps) { carry, _ in try body(carry) }
}

/// A function applied to each slice of `inputs` along the first axis in turn, from the carry of one step to that of the
/// next.
///
/// ```swift
/// let (total, sums) = scan(Tensor(0), over: x) { sum, x in (sum + x, sum + x) }   // the sum, and all partial sums
/// ```
///
/// Every tensor of `inputs` needs the steps as its first axis; the outputs are stacked in the same way.
public func scan<C: TensorTree, X: TensorTree, Y: TensorTree>(
  _ initial: C, over inputs: X, _ body: (C, X) throws -> (C, Y)
) rethrows -> (carry: C, outputs: Y) {
  let shapes = inputs.leaves.map(\.tensor.shape)
  guard let steps = shapes.first?.first, shapes.allSatisfy({ $0.first == steps }) else {
    stop("scan: every tensor of the inputs needs the steps as its first axis; the shapes are \(shapes)")
  }
  return try scan(initial, over: inputs, steps: steps, body)
}

private func scan<C: TensorTree, X: TensorTree, Y: TensorTree>(
  _ initial: C, over inputs: X, steps: Int, _ body: (C, X) throws -> (C, Y)
) rethrows -> (carry: C, outputs: Y) {
  let record = TreeRecord(of: initial)
  var (carried, given): (C, Y?) = (initial, nil)
  let result = try scanTensors(
    record.leaves.map(\.tensor), over: inputs.leaves.map(\.tensor), steps: steps
  ) { carry, slice in
    var (ofCarry, ofSlice) = (carry[...], slice[...])
    let (next, output) = try body(
      initial.replacingLeaves(from: &ofCarry), inputs.replacingLeaves(from: &ofSlice))
    (carried, given) = (next, output)
    let now = TreeRecord(of: next)
    let (before, after) = (kinds(record.leaves.map(\.tensor)), kinds(now.leaves.map(\.tensor)))
    guard before == after else { stop("scan: the body was given \(before), but returned \(after)") }
    guard record.settings == now.settings else {
      stop("scan: the body may change tensors only; it changed \(record.settings) to \(now.settings)")
    }
    return (now.leaves.map(\.tensor), output.leaves.map(\.tensor))
  }
  var (finals, outputs) = (result.finals[...], result.outputs[...])
  let carry = carried.replacingLeaves(from: &finals)
  guard let given else { preconditionFailure("the body has been called") }
  return (carry, given.replacingLeaves(from: &outputs))
}

private func kinds(_ tensors: [Tensor]) -> [String] { tensors.map { "\($0.scalarType) \($0.shape)" } }
