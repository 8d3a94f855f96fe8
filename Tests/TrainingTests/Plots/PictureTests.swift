import Foundation
import Testing

@testable import Training

#if canImport(CCairo)
  import CCairo

  /// A PNG read back through cairo.
  struct DecodedPNG {
    let width: Int
    let height: Int
    private let pixels: [UInt32]

    init?(_ path: String) {
      let surface = cairo_image_surface_create_from_png(path)
      defer { cairo_surface_destroy(surface) }
      guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface)
      else { return nil }
      width = Int(cairo_image_surface_get_width(surface))
      height = Int(cairo_image_surface_get_height(surface))
      let stride = Int(cairo_image_surface_get_stride(surface))
      var pixels: [UInt32] = []
      for y in 0..<height {
        let row = UnsafeRawPointer(data + y * stride)
        for x in 0..<width { pixels.append(row.load(fromByteOffset: 4 * x, as: UInt32.self) & 0xFFFFFF) }
      }
      self.pixels = pixels
    }

    /// The colour of a pixel as 0xRRGGBB.
    subscript(x: Int, y: Int) -> UInt32 { pixels[y * width + x] }
  }

  @Suite struct PictureTests {
    /// A new folder that is removed with `body`'s end.
    private func withFolder<T>(_ body: (String) throws -> T) throws -> T {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plots-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      return try body(folder)
    }

    private func decoded(_ picture: some Picture, scale: Double = 1) throws -> DecodedPNG {
      try withFolder { folder in
        try picture.write(to: folder + "/picture.png", scale: scale)
        return try #require(DecodedPNG(folder + "/picture.png"))
      }
    }

    private func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "nothing thrown"
      } catch { return error is UserError ? "\(error)" : "another error" }
    }

    /// Draws every sample; `PLOT_SAMPLES` names a folder that keeps them to look at.
    @Test func everySampleIsAPNGAndAnSVG() throws {
      try withFolder { temporary in
        let folder = ProcessInfo.processInfo.environment["PLOT_SAMPLES"] ?? temporary
        for (name, picture) in SamplePictures.all {
          let canvas = picture.canvas
          try picture.write(to: "\(folder)/\(name).png")
          try picture.write(to: "\(folder)/\(name).SVG")
          let png = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).png"))
          #expect(png.prefix(8) == Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), "\(name)")
          let image = try #require(DecodedPNG("\(folder)/\(name).png"))
          #expect(image.width == Int((canvas.width * 2).rounded()))
          #expect(image.height == Int((canvas.height * 2).rounded()))
          #expect(image[0, 0] == 0xFFFFFF)
          let svg = try String(contentsOfFile: "\(folder)/\(name).SVG", encoding: .utf8)
          #expect(svg.hasPrefix("<?xml") && svg.contains("<svg") && svg.hasSuffix("</svg>\n"), "\(name)")
          #expect(svg.utf8.count < 600_000, "\(name) takes \(svg.utf8.count) bytes")
        }
        // Only the pictures themselves stay.
        if folder == temporary {
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2 * SamplePictures.all.count)
        }
      }
    }

    @Test func samePictureGivesSameBytes() throws {
      for (name, picture) in SamplePictures.all {
        for kind in ["x.png", "x.svg"] {
          let first = try picture.encoded(for: kind, scale: 1)
          #expect(try picture.encoded(for: kind, scale: 1) == first, "\(name) as \(kind)")
        }
      }
    }

    @Test func shapesLieWhereTheyAreDrawn() throws {
      var canvas = Canvas(width: 40, height: 30)
      canvas.rectangle(.init(x: 10, y: 5, width: 10, height: 10), fill: PlotColor(0xFF0000))
      canvas.line([.init(0, 25), .init(40, 25)], .init(PlotColor(0x0000FF), width: 2))
      canvas.circle(.init(32, 10), radius: 5, fill: PlotColor(0x00FF00))
      canvas.clipped(to: .init(x: 0, y: 0, width: 5, height: 5)) {
        $0.rectangle(.init(x: 0, y: 0, width: 40, height: 30), fill: PlotColor(0x123456))
      }
      let image = try decoded(canvas, scale: 2)
      #expect((image.width, image.height) == (80, 60))
      #expect(image[30, 20] == 0xFF0000)
      #expect(image[18, 20] == 0xFFFFFF)
      #expect(image[40, 50] == 0x0000FF)
      #expect(image[64, 20] == 0x00FF00)
      #expect(image[4, 4] == 0x123456)
      #expect(image[12, 4] == 0xFFFFFF)
    }

    @Test func imagesAreSharpAndInkIsBlack() throws {
      var canvas = Canvas(width: 30, height: 30)
      canvas.image(.init(width: 2, height: 2, ink: [1, 0, .nan, 0.5]), in: .init(x: 5, y: 5, width: 20, height: 20))
      let image = try decoded(canvas)
      #expect([image[6, 6], image[14, 14]] == [0, 0])
      #expect([image[15, 6], image[24, 14], image[6, 15], image[4, 6]] == [0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF])
      #expect([image[15, 15], image[24, 24]] == [0x808080, 0x808080])
    }

    @Test func wrongQueryHasARedBorderAndARightOneAGreenOne() throws {
      let blank = GreyImage(width: 28, height: 28, ink: [Float](repeating: 0, count: 784))
      let sheet = CharacterSheet(
        title: "One of two", support: [.init("a", images: [blank]), .init("b", images: [blank])],
        queries: [.init(blank, truth: "a", prediction: "a"), .init(blank, truth: "b", prediction: "a")])
      #expect(sheet.summary == "accuracy 50.0 % (1 of 2 queries right)")
      let colors = sheet.canvas.marks.compactMap { mark -> (PlotColor, Canvas.Rectangle)? in
        guard case .rectangle(let box, _, _, let stroke?) = mark, stroke.width == 3 else { return nil }
        return (stroke.color, box)
      }
      try #require(colors.map(\.0) == [.right, .wrong])
      let image = try decoded(sheet)
      for (box, expected) in zip(colors.map(\.1), [UInt32(0x2E8B57), 0xD32F2F]) {
        #expect(image[Int(box.x), Int(box.center.y)] == expected)
        #expect(image[Int(box.center.x), Int(box.center.y)] == 0xFFFFFF)
      }
    }

    @Test func lineRunsThroughItsValuesAndStopsAtGaps() throws {
      let color = PlotColor(0xFF0000)
      let panel = PlotPanel(
        x: PlotAxis("", range: 0...10), y: PlotAxis("", range: 0...10),
        series: [
          PlotSeries("", x: [0, 2, 4, 6, 8, 10], y: [5, 5, 5, .nan, 5, 5], color: color, width: 4)
        ])
      let figure = Figure(panels: [panel], width: 300, plotHeight: 200)
      let insets = panel.insets(width: 260, plotHeight: 200, showsLegend: true)
      let frame = Canvas.Rectangle(x: 20, y: 20, width: 260, height: insets.top + 200 + insets.bottom)
      let plot = PanelDrawing(panel, frame: frame, insets: insets).plot
      #expect(plot.height == 200)
      let image = try decoded(figure)
      func pixel(_ x: Double, _ y: Double) -> UInt32 {
        image[Int(plot.x + plot.width * x / 10), Int(plot.bottom - plot.height * y / 10)]
      }
      #expect([pixel(1, 5), pixel(3, 5), pixel(9, 5)] == [0xFF0000, 0xFF0000, 0xFF0000])
      #expect(![pixel(5, 5), pixel(6, 5), pixel(7, 5), pixel(6, 0.2), pixel(5, 2.5)].contains(0xFF0000))
    }

    @Test func mistakesAreSentences() throws {
      try withFolder { folder in
        let canvas = Canvas(width: 10, height: 10)
        func error(_ name: String, scale: Double = 1) -> String {
          message { try canvas.write(to: folder + name, scale: scale) }
        }
        #expect(error("/a.jpg").hasSuffix("/a.jpg' cannot be written: expected a name that ends in .png or .svg."))
        #expect(error("/no/a.png").hasSuffix("/no/a.png' cannot be written: its folder does not exist."))
        try canvas.write(to: folder + "/file.svg")
        #expect(error("/file.svg/a.png").contains("a part of its path is not a folder"))
        try FileManager.default.createDirectory(atPath: folder + "/b.png", withIntermediateDirectories: false)
        #expect(error("/b.png").contains("a folder has this name"))
        #expect(error("/c.png", scale: 0).contains("at scale 0.0"))
        #expect(error("/c.png", scale: .nan).contains("at scale nan"))
        #expect(message { try Canvas(width: 1e6, height: 1).write(to: folder + "/c.png") }.contains("not a size"))
        #expect(message { try Canvas(width: .nan, height: 1).write(to: folder + "/c.png") }.contains("not a size"))
        if getuid() != 0 {
          try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
          #expect(error("/c.png").contains("writing there is not permitted"))
          try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["b.png", "file.svg"])
      }
    }

    @Test func anOlderFileIsReplaced() throws {
      try withFolder { folder in
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/a.png"))
        try Canvas(width: 10, height: 10).write(to: folder + "/a.png")
        #expect(DecodedPNG(folder + "/a.png")?.width == 20)
      }
    }
  }
#endif
