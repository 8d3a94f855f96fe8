import Foundation

/// A folder with a folder of pictures for each class, such as `cats/1.png`, `cats/2.jpg`, `dogs/1.png`.
///
/// A class is any folder that holds PNG or JPEG files, however deep; its name is its path from the top. Hidden files are
/// left out. The classes are in the order of their names, and so are the files of a class.
public struct ImageFolder: Sendable {
  /// A class and its files.
  public struct Class: Sendable, Equatable {
    public var name: String
    public var files: [URL]
  }

  /// What is done about a file that cannot be read as a picture.
  public enum Damage: String, Sendable, Codable, CaseIterable {
    /// It is an error that names the file.
    case refuse
    /// The file is left out, and named in a list.
    case skip
  }

  public let url: URL
  public let classes: [Class]
  /// Files in it that are no pictures by their names.
  public let others: [URL]

  /// The file names that are read as pictures.
  static let suffixes = ["png", "jpg", "jpeg"]

  /// Looks through a folder; throws a ``UserError`` where there is none, or no class in it.
  public init(_ url: URL) throws {
    let expected = "a folder of PNG or JPEG files for each class"
    try InputFile.checkFolder(url, expected: expected)
    self.url = url
    let (found, others) = try Self.search(url)
    guard !found.isEmpty else { throw UserError("the folder \(url.path) holds no pictures; expected \(expected)") }
    if found.keys.contains("") {
      throw UserError("the folder \(url.path) holds pictures itself; expected \(expected)")
    }
    classes = found.sorted { $0.key < $1.key }.map { name, files in
      Class(name: name, files: files.sorted { $0.path < $1.path })
    }
    self.others = others.sorted { $0.path < $1.path }
  }

  private init(_ url: URL, classes: [Class]) { (self.url, self.classes, others) = (url, classes, []) }

  /// The pictures below a folder, by the path of the folder that they lie in.
  private static func search(_ top: URL) throws -> (classes: [String: [URL]], others: [URL]) {
    var classes: [String: [URL]] = [:]
    var others: [URL] = []
    var folders = [(url: top, name: "")]
    while let (folder, name) = folders.popLast() {
      let entries: [URL]
      do {
        entries = try FileManager.default.contentsOfDirectory(
          at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
      } catch {
        throw UserError("the folder \(folder.path) cannot be read")
      }
      for entry in entries {
        if (try? entry.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false {
          folders.append((entry, name.isEmpty ? entry.lastPathComponent : "\(name)/\(entry.lastPathComponent)"))
        } else if suffixes.contains(entry.pathExtension.lowercased()) {
          classes[name, default: []].append(entry)
        } else {
          others.append(entry)
        }
      }
    }
    return (classes, others)
  }

  /// The classes in a folder of this one, named from there; nil where it has none of that name.
  public func part(_ names: String...) -> ImageFolder? {
    for name in names {
      let inside = classes.filter { $0.name.hasPrefix(name + "/") }
      if !inside.isEmpty {
        return ImageFolder(
          url.appendingPathComponent(name),
          classes: inside.map { Class(name: String($0.name.dropFirst(name.count + 1)), files: $0.files) })
      }
    }
    return nil
  }

  /// Some of the classes, in the order of their names here; throws a ``UserError`` that names one that is missing.
  public func restricted(to names: [String]) throws -> ImageFolder {
    let wanted = Set(names)
    let kept = classes.filter { wanted.contains($0.name) }
    if kept.count < wanted.count {
      let missing = wanted.subtracting(kept.map(\.name)).sorted()[0]
      throw UserError("the folder \(url.path) has no class '\(missing)' any more, which the run was made with")
    }
    return ImageFolder(url, classes: kept)
  }

  /// Reads all pictures, on all cores.
  ///
  /// - Parameters:
  ///   - preparation: what is made of them.
  ///   - damage: what is done about a file that cannot be read.
  /// - Returns: the pictures, and why some were left out, a sentence each. A class of which nothing is left is left out too.
  /// - Throws: a ``UserError`` that names the first damaged file, if they are refused.
  public func load(_ preparation: ImagePreparation, damage: Damage = .refuse) throws -> (
    images: LabeledImages, skipped: [String]
  ) {
    let files = classes.enumerated().flatMap { label, entry in entry.files.map { (label: label, url: $0) } }
    let results = Self.decoded(files.map(\.url)) { preparation.bytes(of: $0) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(files.count * preparation.exampleShape.reduce(1, *))
    var (labels, skipped): ([Int], [String]) = ([], [])
    for (file, result) in zip(files, results) {
      switch result {
      case .success(let bytes):
        pixels += bytes
        labels.append(file.label)
      case .failure(let error):
        if damage == .refuse { throw error }
        skipped.append(error.description)
      }
    }
    let present = Set(labels).sorted()
    guard !present.isEmpty else { throw UserError("the folder \(url.path) holds no picture that can be read") }
    let number = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($0.element, Int32($0.offset)) })
    let images = try LabeledImages(
      height: preparation.size, width: preparation.size, channels: preparation.channels, pixels: pixels,
      labels: labels.compactMap { number[$0] }, classNames: present.map { classes[$0].name })
    return (images, skipped)
  }

  /// What is made of each picture, or why it cannot be read; on all cores.
  static func decoded<Value: Sendable>(
    _ files: [URL], _ transform: @Sendable (DecodedImage) -> Value
  ) -> [Result<Value, UserError>] {
    var results = [Result<Value, UserError>](repeating: .failure(UserError("not read")), count: files.count)
    results.withUnsafeMutableBufferPointer { results in
      // Every file has a place of its own, so the threads never meet.
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: files.count) { index in
        let file = files[index]
        results[index] = Result {
          transform(try DecodedImage(InputFile.bytes(of: file, expected: "a picture"), name: file.path))
        }.mapError { $0 as? UserError ?? UserError("\(file.path) cannot be read") }
      }
    }
    return results
  }
}
