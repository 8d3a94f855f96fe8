/// Widths of texts in the font that pictures are drawn with.
enum TextMeasure {
  /// The width of one line of text.
  static func width(_ text: String, _ style: Canvas.TextStyle) -> Double {
    CairoRenderer.textWidth(text, style)
  }

  /// The text, or as much of its two ends as fits a width, with an ellipsis between them.
  ///
  /// The end stays because it is what tells class names such as "Greek/character07" apart.
  static func fitted(_ text: String, _ style: Canvas.TextStyle, width limit: Double) -> String {
    guard width(text, style) > limit else { return text }
    let characters = Array(text)
    func shortened(_ kept: Int) -> String {
      String(characters.prefix(kept / 2)) + "…" + String(characters.suffix(kept - kept / 2))
    }
    // The width grows with the characters kept, so halving finds the longest that fits.
    var low = 0
    var high = characters.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if width(shortened(middle), style) <= limit { low = middle } else { high = middle - 1 }
    }
    return shortened(max(low, 1))
  }
}
