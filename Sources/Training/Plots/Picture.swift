import Foundation

/// Something that can be drawn: every figure of this module, and a ``Canvas`` itself.
public protocol Picture: Sendable {
  /// The drawing.
  var canvas: Canvas { get }
}

extension Canvas: Picture {
  /// The drawing.
  public var canvas: Canvas { self }
}

extension Picture {
  /// Writes the picture as PNG or SVG, chosen by the ending of the file's name.
  ///
  /// The file appears complete or not at all: it is written under another name in the same folder and then renamed. The
  /// same picture always gives the same bytes.
  ///
  /// - Parameters:
  ///   - path: The file, ending in `.png` or `.svg`; an older file of this name is replaced.
  ///   - scale: How many pixels of a PNG one unit of the drawing takes; an SVG has no use for it.
  /// - Throws: A ``UserError`` that names the file where it cannot be written.
  public func write(to path: String, scale: Double = 2) throws {
    try AtomicFile.write(try encoded(for: path, scale: scale), to: path)
  }

  /// The bytes that ``write(to:scale:)`` would write.
  func encoded(for path: String, scale: Double) throws -> [UInt8] {
    switch (path as NSString).pathExtension.lowercased() {
    case "svg":
      return try CairoRenderer.svg(canvas, path: path)
    case "png":
      guard scale.isFinite, scale > 0, scale <= 16 else {
        throw UserError("The picture '\(path)' cannot be drawn at scale \(scale): expected above 0 and at most 16.")
      }
      return try CairoRenderer.png(canvas, scale: scale, path: path)
    default:
      throw UserError("The picture '\(path)' cannot be written: expected a name that ends in .png or .svg.")
    }
  }
}

extension RunFolder {
  /// Draws a picture as a PNG and an SVG; returns both files.
  public func draw(_ picture: some Picture, as name: String) throws -> [URL] {
    try ["png", "svg"].map { ending in
      let file = file("\(name).\(ending)")
      try picture.write(to: file.path)
      return file
    }
  }
}
