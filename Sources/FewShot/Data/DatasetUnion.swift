/// Several data sets as one, with the classes of all of them.
///
/// ```swift
/// let both = try DatasetUnion([("digits", digits), ("clothes", clothes)])  // classes "digits/0", …, "clothes/coat"
/// ```
public struct DatasetUnion: LabeledDataset {
  public let exampleShape: [Int]
  public let classes: ClassLabels
  private let parts: [any LabeledDataset]
  /// For each example its part, and its number in it.
  private let places: [(part: Int, index: Int)]

  /// The union of data sets, whose classes get the name of their part before their own.
  ///
  /// Throws a ``UserError`` where there is no part, two have one name, or their examples have different shapes.
  public init(_ parts: [(name: String, examples: any LabeledDataset)]) throws {
    guard let first = parts.first else { throw UserError("A union of no data sets has no examples.") }
    exampleShape = first.examples.exampleShape
    var (labels, names, originals): ([Int32], [String], [Int]) = ([], [], [])
    var places: [(Int, Int)] = []
    for (number, part) in parts.enumerated() {
      guard part.examples.exampleShape == exampleShape else {
        throw UserError(
          "The examples of '\(part.name)' have the shape \(part.examples.exampleShape), those of '\(first.name)' "
            + "\(exampleShape); a union needs one shape.")
      }
      guard !parts.prefix(number).contains(where: { $0.name == part.name }) else {
        throw UserError("Two parts of a union have the name '\(part.name)'.")
      }
      let start = Int32(names.count)
      let past = (originals.max() ?? -1) + 1
      originals += part.examples.classes.originals.map { $0 + past }
      names += part.examples.classNames.map { "\(part.name)/\($0)" }
      labels += part.examples.labels.map { $0 + start }
      places += (0..<part.examples.count).map { (number, $0) }
    }
    self.parts = parts.map(\.examples)
    self.places = places
    classes = try ClassLabels(labels, names: names, originals: originals)
  }

  private init(_ union: DatasetUnion, classes: ClassLabels, indices: [Int]) {
    (exampleShape, parts) = (union.exampleShape, union.parts)
    self.classes = classes
    places = indices.map { union.places[$0] }
  }

  public func copyExample(at index: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    parts[places[index].part].copyExample(at: places[index].index, into: buffer)
  }

  public func restricted(toClasses kept: some Sequence<Int>) throws -> DatasetUnion {
    let (labels, indices) = try classes.restricted(to: Array(kept))
    return DatasetUnion(self, classes: labels, indices: indices)
  }
}
