// Choosing elements by position.

/// What may stand between the brackets of `x[…]`: an `Int`, a range, `.all`, `.newAxis`, or `.every(n)`.
public protocol TensorIndexing {
  var tensorIndex: TensorIndex { get }
}

/// One index of a subscript.
public enum TensorIndex: TensorIndexing, Sendable {
  /// One position, whose axis goes away; negative ones count from the end.
  case at(Int)
  /// From one position to before another, negative ones counted from the end; by a step.
  case range(from: Int?, to: Int?, by: Int)
  /// An axis of size 1 that the tensor does not have.
  case added

  public var tensorIndex: TensorIndex { self }
}

extension TensorIndexing where Self == TensorIndex {
  /// The whole axis.
  public static var all: TensorIndex { .range(from: nil, to: nil, by: 1) }
  /// Every n-th element of the axis.
  public static func every(_ step: Int) -> TensorIndex { .range(from: nil, to: nil, by: step) }
  /// A new axis of size 1.
  public static var newAxis: TensorIndex { .added }
}

extension Int: TensorIndexing {
  public var tensorIndex: TensorIndex { .at(self) }
}
extension Range<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(from: lowerBound, to: upperBound, by: 1) }
}
extension ClosedRange<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(from: lowerBound, to: upperBound + 1, by: 1) }
}
extension PartialRangeFrom<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(from: lowerBound, to: nil, by: 1) }
}
extension PartialRangeUpTo<Int>: TensorIndexing {
  public var tensorIndex: TensorIndex { .range(from: nil, to: upperBound, by: 1) }
}

extension Tensor {
  /// A part of the tensor: `x[0]`, `x[1..<3, .all]`, `x[.all, -1]`, `x[.every(2)]`. Axes not named are taken whole.
  public subscript<each Index: TensorIndexing>(_ index: repeat each Index) -> Tensor {
    var indices: [TensorIndex] = []
    repeat indices.append((each index).tensorIndex)
    return self[indices]
  }

  subscript(indices: [TensorIndex]) -> Tensor {
    var (starts, steps, sizes, result): ([Int], [Int], Shape, Shape) = ([], [], [], [])
    for index in indices {
      let axis = starts.count
      if case .added = index {
        result.append(1)
        continue
      }
      guard axis < rank else { stop("subscript: there are more indices than the \(rank) axes of the shape \(shape)") }
      let size = shape[axis]
      switch index {
      case .at(let position):
        let place = position < 0 ? position + size : position
        guard (0..<size).contains(place) else {
          stop("subscript: index \(position) is out of range for axis \(axis) of the shape \(shape)")
        }
        starts.append(place)
        steps.append(1)
        sizes.append(1)
      case .range(let from, let to, let by):
        guard by > 0 else { stop("subscript: the step along axis \(axis) must be positive, not \(by)") }
        let start = from.map { $0 < 0 ? $0 + size : $0 } ?? 0
        let end = to.map { $0 < 0 ? $0 + size : $0 } ?? size
        guard start >= 0, end <= size, start <= end else {
          stop("subscript: the range \(start)..<\(end) is not within axis \(axis) of the shape \(shape)")
        }
        starts.append(start)
        steps.append(by)
        sizes.append((end - start + by - 1) / by)
        result.append(sizes[axis])
      case .added: break
      }
    }
    for axis in starts.count..<rank {
      starts.append(0)
      steps.append(1)
      sizes.append(shape[axis])
      result.append(shape[axis])
    }
    return slice(starts: starts, strides: steps, shape: sizes).reshaped(result)
  }

  /// The slices with these indices (int32, any shape) along an axis; the axis is replaced by the indices' axes.
  public func gathered(_ indices: Tensor, axis: Int = 0) -> Tensor {
    let axis = shape.axis(axis, in: "gathered")
    guard indices.scalarType == .int32 else { stop("gathered: indices must be int32, not \(indices.scalarType)") }
    return gathered(indices, axis: axis, batch: 0)
  }

  /// The same for each element of the first `batch` axes, which tensor and indices have in common.
  func gathered(_ indices: Tensor, axis: Int, batch: Int) -> Tensor {
    let result = Array(shape[..<axis]) + indices.shape[batch...] + shape[(axis + 1)...]
    return Tensor(.gather(axis: axis, batch: batch), [self, indices], shape: result, scalarType: scalarType)
  }

  /// The transpose of gathering: zeros with `count` slices along an axis, to which the slices of this tensor are added
  /// at these indices.
  func scattered(_ indices: Tensor, axis: Int, count: Int, batch: Int = 0) -> Tensor {
    let result = Array(shape[..<axis]) + [count] + shape[(axis + indices.rank - batch)...]
    return Tensor(.scatterAdd(axis: axis, batch: batch), [self, indices], shape: result, scalarType: scalarType)
  }

  /// This tensor with the slices of `updates` added at these indices (int32) along an axis; repeated indices add up.
  public func scatterAdding(_ updates: Tensor, at indices: Tensor, axis: Int = 0) -> Tensor {
    let axis = shape.axis(axis, in: "scatterAdding")
    guard indices.scalarType == .int32 else { stop("scatterAdding: indices must be int32, not \(indices.scalarType)") }
    let expected = Array(shape[..<axis]) + indices.shape + Array(shape[(axis + 1)...])
    guard updates.shape == expected else {
      stop("scatterAdding: updates of shape \(updates.shape) were given where \(expected) is needed")
    }
    return self + updates.scattered(indices, axis: axis, count: shape[axis])
  }

  /// For each index (int32), a row of `classes` numbers: 1 at the index, 0 elsewhere. [..] → [.., classes].
  ///
  /// An index that is not in `0..<classes` ends the program, for it would give a row of zeros and so a wrong loss.
  public func oneHot(_ classes: Int, _ type: ScalarType = .float32) -> Tensor {
    // Taking rows of the identity checks the range on the way.
    Tensor.identity(classes, type).gathered(self)
  }
}
