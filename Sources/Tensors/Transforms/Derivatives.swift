// The derivative of every primitive, for both directions. Each is written in tensor operations, so it can itself be
// differentiated: gradients of gradients need nothing more.

extension Primitive {
  /// What a primitive's derivative may look at.
  struct Application {
    let inputs: [Tensor]
    let output: Tensor

    var x: Tensor { inputs[0] }
    var y: Tensor { inputs[1] }
  }

  /// Reverse: the cotangents of the inputs, given that of the output. Nil where an input has none, or is not `needed`.
  func pullBack(_ g: Tensor, _ at: Application, needed: [Bool]) -> [Tensor?] {
    switch self {
    case .source, .constant, .iota, .random, .placeholder: []
    case .stopGradient, .compare, .argument: at.inputs.map { _ in nil }
    case .variable: [g]
    // What is spread over all elements is doubled before.
    case .unary(.square): [(g * 2) * at.x]
    case .unary(let function): [Tensor.derivative(of: function, at: at.x, value: at.output).map { g * $0 }]
    case .binary(let function):
      {
        let derivatives = function.derivatives(at.x, at.y, at.output)
        return [
          needed[0] ? derivatives.byFirst().map { g * $0 } : nil,
          needed[1] ? derivatives.bySecond().map { g * $0 } : nil,
        ]
      }()
    case .select:
      [
        nil, needed[1] ? Tensors.select(at.x, g, g.constant(0)) : nil,
        needed[2] ? Tensors.select(at.x, g.constant(0), g) : nil,
      ]
    case .cast: [at.x.scalarType.isFloating ? g.cast(to: at.x.scalarType) : nil]
    case .broadcast: [g.summed(to: at.x.shape)]
    case .reshape: [g.reshaped(at.x.shape)]
    case .transpose(let axes): [g.transposed(axes.indices.map { axes.firstIndex(of: $0) ?? $0 })]
    case .slice(let starts, let strides): [g.unslice(starts: starts, strides: strides, shape: at.x.shape)]
    case .unslice(let starts, let strides): [g.slice(starts: starts, strides: strides, shape: at.x.shape)]
    case .concatenate(let axis):
      {
        var start = 0
        return zip(at.inputs, needed).map { input, isNeeded in
          defer { start += input.shape[axis] }
          return isNeeded ? g.sliced(start..<(start + input.shape[axis]), axis: axis) : nil
        }
      }()
    case .reduce(let function, let axes):
      {
        func spread(_ g: Tensor) -> Tensor {
          g.reshaped(at.x.shape.replacing(axes: axes, with: 1)).broadcast(to: at.x.shape)
        }
        guard let ties = function.ties(at.x, best: at.output, axes: axes) else { return [spread(g)] }
        return [ties * spread(g / ties.sum(axes))]
      }()
    case .matmul:
      [
        needed[0] ? Tensors.matmul(g, at.y.transposed()) : nil,
        needed[1] ? Tensors.matmul(at.x.transposed(), g) : nil,
      ]
    case .products: preconditionFailure("made after all transforms")
    case .convolution(let geometry, let form):
      {
        // All three are derivatives of one number, which is linear in each of three tensors.
        let (first, second) = form.others
        return [
          needed[0] ? geometry.apply(first, from: [second: at.y, form: g]) : nil,
          needed[1] ? geometry.apply(second, from: [first: at.x, form: g]) : nil,
        ]
      }()
    case .gather(let axis, let batch): [g.scattered(at.y, axis: axis, count: at.x.shape[axis], batch: batch), nil]
    case .scatterAdd(let axis, let batch): [g.gathered(at.y, axis: axis, batch: batch), nil]
    case .scan, .part, .gradient: preconditionFailure("the tape takes tuples apart")
    }
  }

  /// Forward: the tangent of the output, given those of the inputs (nil: zero). Nil where it is zero.
  func pushForward(_ tangents: [Tensor?], _ at: Application) -> Tensor? {
    switch self {
    case .source, .constant, .iota, .random, .placeholder, .stopGradient, .compare, .argument: return nil
    case .variable: return tangents[0]
    case .unary(let function):
      guard let t = tangents[0], let derivative = Tensor.derivative(of: function, at: at.x, value: at.output) else {
        return nil
      }
      return t * derivative
    case .binary(let function):
      let derivatives = function.derivatives(at.x, at.y, at.output)
      return sum(
        tangents[0].flatMap { t in derivatives.byFirst().map { t * $0 } },
        tangents[1].flatMap { t in derivatives.bySecond().map { t * $0 } })
    case .select:
      let zero = at.output.constant(0)
      if tangents[1] == nil, tangents[2] == nil { return nil }
      return Tensors.select(at.x, tangents[1] ?? zero, tangents[2] ?? zero)
    case .cast: return at.output.scalarType.isFloating ? tangents[0]?.cast(to: at.output.scalarType) : nil
    case .concatenate(let axis):
      if tangents.allSatisfy({ $0 == nil }) { return nil }
      return Tensors.concatenate(zip(tangents, at.inputs).map { $0 ?? $1.constant(0) }, axis: axis)
    case .reduce(let function, let axes):
      guard let t = tangents[0] else { return nil }
      guard let ties = function.ties(at.x, best: at.output, axes: axes) else { return t.sum(axes) }
      return (t * ties).sum(axes) / ties.sum(axes)
    case .matmul:
      return sum(tangents[0].map { Tensors.matmul($0, at.y) }, tangents[1].map { Tensors.matmul(at.x, $0) })
    case .convolution(let geometry, let form):
      let (first, second) = form.others
      return sum(
        tangents[0].map { geometry.apply(form, from: [first: $0, second: at.y]) },
        tangents[1].map { geometry.apply(form, from: [first: at.x, second: $0]) })
    case .products: preconditionFailure("made after all transforms")
    case .broadcast: return tangents[0]?.broadcast(to: at.output.shape)
    case .reshape: return tangents[0]?.reshaped(at.output.shape)
    case .transpose(let axes): return tangents[0]?.transposed(axes)
    case .slice(let starts, let strides):
      return tangents[0]?.slice(starts: starts, strides: strides, shape: at.output.shape)
    case .unslice(let starts, let strides):
      return tangents[0]?.unslice(starts: starts, strides: strides, shape: at.output.shape)
    case .gather(let axis, let batch): return tangents[0]?.gathered(at.y, axis: axis, batch: batch)
    case .scatterAdd(let axis, let batch):
      return tangents[0]?.scattered(at.y, axis: axis, count: at.output.shape[axis], batch: batch)
    case .scan, .part, .gradient: preconditionFailure("the tape takes tuples apart")
    }
  }

  private func sum(_ a: Tensor?, _ b: Tensor?) -> Tensor? {
    guard let a, let b else { return a ?? b }
    return a + b
  }
}
