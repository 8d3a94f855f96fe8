/// Turns the square image `pixels` by `turns` quarter turns counter-clockwise, as `numpy.rot90`, into `output`.
///
/// With one turn the right column becomes the top row.
func rotate(
  _ pixels: UnsafeBufferPointer<UInt8>, size: Int, turns: Int, into output: UnsafeMutableBufferPointer<UInt8>
) {
  precondition(pixels.count == size * size && output.count == size * size)
  let last = size - 1
  for row in 0..<size {
    for column in 0..<size {
      let source =
        switch turns & 3 {
        case 0: row * size + column
        case 1: column * size + last - row
        case 2: (last - row) * size + last - column
        default: (last - column) * size + row
        }
      output[row * size + column] = pixels[source]
    }
  }
}
