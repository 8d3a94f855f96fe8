/// Where the numbers of an array lie: in which buffer, and how.
///
/// Broadcasting, transposing, slicing and most reshapes only give another location in the same buffer.
struct Location: Sendable {
  /// The number of the buffer.
  var buffer: Int
  /// Of the first element, in elements.
  var offset = 0
  /// Elements between neighbours along each axis; nil means dense.
  var strides: [Int]?
  var shape: Shape
  var scalarType: ScalarType
  /// Of a tuple; nil for those that are not computed.
  var parts: [Location?] = []

  /// The strides, given out for dense arrays too.
  var allStrides: [Int] { strides ?? shape.denseStrides }

  var isDense: Bool { strides == nil || strides == shape.denseStrides }

  /// Whether the elements at one place of the first axes lie densely, wherever others do.
  func isDense(from axis: Int) -> Bool { strides == nil || strides?[axis...] == shape.denseStrides[axis...] }

  private func moved(offset: Int? = nil, strides: [Int]?, shape: Shape) -> Location {
    Location(buffer: buffer, offset: offset ?? self.offset, strides: strides, shape: shape, scalarType: scalarType)
  }

  func broadcast(to shape: Shape) -> Location {
    var strides = [Int](repeating: 0, count: shape.count)
    let own = allStrides
    let added = shape.count - own.count
    for axis in own.indices where self.shape[axis] != 1 { strides[added + axis] = own[axis] }
    return moved(strides: strides, shape: shape)
  }

  func transposed(_ axes: [Int]) -> Location {
    let own = allStrides
    return moved(strides: axes.map { own[$0] }, shape: axes.map { shape[$0] })
  }

  func sliced(starts: [Int], steps: [Int], shape: Shape) -> Location {
    let own = allStrides
    return moved(
      offset: offset + zip(starts, own).reduce(0) { $0 + $1.0 * $1.1 }, strides: zip(own, steps).map(*), shape: shape)
  }

  /// The same elements in row-major order with another shape; nil where only a copy can have it.
  func reshaped(to newShape: Shape) -> Location? {
    guard let strides else { return moved(strides: nil, shape: newShape) }
    guard shape.elementCount > 0 else { return nil }
    var result = [Int](repeating: 0, count: newShape.count)
    let old = shape.indices.filter { shape[$0] != 1 }
    var (i, j) = (0, 0)
    while i < old.count || j < newShape.count {
      if j < newShape.count, newShape[j] == 1 {
        j += 1
        continue
      }
      // A group of old axes and a group of new ones with the same product; the old ones must lie evenly.
      var (iEnd, jEnd) = (i + 1, j + 1)
      var (oldProduct, newProduct) = (shape[old[i]], newShape[j])
      while oldProduct != newProduct {
        if oldProduct < newProduct {
          oldProduct *= shape[old[iEnd]]
          iEnd += 1
        } else {
          newProduct *= newShape[jEnd]
          jEnd += 1
        }
      }
      for k in i..<(iEnd - 1) where strides[old[k]] != strides[old[k + 1]] * shape[old[k + 1]] { return nil }
      var step = strides[old[iEnd - 1]]
      for k in stride(from: jEnd - 1, through: j, by: -1) {
        result[k] = step
        step *= newShape[k]
      }
      (i, j) = (iEnd, jEnd)
    }
    return moved(strides: result, shape: newShape)
  }

  /// How the elements of the first axes lie, if they are `count` equal rows, or each row is some of them: how many axes these
  /// are, how many of their elements a row has, and whether all lie evenly, one step apart.
  private func leading(_ count: Int) -> (axes: Int, each: Int, isEven: Bool)? {
    var (axes, product) = (0, 1)
    while product % count != 0 || axes == 0 {
      guard axes < shape.count else { return nil }
      product *= shape[axes]
      axes += 1
    }
    let own = allStrides
    let long = (0..<axes).filter { shape[$0] != 1 }
    let isEven = zip(long, long.dropFirst()).allSatisfy { own[$0] == own[$1] * shape[$1] }
    return (axes, product / count, isEven)
  }

  /// The rows of a range, where the elements in order are `count` equal rows; nil where they do not lie evenly.
  func rows(_ range: Range<Int>, of count: Int) -> Location? {
    if range == 0..<count { return self }
    guard let (axes, each, isEven) = leading(count) else { return nil }
    let (start, end, last) = (range.lowerBound * each, range.upperBound * each, axes - 1)
    guard isEven || start / shape[last] == (end - 1) / shape[last] else { return nil }
    let own = allStrides
    var (offset, index, shape) = (self.offset, start, self.shape)
    for axis in (0..<axes).reversed() {
      offset += index % shape[axis] * own[axis]
      index /= shape[axis]
      shape[axis] = axis == last ? end - start : 1
    }
    guard var strides else { return moved(offset: offset, strides: nil, shape: shape) }
    strides.replaceSubrange(..<last, with: shape.denseStrides[..<last])
    return moved(offset: offset, strides: strides, shape: shape)
  }

  /// The elements between neighbours of `count` equal rows; nil where they do not lie evenly.
  func rowStride(_ count: Int) -> Int? {
    leading(count).flatMap { $0.isEven ? $0.each * allStrides[$0.axes - 1] : nil }
  }
}
