/// Long series made short enough to draw.
enum Thinning {
  /// The mean of the finite values around each value; where the value itself is not finite, NaN.
  ///
  /// Near the ends the window loses the side that has no values; half of it stays, enough to keep the line smooth.
  static func smoothed(_ values: [Double], window: Int) -> [Double] {
    var sums = [0.0]
    var counts = [0]
    for value in values {
      sums.append(sums[sums.count - 1] + (value.isFinite ? value : 0))
      counts.append(counts[counts.count - 1] + (value.isFinite ? 1 : 0))
    }
    return values.indices.map { index in
      guard values[index].isFinite else { return .nan }
      let (start, end) = (max(index - window / 2, 0), min(index + window / 2 + 1, values.count))
      return (sums[end] - sums[start]) / Double(counts[end] - counts[start])
    }
  }

  /// A line that looks the same with far fewer points: in each pixel column the first, lowest, highest and last.
  static func perPixel(_ points: [Canvas.Point]) -> [Canvas.Point] {
    guard points.count > 4 else { return points }
    var result: [Canvas.Point] = []
    var start = 0
    while start < points.count {
      let column = points[start].x.rounded(.down)
      var end = start
      var (lowest, highest) = (start, start)
      while end < points.count, points[end].x.rounded(.down) == column {
        if points[end].y < points[lowest].y { lowest = end }
        if points[end].y > points[highest].y { highest = end }
        end += 1
      }
      for index in Set([start, lowest, highest, end - 1]).sorted() { result.append(points[index]) }
      start = end
    }
    return result
  }
}
