import Foundation

/// CIFAR-100 (Krizhevsky, 2009), 600 colour pictures of 32×32 pixels of each of 100 classes, and the two data sets for
/// few-shot learning that are made of it.
///
/// ```swift
/// let data = try CIFAR100.load(from: "data/cifar-100", split: .cifarFS)
/// let tasks = try EpisodeSampler(data.train, ways: 5, shots: 1, queries: 15)
/// ```
public enum CIFAR100 {
  /// Which classes are to learn from, to choose settings on and to be tested on.
  public enum Split: String, CaseIterable, Sendable {
    /// CIFAR-FS (Bertinetto et al., 2019): 64, 16 and 20 classes at random.
    case cifarFS = "cifar-fs"
    /// FC100 (Oreshkin et al., 2018): the classes of 12, 4 and 4 of the 20 families, so that those of the test are of
    /// other kinds.
    case fc100
  }

  /// Its two parts, of 500 and 100 pictures of each class, for supervised learning.
  ///
  /// - Parameter directory: A folder with the archive `cifar-100-binary.tar.gz`, or with the files `train.bin`,
  ///   `test.bin`, `fine_label_names.txt` and `coarse_label_names.txt` that are in it, or with a folder of them.
  /// - Throws: A ``UserError`` that names the file when one is missing, cut short or not CIFAR-100's.
  public static func load(from directory: URL) throws -> (train: LabeledImages, test: LabeledImages) {
    let files = try CIFARFiles(in: directory)
    return (
      try files.images(of: [files.train]).labeled(files.names), try files.images(of: [files.test]).labeled(files.names)
    )
  }

  /// The pictures of both parts, 600 of each class, with the classes split for few-shot learning; see ``load(from:)``.
  ///
  /// - Throws: A ``UserError`` that names the file when one is missing, cut short or not CIFAR-100's.
  public static func load(from directory: URL, split: Split) throws -> DatasetSplit {
    let files = try CIFARFiles(in: directory)
    let images = try files.images(of: [files.train, files.test])
    let parts = try images.parts(split, files)
    let all = try images.labeled(files.names)
    return DatasetSplit(
      train: try all.restricted(toClasses: parts.train), validation: try all.restricted(toClasses: parts.validation),
      test: try all.restricted(toClasses: parts.test))
  }

  /// Both parts of the data in the folder with a path; see ``load(from:)-(URL)``.
  public static func load(from path: String) throws -> (train: LabeledImages, test: LabeledImages) {
    try load(from: URL(fileURLWithPath: path, isDirectory: true))
  }

  /// The data in the folder with a path, split for few-shot learning; see ``load(from:split:)-(URL,_)``.
  public static func load(from path: String, split: Split) throws -> DatasetSplit {
    try load(from: URL(fileURLWithPath: path, isDirectory: true), split: split)
  }

  /// CIFAR-FS: the classes to choose settings on.
  static let validationClasses: Set = [
    "beaver", "beetle", "butterfly", "camel", "cattle", "crab", "crocodile", "flatfish", "lamp", "maple_tree",
    "motorcycle", "otter", "sea", "shark", "television", "tractor",
  ]

  /// CIFAR-FS: the classes to be tested on.
  static let testClasses: Set = [
    "baby", "bed", "bicycle", "chimpanzee", "fox", "leopard", "man", "pickup_truck", "plain", "poppy", "rocket", "rose",
    "snail", "sweet_pepper", "table", "telephone", "wardrobe", "whale", "woman", "worm",
  ]

  /// FC100: the families to choose settings on.
  static let validationFamilies: Set = [
    "large_carnivores", "large_omnivores_and_herbivores", "non-insect_invertebrates", "small_mammals",
  ]

  /// FC100: the families to be tested on.
  static let testFamilies: Set = ["aquatic_mammals", "insects", "medium_mammals", "people"]
}

/// The four files of CIFAR-100 in its binary form: records of a byte for the family, one for the class, and 1,024 for each of
/// red, green and blue.
private struct CIFARFiles {
  static let side = 32
  static let recordSize = 2 + 3 * side * side
  static let fileNames = ["train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"]

  let train: (url: URL, bytes: [UInt8])
  let test: (url: URL, bytes: [UInt8])
  /// The names of the classes, and those of the families.
  let names: [String]
  let families: [String]

