/// How an image is brought to another size.
public enum Resampling: String, CaseIterable, Sendable, Codable {
  /// The pixel under the centre of each new pixel; what PIL's `NEAREST` takes, also for every 1-bit image.
  case nearest

  /// A triangle filter that widens with the reduction, as PIL's `BILINEAR` (Pillow, `Resample.c`) and so as
  /// torchvision's `Resize`; rounded to bytes once at the end, where PIL rounds after each axis.
  case antialiased
}

/// A resampling between two fixed sizes, prepared once for many images.
struct Resampler: Sendable {
  /// The new pixels along one axis as sums of old ones: a first old pixel and weights that add up to 1.
  private struct Axis: Sendable {
    var first: [Int] = []
    var weights: [[Float]] = []

    init(from old: Int, to new: Int, by resampling: Resampling) {
      let scale = Double(old) / Double(new)
      let filterScale = max(scale, 1)
      for position in 0..<new {
        let center = (Double(position) + 0.5) * scale
        switch resampling {
        case .nearest:
          first.append(min(Int(center), old - 1))
          weights.append([1])
        case .antialiased:
          let low = max(Int(center - filterScale + 0.5), 0)
          let high = min(Int(center + filterScale + 0.5), old)
          let triangle = (low..<high).map { max(1 - abs(Double($0) - center + 0.5) / filterScale, 0) }
          let total = triangle.reduce(0, +)
          first.append(low)
          weights.append(triangle.map { Float($0 / total) })
        }
      }
    }
  }

  private let oldWidth: Int
  private let oldHeight: Int
  private let columns: Axis
  private let rows: Axis

  /// The size of the new image in bytes.
  var newSize: Int { rows.first.count * columns.first.count }

  init(from old: (height: Int, width: Int), to new: (height: Int, width: Int), by resampling: Resampling) {
    oldWidth = old.width
    oldHeight = old.height
    rows = Axis(from: old.height, to: new.height, by: resampling)
    columns = Axis(from: old.width, to: new.width, by: resampling)
  }

  /// Writes the image `pixels`, row by row, in its new size to `output`.
  func resample(_ pixels: [UInt8], into output: UnsafeMutableBufferPointer<UInt8>) {
    precondition(pixels.count == oldWidth * oldHeight && output.count == newSize)
    let newWidth = columns.first.count
    pixels.withUnsafeBufferPointer { pixels in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: oldHeight * newWidth) { narrow in
        for column in 0..<newWidth {
          let first = columns.first[column]
          columns.weights[column].withUnsafeBufferPointer { weights in
            for row in 0..<oldHeight {
              var sum: Float = 0
              let place = row &* oldWidth &+ first
              for tap in weights.indices { sum += weights[tap] * Float(pixels[place &+ tap]) }
              narrow[row &* newWidth &+ column] = sum
            }
          }
        }
        for row in rows.first.indices {
          let first = rows.first[row]
          rows.weights[row].withUnsafeBufferPointer { weights in
            for column in 0..<newWidth {
              var sum: Float = 0
              for tap in weights.indices { sum += weights[tap] * narrow[(first &+ tap) &* newWidth &+ column] }
              output[row &* newWidth &+ column] = UInt8(min(max(sum, 0), 255).rounded())
            }
          }
        }
      }
    }
  }
}
