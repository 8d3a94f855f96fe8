#if canImport(CCairo)
  import CCairo
#endif

/// A PNG image as grey bytes.
struct PNGImage {
  /// The number of rows.
  let height: Int

  /// The number of columns.
  let width: Int

  /// The pixels row by row, 0 black and 255 white; colours are weighted by Rec. 601 and what is clear is black.
  let pixels: [UInt8]

  /// Decodes a PNG; `name` is said in the ``UserError`` thrown when the bytes are not one.
  init(_ bytes: [UInt8], name: String) throws {
    #if canImport(CCairo)
      let surface = bytes.withUnsafeBytes { input in
        var rest = input[...]
        return withUnsafeMutablePointer(to: &rest) { rest in
          cairo_image_surface_create_from_png_stream(
            { closure, data, length in
              let rest = closure?.assumingMemoryBound(to: Slice<UnsafeRawBufferPointer>.self)
              guard let rest, let data, rest.pointee.count >= length else { return CAIRO_STATUS_READ_ERROR }
              for (offset, byte) in rest.pointee.prefix(Int(length)).enumerated() { data[offset] = byte }
              rest.pointee = rest.pointee.dropFirst(Int(length))
              return CAIRO_STATUS_SUCCESS
            }, rest)
        }
      }
      defer { cairo_surface_destroy(surface) }
      let format = cairo_image_surface_get_format(surface)
      guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface),
        format == CAIRO_FORMAT_RGB24 || format == CAIRO_FORMAT_ARGB32
      else { throw UserError("\(name) is not a PNG image of 8 or fewer bits a channel, or is damaged") }
      height = Int(cairo_image_surface_get_height(surface))
      width = Int(cairo_image_surface_get_width(surface))
      let stride = Int(cairo_image_surface_get_stride(surface))
      pixels = [UInt8](unsafeUninitializedCapacity: height * width) { [height, width] buffer, initialized in
        for row in 0..<height {
          (data + row * stride).withMemoryRebound(to: UInt32.self, capacity: width) { line in
            for column in 0..<width {
              let (red, green, blue) = (line[column] >> 16 & 255, line[column] >> 8 & 255, line[column] & 255)
              buffer[row * width + column] = UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
            }
          }
        }
        initialized = height * width
      }
    #else
      throw UserError("\(name) cannot be decoded: this build has no cairo")
    #endif
  }
}
