import Foundation

/// Examples to adapt to, as the models of a run take them.
public struct SupportSet: Sendable {
  /// The examples, and their labels or numbers.
  public var batch: Batch
  /// The names of the classes, by their labels; empty where numbers are asked for.
  public var classNames: [String]

  /// Examples with their targets.
  public init(_ batch: Batch, classNames: [String] = []) {
    self.batch = batch
    self.classNames = classNames
  }

  /// All examples of a data set.
  public init(_ examples: some LabeledDataset) {
    batch = examples.batch(of: Array(0..<examples.count))
    classNames = examples.classNames
  }

  /// The number of examples.
  public var count: Int { batch.count }
}

/// What the models of a run take.
public enum InputForm: Sendable, Codable, Equatable {
  /// Pictures, which are prepared in some way.
  case pictures(ImagePreparation)
  /// Rows of a table.
  case rows(TableForm)
  /// Arrays of numbers of a shape.
  case values(shape: [Int])

  /// The shape of an example.
  public var exampleShape: [Int] {
    switch self {
    case .pictures(let preparation): preparation.exampleShape
    case .rows(let form): [form.features.count]
    case .values(let shape): shape
    }
  }
}

/// How the rows of a table become examples.
public struct TableForm: Sendable, Codable, Equatable {
  /// The columns that are read, in their order; others are passed over.
  public var features: [String]
  /// The column that is asked for.
  public var target: String
  /// The scale of the columns.
  public var scaling: TableScaling
  /// Whether classes are asked for, not numbers.
  public var asksForClasses: Bool
  /// The classes in the order of their labels, where these are fixed.
  public var classes: [String]?

  /// The rows of a table as examples, [rows, features].
  ///
  /// - Throws: a `UserError` that names the file and the column that is missing, or the place of what is no number.
  public func inputs(of table: TableFile) throws -> Tensor {
    let columns = try features.map { try table.column($0) }
    return Tensor(scaling.scaled(try table.numbers(columns: columns)), shape: [table.count, features.count])
  }

  /// The rows of a table with their targets.
  ///
  /// - Throws: a `UserError` as `inputs(of:)` does, or where a class is not among those that are fixed.
  public func support(of table: TableFile) throws -> SupportSet {
    let (inputs, column) = (try inputs(of: table), try table.column(target))
    guard asksForClasses else {
      let targets = scaling.scaled(targets: try table.numbers(columns: [column]))
      return SupportSet(Batch(inputs: inputs, targets: Tensor(targets, shape: [table.count, 1])))
    }
    let classes = try (0..<table.count).map { try table.text(row: $0, column: column) }
    let names = self.classes ?? Set(classes).sorted()
    let labels = try classes.map { name in
      guard let label = names.firstIndex(of: name) else {
        throw UserError("The run knows the classes \(names.joined(separator: ", ")); the table has '\(name)'.")
      }
      return Int32(label)
    }
    return SupportSet(Batch(inputs: inputs, targets: Tensor(labels)), classNames: names)
  }
}

extension MetaConfiguration {
  /// What the models of a run take; nil for sinusoids, which are made.
  package var inputForm: InputForm? {
    switch dataset {
    case .sinusoid: return nil
    case .table, .classTable:
      guard let features = table.features, let scaling = table.scaling else { return nil }
      return .rows(
        TableForm(
          features: features, target: table.target, scaling: scaling, asksForClasses: dataset == .classTable,
          classes: table.classes))
    case .arrays: return arrays.exampleShape.map { .values(shape: $0) }
    case .folder, .omniglot, .alphabet, .mnist, .fashionMNIST, .cifarFS, .fc100: return .pictures(imagePreparation)
    }
  }
}
