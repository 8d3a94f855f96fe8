/// How pictures of any size and colour are made examples of one shape.
///
/// The largest part in the middle that has the wanted proportions is cut out and brought to the wanted size.
public struct ImagePreparation: Sendable, Codable, Equatable {
  /// What a pixel is.
  public enum Color: String, Sendable, Codable, CaseIterable {
    case grey
    case rgb
  }

  /// The height and the width of an example.
  public var size = 28
  public var color = Color.grey
  /// Whether dark becomes 1 and light 0, as for ink on paper.
  public var invert = false

  public init(size: Int = 28, color: Color = .grey, invert: Bool = false) {
    self.size = size
    self.color = color
    self.invert = invert
  }

  /// The number of channels of a pixel.
  public var channels: Int { color == .grey ? 1 : 3 }

  /// The shape of an example.
  public var exampleShape: [Int] { [size, size, channels] }

  /// The sizes that an example may have.
  public static let sizes = 8...512

  /// The bytes of a picture as an example, row by row, the channels of a pixel side by side.
  public func bytes(of image: DecodedImage) -> [UInt8] {
    let side = min(image.height, image.width)
    let (top, left) = ((image.height - side) / 2, (image.width - side) / 2)
    let resampler = Resampler(from: (side, side), to: (size, size), by: .antialiased)
    let source = color == .grey ? image.grey : image.pixels
    var result = [UInt8](repeating: 0, count: size * size * channels)
    for channel in 0..<channels {
      let plane = [UInt8](unsafeUninitializedCapacity: side * side) { buffer, initialized in
        for row in 0..<side {
          var place = ((top + row) * image.width + left) * channels + channel
          for column in 0..<side {
            buffer[row * side + column] = invert ? 255 - source[place] : source[place]
            place += channels
          }
        }
        initialized = side * side
      }
      let resized = [UInt8](unsafeUninitializedCapacity: size * size) { buffer, initialized in
        resampler.resample(plane, into: UnsafeMutableBufferPointer(rebasing: buffer[..<(size * size)]))
        initialized = size * size
      }
      for pixel in resized.indices { result[pixel * channels + channel] = resized[pixel] }
    }
    return result
  }

  /// A picture as an example [size, size, channels], with values from 0 to 1.
  public func tensor(of image: DecodedImage) -> Tensor {
    Tensor(bytes(of: image).map { Float($0) / 255 }, shape: exampleShape)
  }
}
