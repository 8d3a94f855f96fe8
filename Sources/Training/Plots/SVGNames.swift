/// The names of the elements in an SVG that cairo wrote.
enum SVGNames {
  /// The same SVG with its elements numbered in the order in which they appear.
  ///
  /// Cairo counts surfaces and images over the whole life of a process; numbered anew, the same picture always gives the
  /// same bytes.
  static func renumbered(_ svg: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(svg.count)
    var numbers: [[UInt8]: Int] = [:]
    var index = 0
    while index < svg.count {
      let rest = svg[index...]
      // Only a name in these places is one of cairo's; base64 data of images holds neither '"' nor '#'.
      let prefix = [Array("id=\"".utf8), Array("\"#".utf8), Array("url(#".utf8)].first { rest.starts(with: $0) }
      guard let prefix else {
        result.append(svg[index])
        index += 1
        continue
      }
      let start = index + prefix.count
      let letters = svg[start...].prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
      let digits = svg[letters.endIndex...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      let stem = Array(letters)
      if (stem == Array("surface".utf8) || stem == Array("image".utf8)) && !digits.isEmpty {
        let name = stem + digits
        let number = numbers[name] ?? numbers.count
        numbers[name] = number
        result += prefix + stem + Array(String(number).utf8)
        index = digits.endIndex
      } else {
        result += prefix
        index = start
      }
    }
    return result
  }
}
