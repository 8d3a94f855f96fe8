// Operations that move numbers without changing them. Most only make another view of the same storage.

extension Tensor {
  /// The same elements, repeated along axes of size 1 and along new leading axes (NumPy's rules).
  public func broadcast(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    guard self.shape.broadcast(with: shape) == shape else {
      stop("broadcast: a tensor of shape \(self.shape) does not broadcast to \(shape)")
    }
    if case .constant(let value) = node.primitive { return .full(shape, value, scalarType) }
    // Of what is repeated already one repetition is made, so that its derivative is one sum; and axes of size 1 in front, or none,
    // make no difference to what is repeated, so that it is told to be the same.
    if let input = node.inputs.first.map(Tensor.init) {
      switch node.primitive {
      case .broadcast: return Tensor(.broadcast, [input], shape: shape, scalarType: scalarType)
      case .reshape where input.rank <= shape.count && input.shape.drop { $0 == 1 } == self.shape.drop { $0 == 1 }:
        return input.broadcast(to: shape)
      default: break
      }
    }
    return Tensor(.broadcast, [self], shape: shape, scalarType: scalarType)
  }

  /// The same elements in row-major order with other axes; one size may be −1, which stands for what is left.
  public func reshaped(_ shape: Shape) -> Tensor {
    var shape = shape
    if let open = shape.firstIndex(of: -1) {
      let known = shape.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
      guard known > 0, count % known == 0 else { stop("reshape: \(count) elements cannot be split as \(shape)") }
      shape[open] = count / known
    }
    guard shape.elementCount == count, shape.allSatisfy({ $0 >= 0 }) else {
      stop("reshape: a tensor of shape \(self.shape) has \(count) elements, which does not fit the shape \(shape)")
    }
    if shape == self.shape { return self }
    if case .constant(let value) = node.primitive { return .full(shape, value, scalarType) }
    return Tensor(.reshape, [self], shape: shape, scalarType: scalarType)
  }

  /// All elements along one axis.
  public func flattened() -> Tensor { reshaped([count]) }

  /// All axes but the first merged into one: a row per example.
  public func flattenedRows() -> Tensor { reshaped([shape.first ?? 1, shape.dropFirst().reduce(1, *)]) }

  /// Another axis of size 1 at a place.
  public func expandingAxis(at axis: Int) -> Tensor {
    let place = axis < 0 ? axis + rank + 1 : axis
    guard (0...rank).contains(place) else { stop("expandingAxis: there is no place \(axis) in the shape \(shape)") }
    var shape = shape
    shape.insert(1, at: place)
    return reshaped(shape)
  }

  /// Without an axis of size 1.
  public func squeezed(_ axis: Int) -> Tensor {
    let axis = shape.axis(axis, in: "squeezed")
    guard shape[axis] == 1 else { stop("squeezed: axis \(axis) of the shape \(shape) has not the size 1") }
    return reshaped(shape.removing(axes: [axis]))
  }

  /// The axes in another order: axis `i` of the result is axis `axes[i]` of this tensor.
  public func transposed(_ axes: [Int]) -> Tensor {
    let order = axes.map { shape.axis($0, in: "transposed") }
    guard order.sorted() == Array(0..<rank) else {
      stop("transposed: \(axes) does not name each of the \(rank) axes of the shape \(shape) once")
    }
    if order == Array(0..<rank) { return self }
    if case .transpose(let before) = node.primitive, let input = node.inputs.first {
      return Tensor(input).transposed(order.map { before[$0] })
    }
    return Tensor(.transpose(order), [self], shape: order.map { shape[$0] }, scalarType: scalarType)
  }

