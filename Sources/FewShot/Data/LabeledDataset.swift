/// A set of examples of one shape, each of which belongs to one class: what episodes are drawn from.
///
/// Examples are copied out one at a time as `Float`, so that a data set may keep them in whatever form is small.
public protocol LabeledDataset: ExampleSource {
  /// The shape of one example; for a grey image `[height, width, 1]`.
  var exampleShape: [Int] { get }

  /// Which class each example belongs to.
  var classes: ClassLabels { get }

  /// The examples of some classes, class by class; the classes are numbered anew in the order given.
  ///
  /// Throws a ``UserError`` when a class does not exist or is named twice.
  func restricted(toClasses kept: some Sequence<Int>) throws -> Self

  /// Writes the example at `index` to `buffer`, whose count is the product of ``exampleShape``, last axis fastest.
  func copyExample(at index: Int, into buffer: UnsafeMutableBufferPointer<Float>)
}

extension LabeledDataset {
  /// The number of examples.
  public var count: Int { classes.labels.count }

  /// The number of classes, those without an example included.
  public var classCount: Int { classes.names.count }

  /// The class of each example, in `0..<classCount`.
  public var labels: [Int32] { classes.labels }

  /// The name of each class.
  public var classNames: [String] { classes.names }

  /// For each class the indices of its examples, in rising order.
  public var indicesByClass: [[Int]] { classes.indicesByClass }

  /// The examples of the classes with some names, class by class.
  ///
  /// Throws a ``UserError`` when a class does not exist or is named twice.
  public func restricted(toClassesNamed names: [String]) throws -> Self {
    let places = Dictionary(zip(classNames, classNames.indices)) { first, _ in first }
    return try restricted(
      toClasses: names.map { name in
        guard let place = places[name] else { throw UserError("The data have no class '\(name)'.") }
        return place
      })
  }

  /// The number of values in one example.
  public var exampleSize: Int { exampleShape.reduce(1, *) }

  /// The values of one example, last axis fastest.
  public func example(at index: Int) -> [Float] { examples(at: CollectionOfOne(index)) }

  /// The values of some examples, one after the other: a batch of shape `[indices.count] + exampleShape`.
  public func examples(at indices: some Collection<Int>) -> [Float] {
    let size = exampleSize
    return [Float](unsafeUninitializedCapacity: indices.count * size) { buffer, initialized in
      for (row, index) in indices.enumerated() {
        copyExample(at: index, into: UnsafeMutableBufferPointer(rebasing: buffer[row * size..<(row + 1) * size]))
      }
      initialized = indices.count * size
    }
  }
}
