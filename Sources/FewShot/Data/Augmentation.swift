import Foundation

/// Random changes to images that keep their class, as a value: how far each may go, 0 for not at all.
///
/// ```swift
/// let augmentation = Augmentation(shift: 2, rotation: 15, scale: 0.1)
/// let sampler = try EpisodeSampler(characters, shape: shape, augmentation: augmentation)
/// ```
///
/// Image `i` of a batch depends on `key[i]` alone, so an episode of a key is the same whoever draws it.
public struct Augmentation: Hashable, Sendable, Codable {
  /// The most whole pixels that an image is moved along both axes, every shift in the square as likely as another.
  public var shift = 0
  /// The most degrees that it is turned about its centre, to either side.
  public var rotation = 0.0
  /// The most that it is made larger or smaller, as a share: with 0.1, by a factor from 0.9 to 1.1, for each axis its own.
  public var scale = 0.0
  /// The most that it is slanted: how many pixels to the side for one pixel down.
  public var shear = 0.0
  /// Whether one image in two is mirrored, left to right.
  public var flip = false
  /// The standard deviation of noise, nearly normal, that is added to each value.
  public var noise = 0.0
  /// The side, in pixels, of a square that is set to 0, its centre anywhere in the image (DeVries and Taylor, 2017).
  public var cutout = 0

  /// Changes that go as far as is said.
  public init(
    shift: Int = 0, rotation: Double = 0, scale: Double = 0, shear: Double = 0, flip: Bool = false, noise: Double = 0,
    cutout: Int = 0
  ) {
    (self.shift, self.rotation, self.scale, self.shear) = (shift, rotation, scale, shear)
    (self.flip, self.noise, self.cutout) = (flip, noise, cutout)
  }

  /// No change.
  public static let none = Augmentation()

  /// Whether nothing is changed.
  public var isNone: Bool { self == .none }

  /// What makes no sense about the settings; nil where nothing is wrong.
  public var mistake: String? {
    func outside(_ name: String, _ value: Double, _ range: ClosedRange<Double>) -> String? {
      range.contains(value)
        ? nil : "\(name) must be from \(range.lowerBound) to \(range.upperBound); given was \(value)."
    }
    if shift < 0 { return "shift must not be negative; given was \(shift)." }
    if cutout < 0 { return "cutout must not be negative; given was \(cutout)." }
    return outside("rotate", rotation, 0...180) ?? outside("scale", scale, 0...0.9) ?? outside("shear", shear, 0...2)
      ?? outside("noise", noise, 0...1e6)
  }

  /// The images, each changed in its own way; what comes in from outside is 0.
  ///
  /// - Parameter images: a whole number of images of `height * width * channels` values, one after the other.
  public func applied(
    to images: [Float], height: Int, width: Int, channels: Int = 1, key: RandomKey
  ) -> [Float] {
    if let mistake { stop("Augmentation: \(mistake)") }
    let size = height * width * channels
    precondition(
      size > 0 && images.count % size == 0, "\(images.count) values are no whole number of \(height)x\(width) images")
    guard !isNone else { return images }
    var result = [Float](repeating: 0, count: images.count)
    images.withUnsafeBufferPointer { images in
      result.withUnsafeMutableBufferPointer { result in
        for image in 0..<images.count / size {
          let range = image * size..<(image + 1) * size
          apply(
            to: ImagePlane(values: .init(rebasing: images[range]), height: height, width: width, channels: channels),
            writing: .init(rebasing: result[range]), key: key[image])
        }
      }
    }
    return result
  }

  private func apply(to image: ImagePlane, writing output: UnsafeMutableBufferPointer<Float>, key: RandomKey) {
    var generator = key.makeGenerator()
    let down = generator.below(2 * shift + 1) - shift
    let right = generator.below(2 * shift + 1) - shift
    let map = flip || rotation > 0 || scale > 0 || shear > 0 ? drawMap(&generator) : nil
    if let map {
      image.warp(by: map, down: down, right: right, into: output)
    } else {
      image.shift(down: down, right: right, into: output)
    }
    if noise > 0 {
      for index in output.indices { output[index] += Float(noise) * generator.normal() }
    }
    if cutout > 0 {
      let (row, column) = (generator.below(image.height), generator.below(image.width))
      let rows = (row - cutout / 2..<row - cutout / 2 + cutout).clamped(to: 0..<image.height)
      let columns = (column - cutout / 2..<column - cutout / 2 + cutout).clamped(to: 0..<image.width)
      for row in rows {
        let start = row * image.width
        for value in (start + columns.lowerBound) * image.channels..<(start + columns.upperBound) * image.channels {
          output[value] = 0
        }
      }
    }
  }

  /// Which place in the old image a place in the new one shows: the inverse of slanting, stretching, and turning.
  private func drawMap(_ generator: inout KeyedGenerator) -> ImagePlane.Map {
    func within(_ limit: Double) -> Double { limit == 0 ? 0 : generator.uniform(-limit..<limit) }
    let angle = within(rotation) * .pi / 180
    let (tall, wide) = (1 + within(scale), 1 + within(scale))
    let slant = within(shear)
    let mirrored = flip && generator.below(2) == 1
    let (sine, cosine) = (sin(angle), cos(angle))
    // Rows of turn × diag(tall, wide) × slant, inverted: first turn back, then shrink back, then slant back.
    let (rowByRow, rowByColumn) = (cosine / tall, -sine / tall)
    let (columnByRow, columnByColumn) = (sine / wide - slant * rowByRow, cosine / wide - slant * rowByColumn)
    let sign = mirrored ? -1.0 : 1.0
    return ImagePlane.Map(
      rowByRow: rowByRow, rowByColumn: rowByColumn, columnByRow: sign * columnByRow,
      columnByColumn: sign * columnByColumn)
  }
}