  /// The last two axes exchanged: the transpose of a matrix, or of each in a batch.
  public func transposed() -> Tensor {
    guard rank >= 2 else { stop("transposed: a tensor of shape \(shape) has fewer than two axes") }
    return transposed(Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }

  /// An axis moved to another place.
  public func movingAxis(_ from: Int, to: Int) -> Tensor {
    let (from, to) = (shape.axis(from, in: "movingAxis"), shape.axis(to, in: "movingAxis"))
    var order = Array(0..<rank)
    order.insert(order.remove(at: from), at: to)
    return transposed(order)
  }

  func slice(starts: [Int], strides: [Int], shape: Shape) -> Tensor {
    if shape == self.shape, strides.allSatisfy({ $0 == 1 }) { return self }
    return Tensor(.slice(starts: starts, strides: strides), [self], shape: shape, scalarType: scalarType)
  }

  func unslice(starts: [Int], strides: [Int], shape: Shape) -> Tensor {
    if shape == self.shape, strides.allSatisfy({ $0 == 1 }) { return self }
    return Tensor(.unslice(starts: starts, strides: strides), [self], shape: shape, scalarType: scalarType)
  }

  /// The elements with indices `range` along an axis.
  public func sliced(_ range: Range<Int>, axis: Int) -> Tensor {
    let axis = shape.axis(axis, in: "sliced")
    guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      stop("sliced: \(range) is not within axis \(axis) of the shape \(shape)")
    }
    var starts = [Int](repeating: 0, count: rank)
    starts[axis] = range.lowerBound
    var size = shape
    size[axis] = range.count
    return slice(starts: starts, strides: [Int](repeating: 1, count: rank), shape: size)
  }

  /// The elements of some axes in opposite order.
  public func reversed(_ axes: [Int]) -> Tensor {
    let axes = shape.axes(axes, in: "reversed")
    let starts = shape.indices.map { axes.contains($0) ? Swift.max(shape[$0] - 1, 0) : 0 }
    return slice(starts: starts, strides: shape.indices.map { axes.contains($0) ? -1 : 1 }, shape: shape)
  }

  /// Padded with a value: `widths[i]` elements before and after along axis `i`.
  public func padded(_ widths: [(before: Int, after: Int)], with value: Double = 0) -> Tensor {
    guard widths.count == rank, widths.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
      stop("padded: a tensor of shape \(shape) needs \(rank) pairs of widths, none negative; given were \(widths)")
    }
    let size = zip(shape, widths).map { $0 + $1.before + $1.after }
    let (starts, steps) = (widths.map(\.before), [Int](repeating: 1, count: rank))
    let padded = unslice(starts: starts, strides: steps, shape: size)
    guard value != 0 else { return padded }
    let isInside = Tensor.full(shape, 1, .bool).unslice(starts: starts, strides: steps, shape: size)
    return select(isInside, padded, padded.constant(value))
  }

  /// Every element repeated as often as `counts` says along each axis, the whole pattern one after the other.
  public func tiled(_ counts: [Int]) -> Tensor {
    guard counts.count == rank, counts.allSatisfy({ $0 >= 0 }) else {
      stop("tiled: a tensor of shape \(shape) needs \(rank) counts, none negative, not \(counts)")
    }
    // An axis for the copies in front of each axis that has some.
    let paired = zip(counts, shape).flatMap { $0 == 1 ? [$1] : [$0, $1] }
    let spread = reshaped(zip(counts, shape).flatMap { $0 == 1 ? [$1] : [1, $1] }).broadcast(to: paired)
    return spread.reshaped(zip(counts, shape).map(*))
  }
}

/// Tensors joined along an axis that they have; their other axes must agree.
public func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  guard let first = tensors.first else { stop("concatenate: there are no tensors to join") }
  if tensors.count == 1 { return first }
  let axis = first.shape.axis(axis, in: "concatenate")
  for (position, tensor) in tensors.enumerated() {
    guard tensor.rank == first.rank, tensor.shape.removing(axes: [axis]) == first.shape.removing(axes: [axis]) else {
      stop(
        "concatenate: the shape \(tensor.shape) at position \(position) differs from \(first.shape) beyond axis \(axis)"
      )
    }
    guard tensor.scalarType == first.scalarType else {
      stop("concatenate: \(tensor.scalarType) at position \(position) differs from \(first.scalarType)")
    }
  }
  var shape = first.shape
  shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
  return Tensor(.concatenate(axis: axis), tensors, shape: shape, scalarType: first.scalarType)
}

/// Tensors of one shape stacked along a new axis.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  concatenate(tensors.map { $0.expandingAxis(at: axis) }, axis: axis < 0 ? axis + (tensors.first?.rank ?? 0) + 1 : axis)
}
