/// Which class each example of a data set belongs to, with the names of the classes.
public struct ClassLabels: Equatable, Sendable {
  /// The class of each example, in `0..<names.count`.
  public let labels: [Int32]

  /// The name of each class.
  public let names: [String]

  /// For each class a number that it shares with its other forms, its quarter turns and mirror images; with none, a number of
  /// its own.
  public let originals: [Int]

  /// For each class the indices of its examples, in rising order; computed once.
  public let indicesByClass: [[Int]]

  /// Labels for classes with these names; throws a ``UserError`` that names the first label out of range.
  ///
  /// - Parameter originals: for each class the number that its forms share; nil: no two are forms of one class.
  public init(_ labels: [Int32], names: [String], originals: [Int]? = nil) throws {
    if let originals, originals.count != names.count {
      throw UserError("\(names.count) classes need as many numbers of their originals; given were \(originals.count).")
    }
    var indices = [[Int]](repeating: [], count: names.count)
    for (index, label) in labels.enumerated() {
      guard label >= 0, label < names.count else {
        let allowed = names.isEmpty ? "there are no classes" : "labels must be in 0...\(names.count - 1)"
        throw UserError("label \(label) at index \(index) is out of range: \(allowed)")
      }
      indices[Int(label)].append(index)
    }
    self.labels = labels
    self.names = names
    self.originals = originals ?? Array(names.indices)
    self.indicesByClass = indices
  }

  /// Labels of examples that lie class by class, `perClass` of each.
  init(perClass: Int, names: [String], originals: [Int]? = nil) {
    precondition(originals == nil || originals?.count == names.count)
    labels = names.indices.flatMap { repeatElement(Int32($0), count: perClass) }
    indicesByClass = names.indices.map { Array($0 * perClass..<($0 + 1) * perClass) }
    self.names = names
    self.originals = originals ?? Array(names.indices)
  }

  /// The classes `kept`, numbered anew in the order given, and the old indices of their examples class by class.
  ///
  /// Throws a ``UserError`` when a class does not exist or is named twice.
  func restricted(to kept: [Int]) throws -> (labels: ClassLabels, indices: [Int]) {
    var seen = Set<Int>()
    for number in kept {
      guard names.indices.contains(number) else {
        throw UserError("class \(number) does not exist: the data set has \(names.count) classes, numbered from 0")
      }
      guard seen.insert(number).inserted else { throw UserError("class \(number) is asked for twice") }
    }
    let labels = kept.enumerated().flatMap { repeatElement(Int32($0.offset), count: indicesByClass[$0.element].count) }
    let own = try ClassLabels(labels, names: kept.map { names[$0] }, originals: kept.map { originals[$0] })
    return (own, kept.flatMap { indicesByClass[$0] })
  }
}
