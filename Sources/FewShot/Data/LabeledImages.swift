/// Images of one size with their classes, kept as one byte for each channel of a pixel.
///
/// As an example an image has shape `[height, width, channels]` and values from 0 to 1: of characters from 0 (background)
/// to 1 (ink), of pictures from dark to light.
public struct LabeledImages: LabeledDataset, Equatable {
  /// The number of rows of an image.
  public let height: Int

  /// The number of columns of an image.
  public let width: Int

  /// The number of channels of a pixel: 1 for grey, 3 for red, green and blue.
  public let channels: Int

  /// All images one after the other, row by row, the channels of a pixel side by side.
  public let pixels: [UInt8]

  public let classes: ClassLabels

  /// Images with their labels.
  ///
  /// - Parameters:
  ///   - pixels: `labels.count * height * width * channels` bytes, image by image and row by row.
  ///   - labels: the class of each image, in `0..<classNames.count`.
  /// - Throws: a ``UserError`` when the number of pixels does not fit or a label is out of range.
  public init(
    height: Int, width: Int, channels: Int = 1, pixels: [UInt8], labels: [Int32], classNames: [String]
  ) throws {
    guard height > 0, width > 0, channels > 0 else {
      throw UserError("images of \(height)x\(width) pixels: height and width must be positive")
    }
    let expected = labels.count * height * width * channels
    guard pixels.count == expected else {
      throw UserError(
        "\(labels.count) labels need \(labels.count) images of \(height)x\(width) = "
          + "\(expected) pixels, but there are \(pixels.count)")
    }
    let classes = try ClassLabels(labels, names: classNames)
    self.init(height: height, width: width, channels: channels, pixels: pixels, classes: classes)
  }

  /// Images whose parts are known to agree.
  init(height: Int, width: Int, channels: Int = 1, pixels: [UInt8], classes: ClassLabels) {
    precondition(pixels.count == classes.labels.count * height * width * channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
    self.classes = classes
  }

  public var exampleShape: [Int] { [height, width, channels] }

  public func copyExample(at index: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    let size = exampleSize
    precondition(buffer.count == size, "a buffer of \(buffer.count) values for an image of \(size)")
    pixels[index * size..<(index + 1) * size].withUnsafeBufferPointer { pixels in
      for pixel in 0..<size { buffer[pixel] = Float(pixels[pixel]) / 255 }
    }
  }

  /// The image at `index` row by row, `height * width * channels` values in `0...1`.
  public func image(at index: Int) -> [Float] { example(at: index) }

  /// The images with each class three times more, turned by a quarter, a half and three quarters (task augmentation:
  /// Santoro et al., 2016). A turned class has its name with `@90`, `@180` or `@270` after it.
  ///
  /// Throws a ``UserError`` where the images are not square.
  public func withQuarterTurns() throws -> LabeledImages {
    guard height == width else {
      throw UserError("Only square images can be turned by quarters; these are \(height)×\(width).")
    }
    let (size, area) = (exampleSize, height * width)
    var turned = [UInt8](repeating: 0, count: 4 * pixels.count)
    var plane = [UInt8](repeating: 0, count: area)
    for turns in 0..<4 {
      for image in 0..<count {
        for channel in 0..<channels {
          let own = [UInt8](
            unsafeUninitializedCapacity: area,
            initializingWith: { buffer, initialized in
              for pixel in 0..<area { buffer[pixel] = pixels[image * size + pixel * channels + channel] }
              initialized = area
            })
          own.withUnsafeBufferPointer { own in
            plane.withUnsafeMutableBufferPointer { rotate(own, size: height, turns: turns, into: $0) }
          }
          let start = turns * pixels.count + image * size + channel
          for pixel in 0..<area { turned[start + pixel * channels] = plane[pixel] }
        }
      }
    }
    let names = (0..<4).flatMap { turns in classNames.map { turns == 0 ? $0 : "\($0)@\(90 * turns)" } }
    let numbers = (0..<4).flatMap { turns in labels.map { $0 + Int32(turns * classCount) } }
    return LabeledImages(
      height: height, width: width, channels: channels, pixels: turned,
      classes: try ClassLabels(
        numbers, names: names, originals: Array(repeatElement(classes.originals, count: 4).joined())))
  }

  /// The images with each class once more, mirrored left to right, which has its name with `@mirror` after it.
  public func withMirrors() throws -> LabeledImages {
    let mirrored = [UInt8](unsafeUninitializedCapacity: pixels.count) { mirrored, initialized in
      pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<count * height {
          for column in 0..<width {
            let (to, from) = ((row * width + column) * channels, (row * width + width - 1 - column) * channels)
            for channel in 0..<channels { mirrored[to + channel] = pixels[from + channel] }
          }
        }
      }
      initialized = pixels.count
    }
    return LabeledImages(
      height: height, width: width, channels: channels, pixels: pixels + mirrored,
      classes: try ClassLabels(
        labels + labels.map { $0 + Int32(classCount) }, names: classNames + classNames.map { "\($0)@mirror" },
        originals: classes.originals + classes.originals))
  }

  /// The images of some classes, class by class; the classes are numbered anew in the order given.
  ///
  /// Throws a ``UserError`` when a class does not exist or is named twice.
  public func restricted(toClasses kept: some Sequence<Int>) throws -> LabeledImages {
    let (labels, indices) = try classes.restricted(to: Array(kept))
    let size = exampleSize
    var chosen: [UInt8] = []
    chosen.reserveCapacity(indices.count * size)
    for index in indices { chosen += pixels[index * size..<(index + 1) * size] }
    return LabeledImages(height: height, width: width, channels: channels, pixels: chosen, classes: labels)
  }
}
