/// A data set with other classes: some renamed, some joined, some left out.
///
/// ```swift
/// let vowels = try RelabeledDataset(letters) { "aeiou".contains($0) ? $0 : nil }       // filtered
/// let kinds = try RelabeledDataset(animals) { $0.hasPrefix("dog") ? "dog" : "other" }  // joined
/// ```
public struct RelabeledDataset<Base: LabeledDataset>: LabeledDataset {
  public let classes: ClassLabels
  private let base: Base
  /// For each example its number in the base.
  private let places: [Int]

  /// The data set with each class under the name that `rename` gives it; those that it gives none are left out.
  ///
  /// The classes are numbered by the first of their old numbers, and are forms of what that one is a form of. Throws a
  /// ``UserError`` where none is left.
  public init(_ base: Base, _ rename: (String) -> String?) throws {
    var (names, originals): ([String], [Int]) = ([], [])
    var numbers: [String: Int32] = [:]
    let renamed = base.classNames.enumerated().map { place, old -> Int32? in
      guard let name = rename(old) else { return nil }
      if numbers[name] == nil {
        numbers[name] = Int32(names.count)
        names.append(name)
        originals.append(base.classes.originals[place])
      }
      return numbers[name]
    }
    guard !names.isEmpty else { throw UserError("No class of the data set is left.") }
    let kept = base.labels.enumerated().compactMap { index, label in renamed[Int(label)].map { (index, $0) } }
    self.base = base
    places = kept.map(\.0)
    classes = try ClassLabels(kept.map(\.1), names: names, originals: originals)
  }

  private init(base: Base, places: [Int], classes: ClassLabels) {
    (self.base, self.places, self.classes) = (base, places, classes)
  }

  public var exampleShape: [Int] { base.exampleShape }

  public func copyExample(at index: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    base.copyExample(at: places[index], into: buffer)
  }

  public func restricted(toClasses kept: some Sequence<Int>) throws -> RelabeledDataset {
    let (labels, indices) = try classes.restricted(to: Array(kept))
    return RelabeledDataset(base: base, places: indices.map { places[$0] }, classes: labels)
  }
}
