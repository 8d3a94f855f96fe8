import Foundation

/// Examples and labels from a file of arrays: `.npz`, `.safetensors`, or two `.npy` files.
public enum LabeledArrays {
  /// What the array with the examples may be called where no name is given.
  public static let inputNames = ["inputs", "x", "images", "data", "X"]
  /// What the array with the labels may be called where no name is given.
  public static let labelNames = ["labels", "y", "targets", "classes", "Y"]

  /// Reads examples with their classes.
  ///
  /// The first axis of both arrays counts the examples. Arrays of bytes with 2 or 3 more axes are images [height, width] or
  /// [height, width, channels], whose values are divided by 255; arrays of numbers are taken as they are, those with 2 more
  /// axes as images of one channel. Labels are whole numbers or texts; each value is a class of that name.
  ///
  /// - Parameters:
  ///   - url: An `.npz` or `.safetensors` file with both arrays, or an `.npy` file with the examples.
  ///   - inputs: The name of the array with the examples; by default the only one of ``inputNames`` that is there.
  ///   - labels: The name of the array with the labels; of an `.npy` file, the path of another one with them.
  /// - Throws: a ``UserError`` that names the file and the array when one is missing, damaged or of the wrong shape, or
  ///   where a value is not finite.
  public static func load(_ url: URL, inputs: String? = nil, labels: String? = nil) throws -> any LabeledDataset {
    let (examples, classes) = try arrays(of: url, inputs, labels)
    guard examples.shape.count >= 2 else {
      throw UserError("\(url.path): the examples have the shape \(examples.shape); expected [examples, …]")
    }
    guard classes.shape == [examples.shape[0]] else {
      throw UserError(
        "\(url.path): the labels have the shape \(classes.shape); expected [\(examples.shape[0])], one for each example"
      )
    }
    let (numbers, names) = try numbered(classes, url)
    var shape = Array(examples.shape.dropFirst())
    if shape.count == 2 { shape.append(1) }
    do {
      switch examples.elements {
      case .bytes(let bytes) where shape.count == 3:
        return try LabeledImages(
          height: shape[0], width: shape[1], channels: shape[2], pixels: bytes, labels: numbers, classNames: names)
      case .bytes(let bytes):
        return try vectors(shape, bytes.map(Float.init), numbers, names)
      case .integers(let integers):
        return try vectors(shape, integers.map(Float.init), numbers, names)
      case .floats(let floats):
        return try vectors(shape, floats, numbers, names)
      case .texts:
        throw UserError("the examples are texts; expected numbers")
      }
    } catch let error as UserError {
      throw UserError("\(url.path): \(error)")
    }
  }

  /// Whether a file has an ending that says it holds arrays.
  public static func isReadable(_ path: String) -> Bool {
    [".npy", ".npz", ".safetensors"].contains { path.lowercased().hasSuffix($0) }
  }

  private static func vectors(
    _ shape: [Int], _ values: [Float], _ labels: [Int32], _ names: [String]
  ) throws -> LabeledVectors {
    try LabeledVectors(exampleShape: shape, values: values, labels: labels, classNames: names)
  }

  private static func arrays(
    of url: URL, _ inputs: String?, _ labels: String?
  ) throws -> (examples: NumPyArray, classes: NumPyArray) {
    if url.pathExtension.lowercased() == "npy" {
      let examples = try NumPyArray(contentsOf: url)
      guard let labels else {
        throw UserError("\(url.path) holds examples only; name the .npy file with their labels (--labels)")
      }
      return (examples, try NumPyArray(contentsOf: URL(fileURLWithPath: labels)))
    }
    let arrays =
      url.pathExtension.lowercased() == "npz"
      ? try NumPyArray.arrays(ofArchive: url) : try SafeTensors.read(from: url).tensors.mapValues(NumPyArray.init)
    func array(_ name: String?, _ usual: [String], _ option: String) throws -> NumPyArray {
      let there = "it has \(arrays.keys.sorted().map { "'\($0)'" }.joined(separator: ", "))"
      let found = (name.map { [$0] } ?? usual).filter { arrays[$0] != nil }
      guard found.count == 1, let array = arrays[found[0]] else {
        let wanted = name.map { "'\($0)'" } ?? "one of \(usual.joined(separator: ", "))"
        throw UserError("\(url.path): expected \(wanted) as the \(option) (--\(option)); \(there)")
      }
      return array
    }
    return (try array(inputs, inputNames, "inputs"), try array(labels, labelNames, "labels"))
  }

  /// Labels as numbers from 0, and the classes' names: in the order of the numbers, or of the texts.
  private static func numbered(_ labels: NumPyArray, _ url: URL) throws -> (numbers: [Int32], names: [String]) {
    func count<Label: Hashable & Comparable>(_ labels: [Label]) -> (numbers: [Int32], names: [String]) {
      let known = Set(labels).sorted()
      let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0)) })
      return (labels.map { places[$0] ?? 0 }, known.map { "\($0)" })
    }
    switch labels.elements {
    case .bytes(let bytes): return count(bytes)
    case .integers(let integers): return count(integers)
    case .texts(let texts): return count(texts)
    case .floats(let floats):
      guard let broken = floats.first(where: { Int(exactly: $0) == nil }) else { return count(floats.map { Int($0) }) }
      throw UserError("\(url.path): the label \(broken) is no whole number")
    }
  }
}

extension NumPyArray {
  /// Examples of a shape, as ``LabeledArrays`` makes them of an array.
  ///
  /// Throws a ``UserError`` where they have another shape, or are texts.
  public func examples(of shape: [Int], name: String) throws -> Tensor {
    var own = Array(self.shape.dropFirst())
    if own.count == 2 { own.append(1) }
    guard own == shape, let count = self.shape.first else {
      throw UserError("\(name) has the shape \(self.shape); expected [examples] + \(shape)")
    }
    let values: [Float]
    switch elements {
    case .bytes(let bytes): values = bytes.map { shape.count == 3 ? Float($0) / 255 : Float($0) }
    case .integers(let integers): values = integers.map(Float.init)
    case .floats(let floats): values = floats
    case .texts: throw UserError("\(name) holds texts; expected numbers")
    }
    return Tensor(values, shape: [count] + shape)
  }

  /// A tensor as an array.
  init(_ tensor: Tensor) {
    shape = tensor.shape
    switch tensor.scalarType {
    case .int32, .bool: elements = .integers(tensor.cast(to: .int32).scalars(as: Int32.self).map(Int.init))
    case .float32, .float64: elements = .floats(tensor.cast(to: .float32).floats)
    }
  }
}
