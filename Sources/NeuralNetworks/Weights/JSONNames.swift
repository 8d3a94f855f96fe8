import Foundation

/// The names in a JSON text, which Foundation's decoders do not show as they stand there.
enum JSONNames {
  /// A name that one object of the text has twice, or nil. The text must be JSON already.
  static func firstTwice(in json: ArraySlice<UInt8>) -> String? {
    // The names of the objects that are open; an array has none.
    var open: [Set<String>?] = []
    var index = json.startIndex
    while index < json.endIndex {
      switch json[index] {
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let end = endOfText(in: json, from: index)
        let next = json[end...].first { !" \t\r\n".utf8.contains($0) }
        // A text before a colon is a name. Escapes are decoded: two spellings can be one name.
        if next == UInt8(ascii: ":"), !open.isEmpty,
          let name = try? JSONDecoder().decode([String].self, from: Data([0x5B] + json[index..<end] + [0x5D])).first
        {
          if open[open.count - 1]?.insert(name).inserted == false { return name }
        }
        index = end
        continue
      default: break
      }
      index += 1
    }
    return nil
  }

  /// The place after the closing quote of the text that begins at `start`.
  private static func endOfText(in json: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start + 1
    while index < json.endIndex, json[index] != UInt8(ascii: "\"") {
      index += json[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return Swift.min(index + 1, json.endIndex)
  }
}
