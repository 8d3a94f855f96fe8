import Foundation

/// What is in a table of tasks, and what is wrong with it.
public struct TableSurvey: Sendable, Codable, Equatable {
  /// A column of numbers.
  public struct Column: Sendable, Codable, Equatable {
    public var name: String
    public var least: Float
    public var most: Float
    public var mean: Float
  }

  /// A class, how many rows have it, and in how many tasks it is.
  public struct Class: Sendable, Codable, Equatable {
    public var name: String
    public var rows: Int
    public var tasks: Int
  }

  /// How many rows each task has, the fewest first.
  public var rowsOfTasks: [Int]
  public var features: [Column]
  /// The numbers that are asked for; nil where classes are.
  public var target: Column?
  /// The classes that are asked for, by name; empty where numbers are.
  public var classes: [Class]
  /// What is wrong, a sentence each.
  public var problems: [String]

  /// The number of rows.
  public var rows: Int { rowsOfTasks.reduce(0, +) }

  /// Looks at a table.
  public init(_ table: TaskTable) {
    func column(_ name: String, _ values: [Float]) -> Column {
      let mean = values.reduce(0.0) { $0 + Double($1) } / Double(max(values.count, 1))
      return Column(name: name, least: values.min() ?? .nan, most: values.max() ?? .nan, mean: Float(mean))
    }
    let count = table.features.count
    rowsOfTasks = table.tasks.map(\.count).sorted()
    features = table.features.enumerated().map { place, name in
      column(
        name,
        table.tasks.flatMap { task in stride(from: place, to: task.inputs.count, by: count).map { task.inputs[$0] } })
    }
    let targets = table.tasks.flatMap(\.targets)
    target = targets.isEmpty ? nil : column("target", targets)
    var found: [String: Class] = [:]
    for task in table.tasks {
      for name in task.classes { found[name, default: Class(name: name, rows: 0, tasks: 0)].rows += 1 }
      for name in Set(task.classes) { found[name]?.tasks += 1 }
    }
    classes = found.values.sorted { $0.name < $1.name }
    problems = features.filter { $0.least == $0.most }.map {
      "The feature '\($0.name)' is \($0.least) in every row."
    }
    for task in table.tasks where task.count < 2 {
      problems.append("The task '\(task.name)' has a single row, which cannot be both learned from and asked for.")
    }
    for task in table.tasks where task.count > 1 && Set(task.classes).count == 1 {
      problems.append("All rows of the task '\(task.name)' are of the class '\(task.classes[0])'.")
    }
  }
}
