import Foundation

/// Tasks from a table: each row is an example, with the name of its task, its features, and its target, which is a number
/// or a class.
public struct TaskTable: Sendable, Equatable {
  /// What a table asks for.
  public enum Target: Sendable {
    /// Numbers: regression.
    case numbers
    /// Names of classes.
    case classes
  }

  /// The examples of a task.
  public struct Task: Sendable, Equatable {
    public var name: String
    /// The features of its examples, one example after the other.
    public var inputs: [Float]
    /// The numbers that are asked for; empty where classes are.
    public var targets: [Float] = []
    /// The classes that are asked for; empty where numbers are.
    public var classes: [String] = []

    /// The number of examples.
    public var count: Int { max(targets.count, classes.count) }
  }

  /// The names of the columns that are neither the task nor the target.
  public let features: [String]
  /// In the order in which they first come up.
  public let tasks: [Task]

  /// Reads a file with a line of column names, then a row a line; columns are parted by commas, semicolons or tabs.
  ///
  /// - Parameters:
  ///   - task: the column with the name of a row's task.
  ///   - target: the column with what is asked for. All others are features.
  ///   - kind: whether that is a number or a class.
  /// - Throws: a ``UserError`` that names the file, and the row and column of what is missing or no finite number.
  public init(
    contentsOf url: URL, task: String = "task", target: String = "target", kind: Target = .numbers
  ) throws {
    let table = try TableFile(contentsOf: url)
    let taskColumn = try table.column(task, option: "--task-column")
    let targetColumn = try table.column(target, option: "--target-column")
    let featureColumns = table.columns.indices.filter { $0 != taskColumn && $0 != targetColumn }
    guard !featureColumns.isEmpty else {
      throw UserError("\(url.path) has no feature: no column besides '\(task)' and '\(target)'")
    }
    var tasks: [Task] = []
    var places: [String: Int] = [:]
    for row in 0..<table.count {
      let name = try table.text(row: row, column: taskColumn)
      let place = places[name] ?? tasks.count
      if place == tasks.count {
        places[name] = place
        tasks.append(Task(name: name, inputs: []))
      }
      for feature in featureColumns { tasks[place].inputs.append(try table.number(row: row, column: feature)) }
      switch kind {
      case .numbers:
        do {
          tasks[place].targets.append(try table.number(row: row, column: targetColumn))
        } catch let error as UserError {
          throw UserError("\(error). Where the target is a class: --dataset class-table")
        }
      case .classes: tasks[place].classes.append(try table.text(row: row, column: targetColumn))
      }
    }
    features = featureColumns.map { table.columns[$0] }
    self.tasks = tasks
  }
}

extension TaskTable {
  /// Reads a file whose target is a number or a class: a number where most rows have one, so that a row without one is a
  /// mistake.
  ///
  /// - Throws: a ``UserError`` that names the file, and the row and column of what is missing or no finite number.
  public init(inspecting url: URL, task: String = "task", target: String = "target") throws {
    do {
      try self.init(contentsOf: url, task: task, target: target)
    } catch {
      let classes = try TaskTable(contentsOf: url, task: task, target: target, kind: .classes)
      let names = classes.tasks.flatMap(\.classes)
      guard names.count(where: { Double($0) == nil }) * 2 > names.count else { throw error }
      self = classes
    }
  }
}

/// Means and standard deviations, by which the columns of a table are brought to one scale.
public struct TableScaling: Sendable, Codable, Equatable {
  public var mean: [Float]
  /// 1 for a column that does not vary.
  public var deviation: [Float]
  /// 0 and 1 where classes are asked for.
  public var targetMean: Float
  public var targetDeviation: Float

  /// The scaling after which the features and the targets of these tasks have mean 0 and variance 1.
  public init(of tasks: [TaskTable.Task], features: Int) {
    func moments(_ values: [Float]) -> (mean: Float, deviation: Float) {
      let count = Double(max(values.count, 1))
      let mean = values.reduce(0.0) { $0 + Double($1) } / count
      let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
      return (Float(mean), variance > 0 ? Float(variance.squareRoot()) : 1)
    }
    let columns = (0..<features).map { column in
      moments(
        tasks.flatMap { task in stride(from: column, to: task.inputs.count, by: features).map { task.inputs[$0] } })
    }
    (mean, deviation) = (columns.map(\.mean), columns.map(\.deviation))
    (targetMean, targetDeviation) = moments(tasks.flatMap(\.targets))
  }

  /// Features, one example after the other, on the common scale.
  public func scaled(_ inputs: [Float]) -> [Float] {
    inputs.enumerated().map { place, value in
      let column = place % mean.count
      return (value - mean[column]) / deviation[column]
    }
  }

  /// Targets on the common scale.
  public func scaled(targets: [Float]) -> [Float] { targets.map { ($0 - targetMean) / targetDeviation } }

  /// What a model says, as the table says it.
  public func unscaled(target: Double) -> Double { target * Double(targetDeviation) + Double(targetMean) }
}