  init(in directory: URL) throws {
    let expected = "CIFAR-100's archive cifar-100-binary.tar.gz, or the files in it"
    try InputFile.checkFolder(directory, expected: expected)
    func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    let archive = directory.appendingPathComponent("cifar-100-binary.tar.gz")
    let folders = [directory, directory.appendingPathComponent("cifar-100-binary", isDirectory: true)]
    var found: [String: (url: URL, bytes: [UInt8])] = [:]
    if let folder = folders.first(where: { exists($0.appendingPathComponent("train.bin")) }) {
      for name in Self.fileNames {
        let url = folder.appendingPathComponent(name)
        found[name] = (url, try InputFile.bytes(of: url, expected: "a file of CIFAR-100"))
      }
    } else if exists(archive) {
      try TarArchive.forEachFile(in: archive) { path, bytes in
        let name = String(path.split(separator: "/").last ?? "")
        if Self.fileNames.contains(name) { found[name] = (archive.appendingPathComponent(name), bytes) }
      }
    } else {
      throw UserError("\(directory.path) has neither the file train.bin nor the archive cifar-100-binary.tar.gz")
    }
    func file(_ name: String) throws -> (url: URL, bytes: [UInt8]) {
      guard let file = found[name] else { throw UserError("\(archive.path) has no file \(name)") }
      return file
    }
    func lines(_ name: String, count: Int, of what: String) throws -> [String] {
      let (url, bytes) = try file(name)
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      guard lines.count == count, Set(lines).count == count else {
        throw UserError("\(url.path) has \(lines.count) lines; expected the names of \(count) \(what)")
      }
      return lines
    }
    (train, test) = (try file("train.bin"), try file("test.bin"))
    names = try lines("fine_label_names.txt", count: 100, of: "classes")
    families = try lines("coarse_label_names.txt", count: 20, of: "families")
  }

  /// The records of some parts.
  func images(of parts: [(url: URL, bytes: [UInt8])]) throws -> CIFARRecords {
    var records = CIFARRecords()
    for part in parts { try records.append(part) }
    return records
  }
}

/// Pictures with their classes and families.
private struct CIFARRecords {
  var pixels: [UInt8] = []
  var labels: [Int32] = []
  /// The family of each class.
  var families: [Int: Int] = [:]

  /// Takes the records of a file, the three colours of each pixel brought side by side.
  mutating func append(_ file: (url: URL, bytes: [UInt8])) throws {
    let (size, area) = (CIFARFiles.recordSize, CIFARFiles.side * CIFARFiles.side)
    let (count, rest) = file.bytes.count.quotientAndRemainder(dividingBy: size)
    guard count > 0, rest == 0 else {
      throw UserError("\(file.url.path) has \(file.bytes.count) bytes; expected records of \(size), so it is cut off")
    }
    var countOfClass = [Int](repeating: 0, count: 100)
    pixels.reserveCapacity(pixels.count + 3 * area * count)
    for record in 0..<count {
      let start = record * size
      let (family, label) = (Int(file.bytes[start]), Int(file.bytes[start + 1]))
      guard family < 20, label < 100, families[label, default: family] == family else {
        throw UserError(
          "\(file.url.path): record \(record) is of class \(label) and family \(family); expected one of 100 classes, "
            + "each of one of 20 families")
      }
      families[label] = family
      countOfClass[label] += 1
      labels.append(Int32(label))
      file.bytes.withUnsafeBufferPointer { bytes in
        for pixel in start + 2..<start + 2 + area {
          pixels.append(bytes[pixel])
          pixels.append(bytes[pixel + area])
          pixels.append(bytes[pixel + 2 * area])
        }
      }
    }
    guard let least = countOfClass.min(), least == countOfClass.max() else {
      throw UserError("\(file.url.path) has not as many pictures of each of the 100 classes, so it is cut off")
    }
  }

  /// The classes of each part of a split.
  func parts(_ split: CIFAR100.Split, _ files: CIFARFiles) throws -> (train: [Int], validation: [Int], test: [Int]) {
    func isIn(_ classes: Set<String>, or others: Set<String>, _ number: Int) -> Bool {
      switch split {
      case .cifarFS: classes.contains(files.names[number])
      case .fc100: others.contains(files.families[families[number] ?? 0])
      }
    }
    let validation = files.names.indices.filter {
      isIn(CIFAR100.validationClasses, or: CIFAR100.validationFamilies, $0)
    }
    let test = files.names.indices.filter { isIn(CIFAR100.testClasses, or: CIFAR100.testFamilies, $0) }
    let expected = split == .cifarFS ? (16, 20) : (20, 20)
    guard (validation.count, test.count) == expected else {
      throw UserError("The names of classes or families beside \(files.train.url.path) are not those of CIFAR-100.")
    }
    let held = Set(validation + test)
    return (files.names.indices.filter { !held.contains($0) }, validation, test)
  }

  func labeled(_ names: [String]) throws -> LabeledImages {
    try LabeledImages(
      height: CIFARFiles.side, width: CIFARFiles.side, channels: 3, pixels: pixels, labels: labels, classNames: names)
  }
}
