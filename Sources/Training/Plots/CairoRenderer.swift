#if canImport(CCairo)
  import CCairo

  /// The one place that speaks to cairo: it turns a canvas into the bytes of a PNG or an SVG.
  enum CairoRenderer {
    static func png(_ canvas: Canvas, scale: Double, path: String) throws -> [UInt8] {
      let (width, height) = ((canvas.width * scale).rounded(), (canvas.height * scale).rounded())
      guard width >= 1, height >= 1, width <= 32_000, height <= 32_000 else {
        throw UserError("The picture '\(path)' cannot be drawn: \(width) × \(height) pixels is not a size PNG allows.")
      }
      let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
      defer { cairo_surface_destroy(surface) }
      let context = cairo_create(surface)
      defer { cairo_destroy(context) }
      cairo_scale(context, scale, scale)
      draw(canvas, context)
      try check(cairo_status(context), path)
      let sink = ByteSink()
      try check(
        cairo_surface_write_to_png_stream(surface, ByteSink.receive, Unmanaged.passUnretained(sink).toOpaque()), path)
      return sink.bytes
    }

    static func svg(_ canvas: Canvas, path: String) throws -> [UInt8] {
      let sink = ByteSink()
      let surface = cairo_svg_surface_create_for_stream(
        ByteSink.receive, Unmanaged.passUnretained(sink).toOpaque(), canvas.width, canvas.height)
      defer { cairo_surface_destroy(surface) }
      cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
      let context = cairo_create(surface)
      defer { cairo_destroy(context) }
      draw(canvas, context)
      try check(cairo_status(context), path)
      cairo_surface_finish(surface)
      try check(cairo_surface_status(surface), path)
      return SVGNames.renumbered(sink.bytes)
    }

    /// The width of a text, measured on a scratch surface.
    static func textWidth(_ text: String, _ style: Canvas.TextStyle) -> Double {
      let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
      let context = cairo_create(surface)
      defer {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
      }
      return select(style, context, text)
    }

    private static func check(_ status: cairo_status_t, _ path: String) throws {
      guard status != CAIRO_STATUS_SUCCESS else { return }
      throw UserError("The picture '\(path)' cannot be drawn: \(String(cString: cairo_status_to_string(status))).")
    }

    private static func draw(_ canvas: Canvas, _ context: OpaquePointer?) {
      set(.white, context)
      cairo_paint(context)
      cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
      for mark in canvas.marks {
        switch mark {
        case .path(let points, let closed, let fill, let stroke):
          for point in points { cairo_line_to(context, point.x, point.y) }
          if closed { cairo_close_path(context) }
          paint(fill, stroke, context)
        case .rectangle(let rectangle, let radius, let fill, let stroke):
          trace(rectangle, radius, context)
          paint(fill, stroke, context)
        case .circle(let center, let radius, let fill, let stroke):
          cairo_new_sub_path(context)
          cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
          paint(fill, stroke, context)
        case .text(let text, let anchor, let style):
          draw(text, anchor, style, context)
        case .image(let image, let rectangle):
          draw(image, rectangle, context)
        case .clip(let rectangle):
          cairo_save(context)
          trace(rectangle, 0, context)
          cairo_clip(context)
        case .unclip:
          cairo_restore(context)
        }
      }
    }

    private static func set(_ color: PlotColor, _ context: OpaquePointer?) {
      cairo_set_source_rgba(context, color.red, color.green, color.blue, color.opacity)
    }

    private static func trace(_ box: Canvas.Rectangle, _ radius: Double, _ context: OpaquePointer?) {
      guard radius > 0 else { return cairo_rectangle(context, box.x, box.y, box.width, box.height) }
      cairo_new_sub_path(context)
      cairo_arc(context, box.right - radius, box.y + radius, radius, -.pi / 2, 0)
      cairo_arc(context, box.right - radius, box.bottom - radius, radius, 0, .pi / 2)
      cairo_arc(context, box.x + radius, box.bottom - radius, radius, .pi / 2, .pi)
      cairo_arc(context, box.x + radius, box.y + radius, radius, .pi, 1.5 * .pi)
      cairo_close_path(context)
    }

    private static func paint(_ fill: PlotColor?, _ stroke: Canvas.Stroke?, _ context: OpaquePointer?) {
      if let fill {
        set(fill, context)
        cairo_fill_preserve(context)
      }
      if let stroke {
        set(stroke.color, context)
        cairo_set_line_width(context, stroke.width)
        cairo_set_line_cap(context, stroke.dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
        cairo_stroke_preserve(context)
      }
      cairo_new_path(context)
    }

    /// Sets the font and returns the width of the text in it.
    private static func select(_ style: Canvas.TextStyle, _ context: OpaquePointer?, _ text: String) -> Double {
      cairo_select_font_face(
        context, "sans-serif", CAIRO_FONT_SLANT_NORMAL, style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
      cairo_set_font_size(context, style.size)
      // Unhinted letters have the same widths at every scale, so that what is measured is what is drawn.
      let options = cairo_font_options_create()
      cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
      cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
      cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
      cairo_set_font_options(context, options)
      cairo_font_options_destroy(options)
      var extents = cairo_text_extents_t()
      cairo_text_extents(context, text, &extents)
      return extents.x_advance
    }

    private static func draw(
      _ text: String, _ anchor: Canvas.Point, _ style: Canvas.TextStyle, _ context: OpaquePointer?
    ) {
      cairo_save(context)
      let width = select(style, context, text)
      cairo_translate(context, anchor.x, anchor.y)
      cairo_rotate(context, -style.turn * .pi / 180)
      let x: Double
      switch style.horizontal {
      case .left: x = 0
      case .center: x = -width / 2
      case .right: x = -width
      }
      // Capitals of a usual sans font are about 0.73 of its size high.
      let y: Double
      switch style.vertical {
      case .top: y = 0.73 * style.size
      case .middle: y = 0.365 * style.size
      case .baseline: y = 0
      }
      cairo_move_to(context, x, y)
      if style.halo {
        cairo_text_path(context, text)
        paint(nil, Canvas.Stroke(PlotColor.white.opacity(0.85), width: 4), context)
        cairo_move_to(context, x, y)
      }
      set(style.color, context)
      cairo_show_text(context, text)
      cairo_restore(context)
      cairo_new_path(context)
    }

    private static func draw(_ image: GreyImage, _ box: Canvas.Rectangle, _ context: OpaquePointer?) {
      // Viewers of SVG may smooth an image that they enlarge; one that is already large stays sharp in all of them.
      let repeats = max(1, Int((2 * box.width / Double(image.width)).rounded(.up)))
      let (width, height) = (image.width * repeats, image.height * repeats)
      let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
      defer { cairo_surface_destroy(surface) }
      cairo_surface_flush(surface)
      guard let data = cairo_image_surface_get_data(surface) else { return }
      let stride = Int(cairo_image_surface_get_stride(surface))
      for y in 0..<height {
        let row = UnsafeMutableRawPointer(data + y * stride).assumingMemoryBound(to: UInt32.self)
        for x in 0..<width {
          let ink = image.ink[y / repeats * image.width + x / repeats]
          let grey = UInt32(((1 - (ink.isNaN ? 0 : min(max(ink, 0), 1))) * 255).rounded())
          row[x] = grey << 16 | grey << 8 | grey
        }
      }
      cairo_surface_mark_dirty(surface)
      cairo_save(context)
      cairo_translate(context, box.x, box.y)
      cairo_scale(context, box.width / Double(width), box.height / Double(height))
      cairo_set_source_surface(context, surface, 0, 0)
      cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
      cairo_rectangle(context, 0, 0, Double(width), Double(height))
      cairo_fill(context)
      cairo_restore(context)
    }
  }

  /// Collects the bytes that cairo writes.
  private final class ByteSink {
    var bytes: [UInt8] = []

    static let receive: cairo_write_func_t = { closure, data, count in
      guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
      let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
      sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
      return CAIRO_STATUS_SUCCESS
    }
  }
#else
  /// What takes cairo's place where it is missing: layout by estimated widths, and a clear error for a file.
  enum CairoRenderer {
    static func png(_ canvas: Canvas, scale: Double, path: String) throws -> [UInt8] { throw missing(path) }

    static func svg(_ canvas: Canvas, path: String) throws -> [UInt8] { throw missing(path) }

    static func textWidth(_ text: String, _ style: Canvas.TextStyle) -> Double {
      0.6 * style.size * Double(text.count)
    }

    private static func missing(_ path: String) -> UserError {
      UserError("The picture '\(path)' cannot be drawn: this build has no cairo; expected Linux or macOS with cairo.")
    }
  }
#endif
