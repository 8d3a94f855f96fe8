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

  /// Writes for each pixel what lies at the mapped place, between four pixels in proportion (bilinear).
  func warp(by map: Map, down: Int, right: Int, into output: UnsafeMutableBufferPointer<Float>) {
    let (middleRow, middleColumn) = (Double(height - 1) / 2, Double(width - 1) / 2)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (Double(row - down) - middleRow, Double(column - right) - middleColumn)
        let sourceRow = map.rowByRow * y + map.rowByColumn * x + middleRow
        let sourceColumn = map.columnByRow * y + map.columnByColumn * x + middleColumn
        let (top, left) = (sourceRow.rounded(.down), sourceColumn.rounded(.down))
        guard top >= -1, left >= -1, top < Double(height), left < Double(width) else { continue }
        let (below, beside) = (Float(sourceRow - top), Float(sourceColumn - left))
        let weights = [(1 - below) * (1 - beside), (1 - below) * beside, below * (1 - beside), below * beside]
        for corner in 0..<4 {
          let (from, across) = (Int(top) + corner / 2, Int(left) + corner % 2)
          guard from >= 0, from < height, across >= 0, across < width else { continue }
          let (target, source) = ((row * width + column) * channels, (from * width + across) * channels)
          for channel in 0..<channels { output[target + channel] += weights[corner] * values[source + channel] }
        }
      }
    }
  }
}
