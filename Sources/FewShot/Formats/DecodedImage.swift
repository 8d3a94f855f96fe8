#if canImport(CCairo)
  import CCairo
#endif
#if canImport(CTurboJPEG)
  import CTurboJPEG
#endif

/// The pixels of a PNG or JPEG file.
public struct DecodedImage: Sendable, Equatable {
  /// The number of rows.
  public let height: Int

  /// The number of columns.
  public let width: Int

  /// Red, green and blue of each pixel, row by row, 0 dark and 255 light; what is clear is white.
  public let pixels: [UInt8]

  /// The most pixels that an image may have: what a damaged header claims shall not fill the memory.
  public static let mostPixels = 1 << 26

  /// Decodes a PNG or JPEG file; `name` is said in the ``UserError`` thrown when the bytes are neither, or are damaged.
  ///
  /// - Parameter mostPixels: how many pixels it may have.
  public init(_ bytes: [UInt8], name: String, mostPixels: Int = Self.mostPixels) throws {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      try self.init(png: bytes, name: name, mostPixels)
    } else if bytes.starts(with: [0xFF, 0xD8]) {
      try self.init(jpeg: bytes, name: name, mostPixels)
    } else {
      throw UserError("\(name) is neither a PNG nor a JPEG image")
    }
  }

  /// The same in grey, one byte a pixel: the colours weighted by Rec. 601.
  public var grey: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: height * width) { output, initialized in
      pixels.withUnsafeBufferPointer { pixels in
        for pixel in output.indices {
          let (red, green, blue) = (
            UInt32(pixels[3 * pixel]), UInt32(pixels[3 * pixel + 1]), UInt32(pixels[3 * pixel + 2])
          )
          output[pixel] = UInt8(truncatingIfNeeded: (299 &* red &+ 587 &* green &+ 114 &* blue &+ 500) / 1000)
        }
      }
      initialized = height * width
    }
  }

  /// Throws a ``UserError`` where a header claims more pixels than an image may have.
  private static func check(height: Int, width: Int, _ name: String, _ mostPixels: Int) throws {
    guard height > 0, width > 0, height <= mostPixels / width else {
      throw UserError("\(name) claims \(width)×\(height) pixels; an image may have \(mostPixels)")
    }
  }

  private init(png bytes: [UInt8], name: String, _ mostPixels: Int) throws {
    #if canImport(CCairo)
      func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
      // The header comes first: its length, its name, then width and height.
      guard bytes.count >= 24 else { throw UserError("\(name) is a damaged PNG image: it is cut off") }
      try Self.check(height: number(at: 20), width: number(at: 16), name, mostPixels)
      let surface = bytes.withUnsafeBytes { input in
        var rest = input[...]
        return withUnsafeMutablePointer(to: &rest) { rest in
          cairo_image_surface_create_from_png_stream(
            { closure, data, length in
              let rest = closure?.assumingMemoryBound(to: Slice<UnsafeRawBufferPointer>.self)
              guard let rest, let data, rest.pointee.count >= length else { return CAIRO_STATUS_READ_ERROR }
              UnsafeMutableRawBufferPointer(start: data, count: Int(length))
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.pointee.prefix(Int(length))))
              rest.pointee = rest.pointee.dropFirst(Int(length))
              return CAIRO_STATUS_SUCCESS
            }, rest)
        }
      }
      defer { cairo_surface_destroy(surface) }
      let format = cairo_image_surface_get_format(surface)
      guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface),
        format == CAIRO_FORMAT_RGB24 || format == CAIRO_FORMAT_ARGB32
      else { throw UserError("\(name) is a damaged PNG image, or one of more than 8 bits a channel") }
      let (height, width) = (Int(cairo_image_surface_get_height(surface)), Int(cairo_image_surface_get_width(surface)))
      let stride = Int(cairo_image_surface_get_stride(surface))
      self.height = height
      self.width = width
      pixels = [UInt8](unsafeUninitializedCapacity: 3 * height * width) { buffer, initialized in
        for row in 0..<height {
          (data + row * stride).withMemoryRebound(to: UInt32.self, capacity: width) { line in
            for column in 0..<width {
              // Colours are multiplied by their opacity; the rest is paper.
              let colors = line[column]
              let paper = format == CAIRO_FORMAT_ARGB32 ? 255 - (colors >> 24) : 0
              let place = 3 &* (row &* width &+ column)
              buffer[place] = UInt8(truncatingIfNeeded: min((colors >> 16 & 255) &+ paper, 255))
              buffer[place + 1] = UInt8(truncatingIfNeeded: min((colors >> 8 & 255) &+ paper, 255))
              buffer[place + 2] = UInt8(truncatingIfNeeded: min((colors & 255) &+ paper, 255))
            }
          }
        }
        initialized = 3 * height * width
      }
    #else
      throw UserError("\(name) cannot be decoded: this build has no cairo")
    #endif
  }

  private init(jpeg bytes: [UInt8], name: String, _ mostPixels: Int) throws {
    #if canImport(CTurboJPEG)
      guard let decoder = tjInitDecompress() else { throw UserError("\(name) cannot be decoded: no memory is left") }
      defer { tjDestroy(decoder) }
      func damaged() -> UserError {
        UserError("\(name) is a damaged JPEG image: \(String(cString: tjGetErrorStr2(decoder)))")
      }
      var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      let length = UInt(bytes.count)
      guard tjDecompressHeader3(decoder, bytes, length, &width, &height, &sampling, &colours) == 0 else {
        throw damaged()
      }
      try Self.check(height: Int(height), width: Int(width), name, mostPixels)
      let size = 3 * Int(height) * Int(width)
      var isDecoded = false
      pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
        // A file that is cut off gives the rows that it has and a warning, which counts as damage here.
        isDecoded =
          tjDecompress2(
            decoder, bytes, length, buffer.baseAddress, width, 0, height, Int32(TJPF_RGB.rawValue), TJFLAG_STOPONWARNING
          ) == 0
        initialized = isDecoded ? size : 0
      }
      if !isDecoded { throw damaged() }
      (self.height, self.width) = (Int(height), Int(width))
    #else
      throw UserError("\(name) cannot be decoded: this build has no libjpeg-turbo")
    #endif
  }
}
