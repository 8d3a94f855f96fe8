import Foundation

/// What is in a folder of class folders, and what is wrong with it.
public struct FolderSurvey: Sendable, Codable, Equatable {
  /// A class with its numbers of pictures.
  public struct Class: Sendable, Codable, Equatable {
    public var name: String
    public var pictures: Int
    public var damaged: Int
  }

  /// A size of pictures and how many have it.
  public struct Size: Sendable, Codable, Equatable {
    public var height: Int
    public var width: Int
    public var pictures: Int
  }

  public var classes: [Class]
  /// The sizes, that of the most pictures first.
  public var sizes: [Size]
  /// How many pictures have a colour.
  public var colored: Int
  /// How many pictures are light with dark strokes, as ink on paper is.
  public var light: Int
  /// The parts that the folder is divided into (`train`, `val`, `test`); empty where it is not.
  public var parts: [String]
  /// What is wrong, a sentence each.
  public var problems: [String]

  /// The number of pictures that can be read.
  public var pictures: Int { classes.reduce(0) { $0 + $1.pictures } }

  /// Reads all pictures of a folder; throws a ``UserError`` where there is none, or no class in it.
  public init(_ folder: ImageFolder) throws {
    struct Look: Sendable {
      var height: Int
      var width: Int
      var isColored: Bool
      var isLight: Bool
      var fingerprint: Int
    }
    let files = folder.classes.enumerated().flatMap { number, entry in entry.files.map { (number: number, url: $0) } }
    let looks = ImageFolder.decoded(files.map(\.url)) { image in
      let grey = image.grey
      let isColored = stride(from: 0, to: image.pixels.count, by: 3).contains { place in
        let (red, green, blue) = (image.pixels[place], image.pixels[place + 1], image.pixels[place + 2])
        return max(red, green, blue) - min(red, green, blue) > 16
      }
      var hasher = Hasher()
      hasher.combine(image.width)
      image.pixels.withUnsafeBytes { hasher.combine(bytes: $0) }
      return Look(
        height: image.height, width: image.width, isColored: isColored,
        isLight: grey.reduce(0) { $0 + Int($1) } > 128 * grey.count, fingerprint: hasher.finalize())
    }
    classes = folder.classes.map { Class(name: $0.name, pictures: 0, damaged: 0) }
    (colored, light, problems) = (0, 0, [])
    var counts: [[Int]: Int] = [:]
    var seen: [Int: (number: Int, url: URL)] = [:]
    var copies: [String] = []
    for (file, look) in zip(files, looks) {
      switch look {
      case .failure(let error):
        classes[file.number].damaged += 1
        problems.append(error.description)
      case .success(let look):
        classes[file.number].pictures += 1
        counts[[look.height, look.width], default: 0] += 1
        colored += look.isColored ? 1 : 0
        light += look.isLight ? 1 : 0
        if let other = seen[look.fingerprint], other.number != file.number {
          copies.append("\(file.url.path) is the same picture as \(other.url.path), of another class")
        }
        seen[look.fingerprint] = file
      }
    }
    sizes = counts.map { Size(height: $0.key[0], width: $0.key[1], pictures: $0.value) }
      .sorted { ($0.pictures, $0.height, $0.width) > ($1.pictures, $1.height, $1.width) }
    parts = Self.partNames.compactMap { names in names.first { folder.part($0) != nil } }
    if parts.count == 1 { parts = [] }
    problems += copies
    problems += folder.others.map { "\($0.path) is neither a PNG nor a JPEG file by its name, and is left out" }
    problems += classes.filter { $0.pictures < 2 }.map { entry in
      "the class '\(entry.name)' has \(entry.pictures) picture\(entry.pictures == 1 ? "" : "s"); a task needs one to "
        + "learn from and one to ask for"
    }
  }

  /// The folders that divide a data set, by the names that they may have.
  static let partNames = [["train"], ["val", "validation"], ["test"]]
}

extension ImageFolder {
  /// The parts that a folder is divided into, if it has a `train` and a `test`.
  public var parts: (train: ImageFolder, validation: ImageFolder?, test: ImageFolder)? {
    guard let train = part("train"), let test = part("test") else { return nil }
    return (train, part("val", "validation"), test)
  }
}
