/// A point or a direction in the plane: `x` to the right, `y` down.
struct Point: Equatable, Sendable {
  var x: Float
  var y: Float

  static func + (a: Point, b: Point) -> Point { Point(x: a.x + b.x, y: a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(x: a.x - b.x, y: a.y - b.y) }
  static func * (a: Point, factor: Float) -> Point { Point(x: a.x * factor, y: a.y * factor) }
}

/// A square grey image on which a round pen draws lines, antialiased by each pixel's distance from the line.
///
/// Only sums, products, quotients and square roots are used, which IEEE 754 rounds alike everywhere; so an image is the
/// same to the bit on every machine.
struct StrokeCanvas {
  /// The height and width in pixels; coordinates run from 0 to `size`, a pixel's centre lying at a half.
  let size: Int

  /// The ink of each pixel in `0...1`, row by row.
  private(set) var ink: [Float]

  init(size: Int) {
    self.size = size
    ink = [Float](repeating: 0, count: size * size)
  }

  /// Draws a smooth curve through `points`: a uniform Catmull–Rom spline whose end tangents point along the chord.
  mutating func drawCurve(through points: [Point], penRadius: Float) {
    guard points.count > 1 else { return }
    ink.withUnsafeMutableBufferPointer { ink in
      for index in 0..<points.count - 1 {
        let (p1, p2) = (points[index], points[index + 1])
        let p0 = index > 0 ? points[index - 1] : p1
        let p3 = index + 2 < points.count ? points[index + 2] : p2
        // About three pixels a piece: finer pieces look no smoother.
        let chord = p2 - p1
        let pieces = points.count == 2 ? 1 : 2 + Int((chord.x * chord.x + chord.y * chord.y).squareRoot() / 3)
        var last = p1
        for piece in 1...pieces {
          let t = Float(piece) / Float(pieces)
          let cubic = (p1 - p2) * 3 + p3 - p0
          let square = p0 * 2 - p1 * 5 + p2 * 4 - p3
          let next = p1 + ((p2 - p0) + (square + cubic * t) * t) * (t * 0.5)
          Self.drawLine(from: last, to: next, penRadius: penRadius, size: size, ink: ink)
          last = next
        }
      }
    }
  }

  /// Raises the ink of the pixels within reach of a line to what a pen of this radius leaves there.
  private static func drawLine(
    from a: Point, to b: Point, penRadius: Float, size: Int, ink: UnsafeMutableBufferPointer<Float>
  ) {
    let reach = penRadius + 0.5
    let limit = Float(size)
    // Bounds of the pixels whose centres may lie within reach, kept to the image before they become whole numbers.
    let left = Int(min(max(min(a.x, b.x) - reach, 0), limit))
    let right = Int(min(max(max(a.x, b.x) + reach + 0.5, 0), limit))
    let top = Int(min(max(min(a.y, b.y) - reach, 0), limit))
    let bottom = Int(min(max(max(a.y, b.y) + reach + 0.5, 0), limit))
    let direction = b - a
    let inverse = 1 / max(direction.x * direction.x + direction.y * direction.y, 1e-12)
    for row in top..<max(bottom, top) {
      let dy = Float(row) + 0.5 - a.y
      for column in left..<max(right, left) {
        let dx = Float(column) + 0.5 - a.x
        let along = min(max((dx * direction.x + dy * direction.y) * inverse, 0), 1)
        let (offX, offY) = (dx - along * direction.x, dy - along * direction.y)
        let square = offX * offX + offY * offY
        guard square < reach * reach else { continue }
        let amount = min(reach - square.squareRoot(), 1)
        let place = row * size + column
        if ink[place] < amount { ink[place] = amount }
      }
    }
  }
}
