/// One image's values, row by row, the channels of a pixel side by side.
struct ImagePlane {
  var values: UnsafeBufferPointer<Float>
  var height: Int
  var width: Int
  var channels: Int

  /// A linear map of places, measured from the centre.
  struct Map {
    var rowByRow: Double
    var rowByColumn: Double
    var columnByRow: Double
    var columnByColumn: Double
  }

  /// Moves the image by whole pixels.
  func shift(down: Int, right: Int, into output: UnsafeMutableBufferPointer<Float>) {
    let rows = (0..<height).clamped(to: down..<down + height)
    let columns = (0..<width).clamped(to: right..<right + width)
    for row in rows where !columns.isEmpty {
      let source = ((row - down) * width + columns.lowerBound - right) * channels
      let start = (row * width + columns.lowerBound) * channels
      for offset in 0..<columns.count * channels { output[start + offset] = values[source + offset] }
    }
  }

  /// Without a call of the library, which `rounded(.down)` is where the processor need not have an instruction for it.
  private func roundedDown(_ place: Double) -> Int {
    let towardsZero = Int(place)
    return Double(towardsZero) > place ? towardsZero - 1 : towardsZero
  }

  /// Writes for each pixel what lies at the mapped place, between four pixels in proportion (bilinear).
  func warp(by map: Map, down: Int, right: Int, into output: UnsafeMutableBufferPointer<Float>) {
    let (middleRow, middleColumn) = (Double(height - 1) / 2, Double(width - 1) / 2)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (Double(row - down) - middleRow, Double(column - right) - middleColumn)
        let sourceRow = map.rowByRow * y + map.rowByColumn * x + middleRow
        let sourceColumn = map.columnByRow * y + map.columnByColumn * x + middleColumn
        guard sourceRow >= -1, sourceColumn >= -1, sourceRow < Double(height), sourceColumn < Double(width) else {
          continue
        }
        let (top, left) = (roundedDown(sourceRow), roundedDown(sourceColumn))
        let (below, beside) = (Float(sourceRow - Double(top)), Float(sourceColumn - Double(left)))
        let target = (row * width + column) * channels
        func add(_ weight: Float, of from: Int, _ across: Int) {
          guard from >= 0, from < height, across >= 0, across < width else { return }
          let source = (from * width + across) * channels
          for channel in 0..<channels { output[target + channel] += weight * values[source + channel] }
        }
        add((1 - below) * (1 - beside), of: top, left)
        add((1 - below) * beside, of: top, left + 1)
        add(below * (1 - beside), of: top + 1, left)
        add(below * beside, of: top + 1, left + 1)
      }
    }
  }
}
