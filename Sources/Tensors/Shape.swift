/// The sizes of a tensor's axes, outermost first; a scalar's shape is empty.
public typealias Shape = [Int]

extension Collection where Element == Int {
  /// The number of elements: the product of the sizes.
  var elementCount: Int { reduce(1, *) }
}

extension Shape {
  /// The steps between neighbours along each axis when the elements lie densely, the last axis fastest.
  var denseStrides: [Int] {
    var strides = [Int](repeating: 1, count: count)
    for axis in stride(from: count - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * self[axis + 1] }
    return strides
  }

  /// The shape that both broadcast to by NumPy's rules, or nil where an axis differs and neither size is 1.
  func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let rank = Swift.max(count, other.count)
    var result = Shape(repeating: 1, count: rank)
    for axis in 0..<rank {
      let a = axis < rank - count ? 1 : self[axis - (rank - count)]
      let b = axis < rank - other.count ? 1 : other[axis - (rank - other.count)]
      guard a == b || a == 1 || b == 1 else { return nil }
      result[axis] = a == 1 ? b : a
    }
    return result
  }

  /// An axis counted from the front; a negative one counts from the end.
  func axis(_ axis: Int, in operation: String) -> Int {
    let positive = axis < 0 ? axis + count : axis
    guard positive >= 0, positive < count else {
      stop("\(operation): axis \(axis) is out of range for a tensor of shape \(self), which has \(count) axes")
    }
    return positive
  }

  /// Axes counted from the front, each at most once, in ascending order; nil means all of them.
  func axes(_ axes: [Int]?, in operation: String) -> [Int] {
    guard let axes else { return Array(indices) }
    let positive = axes.map { axis($0, in: operation) }.sorted()
    guard zip(positive, positive.dropFirst()).allSatisfy(<) else {
      stop("\(operation): the axes \(axes) name one axis twice")
    }
    return positive
  }

  func removing(axes: [Int]) -> Shape { indices.filter { !axes.contains($0) }.map { self[$0] } }

  func replacing(axes: [Int], with size: Int) -> Shape {
    var result = self
    for axis in axes { result[axis] = size }
    return result
  }
}
