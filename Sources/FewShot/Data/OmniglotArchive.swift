import Foundation

/// One drawing as it lies in an archive.
struct OmniglotDrawing: Sendable {
  /// The archive and the path in it, for errors.
  let name: String

  /// The PNG file.
  let png: [UInt8]
}

/// One of Omniglot's two archives: a PNG for each drawing at `images_background/Greek/character01/0394_01.png`.
struct OmniglotArchive {
  /// The characters, such as `Greek/character01`, in alphabetical order.
  let characters: [String]

  /// The drawings of each character in the order of their file names.
  let drawings: [String: [OmniglotDrawing]]

  /// Reads the archive at `url`; throws a ``UserError`` unless every character has 20 drawings.
  init(_ url: URL) throws {
    var drawings: [String: [OmniglotDrawing]] = [:]
    try ZipArchive.forEachFile(in: url) { path, contents in
      let parts = path.split(separator: "/")
      // Other files, such as those that macOS adds beside each file, are no drawings.
      guard parts.count == 4, parts[0].hasPrefix("images_"), parts[3].hasSuffix(".png") else { return }
      let drawing = OmniglotDrawing(name: "\(path) in \(url.path)", png: contents)
      drawings["\(parts[1])/\(parts[2])", default: []].append(drawing)
    }
    guard !drawings.isEmpty else {
      throw UserError("\(url.path) holds no drawings; expected files such as images_x/Greek/character01/0394_01.png")
    }
    characters = drawings.keys.sorted()
    for character in characters {
      guard let found = drawings[character]?.count, found == Omniglot.drawingsPerCharacter else {
        throw UserError(
          "\(url.path) holds \(drawings[character]?.count ?? 0) drawings of \(character); "
            + "expected \(Omniglot.drawingsPerCharacter)")
      }
    }
    self.drawings = drawings.mapValues { $0.sorted { $0.name < $1.name } }
  }
}

/// Makes images of one size from drawings.
struct OmniglotDrawings: Sendable {
  /// The height and width of the drawings.
  private static let originalSize = 105

  private let size: Int
  private let resampler: Resampler

  init(size: Int, resampling: Resampling) {
    self.size = size
    let original = Self.originalSize
    resampler = Resampler(from: (original, original), to: (size, size), by: resampling)
  }

  /// The images of `characters`, 20 for each in their order; `drawings` finds those of a character by its name.
  ///
  /// Each drawing is decoded once however many turns of it are asked for, on all cores.
  func images(
    of characters: [RotatedCharacter], withRotations: Bool, drawings: (String) throws -> [OmniglotDrawing]
  ) throws -> LabeledImages {
    var classesByCharacter: [String: [Int]] = [:]
    var originals: [String] = []
    for (index, character) in characters.enumerated() {
      if classesByCharacter[character.character] == nil { originals.append(character.character) }
      classesByCharacter[character.character, default: []].append(index)
    }
    let work = try originals.map { (drawings: try drawings($0), classes: classesByCharacter[$0] ?? []) }
    let perClass = Omniglot.drawingsPerCharacter
    let imageSize = size * size
    var errors = [UserError?](repeating: nil, count: work.count)
    let pixels = [UInt8](unsafeUninitializedCapacity: characters.count * perClass * imageSize) { buffer, initialized in
      errors.withUnsafeMutableBufferPointer { errors in
        // Every character writes to its own classes and its own error, so the threads never meet.
        nonisolated(unsafe) let (buffer, errors) = (buffer, errors)
        DispatchQueue.concurrentPerform(iterations: work.count) { index in
          do {
            for (number, drawing) in work[index].drawings.enumerated() {
              let image = try decode(drawing)
              for place in work[index].classes {
                let start = (place * perClass + number) * imageSize
                image.withUnsafeBufferPointer {
                  rotate(
                    $0, size: size, turns: characters[place].turns,
                    into: UnsafeMutableBufferPointer(rebasing: buffer[start..<start + imageSize]))
                }
              }
            }
          } catch {
            errors[index] = error as? UserError ?? UserError("\(error)")
          }
        }
      }
      initialized = buffer.count
    }
    if let error = errors.lazy.compactMap(\.self).first { throw error }
    let names = characters.map { withRotations ? $0.name : $0.character }
    let numbers = Dictionary(uniqueKeysWithValues: zip(originals, originals.indices))
    let own = characters.map { numbers[$0.character] ?? 0 }
    return LabeledImages(
      height: size, width: size, pixels: pixels, classes: ClassLabels(perClass: perClass, names: names, originals: own))
  }

  /// The drawing in its new size, 255 where there is ink.
  private func decode(_ drawing: OmniglotDrawing) throws -> [UInt8] {
    let image = try DecodedImage(drawing.png, name: drawing.name)
    guard image.height == Self.originalSize, image.width == Self.originalSize else {
      throw UserError(
        "\(drawing.name) has \(image.height)x\(image.width) pixels; expected \(Self.originalSize)x\(Self.originalSize)")
    }
    return [UInt8](unsafeUninitializedCapacity: size * size) { buffer, initialized in
      var ink = image.grey
      for pixel in ink.indices { ink[pixel] = 255 - ink[pixel] }
      resampler.resample(ink, into: UnsafeMutableBufferPointer(rebasing: buffer[..<(size * size)]))
      initialized = size * size
    }
  }
}
