import Foundation

/// The MNIST database of handwritten digits and data sets in the same four files.
public enum MNIST {
  /// The data sets that come in these files; they differ in what the ten classes are.
  public enum Variant: String, CaseIterable, Sendable {
    /// Handwritten digits (LeCun, Cortes and Burges, 1998).
    case digits

    /// Fashion-MNIST: articles of clothing (Xiao, Rasul and Vollgraf, 2017).
    case fashion

    /// The names of the ten classes.
    public var classNames: [String] {
      switch self {
      case .digits: (0...9).map(String.init)
      case .fashion:
        [
          "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ]
      }
    }
  }

  /// Loads both parts from the files `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`,
  /// each plain or with `.gz`; `train-images.idx3-ubyte` is understood too.
  ///
  /// Throws a ``UserError`` that names the file when one is missing or damaged, when the numbers of images and labels
  /// differ, or when a label is out of range.
  public static func load(
    from directory: URL, variant: Variant = .digits
  ) throws -> (train: LabeledImages, test: LabeledImages) {
    try InputFile.checkFolder(
      directory, expected: "the four files of \(variant == .digits ? "MNIST" : "Fashion-MNIST")")
    return (try part("train", in: directory, variant), try part("t10k", in: directory, variant))
  }

  /// Loads both parts from the folder with a path; see ``load(from:variant:)-(URL,_)``.
  public static func load(
    from path: String, variant: Variant = .digits
  ) throws -> (train: LabeledImages, test: LabeledImages) {
    try load(from: URL(fileURLWithPath: path, isDirectory: true), variant: variant)
  }

  private static func part(_ part: String, in directory: URL, _ variant: Variant) throws -> LabeledImages {
    let imagesURL = try file("\(part)-images", "idx3-ubyte", in: directory)
    let labelsURL = try file("\(part)-labels", "idx1-ubyte", in: directory)
    let images = try IDXFile(contentsOf: imagesURL)
    let labels = try IDXFile(contentsOf: labelsURL)
    guard images.dimensions.count == 3 else {
      throw UserError("\(imagesURL.path) has \(images.dimensions.count) dimensions; images need 3")
    }
    guard labels.dimensions.count == 1 else {
      throw UserError("\(labelsURL.path) has \(labels.dimensions.count) dimensions; labels need 1")
    }
    guard images.dimensions[0] == labels.dimensions[0] else {
      throw UserError(
        "\(imagesURL.path) holds \(images.dimensions[0]) images, but \(labelsURL.path) \(labels.dimensions[0]) labels")
    }
    do {
      return try LabeledImages(
        height: images.dimensions[1], width: images.dimensions[2], pixels: images.bytes,
        labels: labels.bytes.map(Int32.init), classNames: variant.classNames)
    } catch let error as UserError {
      throw UserError("\(labelsURL.path) and its images do not fit: \(error)")
    }
  }

  /// The first of the names in use that exists.
  private static func file(_ stem: String, _ type: String, in directory: URL) throws -> URL {
    let names = ["\(stem)-\(type)", "\(stem)-\(type).gz", "\(stem).\(type)", "\(stem).\(type).gz"]
    let urls = names.map { directory.appendingPathComponent($0) }
    guard let url = urls.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw UserError("\(directory.path) has no file \(names[0]), plain or with .gz")
    }
    return url
  }
}
