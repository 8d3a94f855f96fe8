/// Random changes to images that keep their class.
public enum Augmentation {
  /// Images shifted by random whole pixels, each by its own amount of up to `limit` along both axes.
  ///
  /// Every shift in the square is as likely as another; pixels that come in from outside are 0. Image `i` depends on
  /// `key[i]` alone.
  ///
  /// - Parameter images: a whole number of images of `height * width * channels` values, one after the other.
  public static func shifted(
    _ images: [Float], height: Int, width: Int, channels: Int = 1, by limit: Int, key: RandomKey
  ) -> [Float] {
    let size = height * width * channels
    guard limit >= 0 else { stop("shifted: the limit must not be negative; given was \(limit)") }
    precondition(
      size > 0 && images.count % size == 0, "\(images.count) values are no whole number of \(height)x\(width) images")
    var result = [Float](repeating: 0, count: images.count)
    for image in 0..<images.count / size {
      var generator = key[image].makeGenerator()
      let down = generator.below(2 * limit + 1) - limit
      let right = generator.below(2 * limit + 1) - limit
      let rows = (0..<height).clamped(to: down..<down + height)
      let columns = (0..<width).clamped(to: right..<right + width)
      guard !columns.isEmpty else { continue }
      for row in rows {
        let start = image * size + row * width * channels
        let source = start - (down * width + right) * channels
        let (first, end) = (columns.lowerBound * channels, columns.upperBound * channels)
        result.replaceSubrange(start + first..<start + end, with: images[source + first..<source + end])
      }
    }
    return result
  }
}
