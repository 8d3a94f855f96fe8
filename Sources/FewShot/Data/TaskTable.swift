import Foundation
import SwiftCSV

/// Regression tasks from a table: each row is an example, with the name of its task, its features, and its target.
public struct TaskTable: Sendable, Equatable {
  /// The examples of a task.
  public struct Task: Sendable, Equatable {
    public var name: String
    /// The features of its examples, one example after the other.
    public var inputs: [Float]
    public var targets: [Float]
  }

  /// The names of the columns that are neither the task nor the target.
  public let features: [String]
  /// In the order in which they first come up.
  public let tasks: [Task]

  /// Reads a file with a line of column names, then a row a line; columns are parted by commas, semicolons or tabs.
  ///
  /// - Parameters:
  ///   - task: the column with the name of a row's task.
  ///   - target: the column with the number that is asked for. All others are features.
  /// - Throws: a ``UserError`` that names the file, and the row and column of what is missing or no finite number.
  public init(contentsOf url: URL, task: String = "task", target: String = "target") throws {
    let bytes = try InputFile.bytes(of: url, expected: "a table of comma- or tab-separated values")
    guard let text = String(bytes: bytes, encoding: .utf8) else { throw UserError("\(url.path) is not text in UTF-8") }
    let table: CSV<Enumerated>
    do {
      table = try CSV<Enumerated>(string: text, loadColumns: false)
    } catch {
      throw UserError("\(url.path) is not a table of comma- or tab-separated values: \(error)")
    }
    let names = table.header.map { $0.trimmingCharacters(in: .whitespaces) }
    func column(_ name: String, _ option: String) throws -> Int {
      let found = names.indices.filter { names[$0] == name }
      guard let first = found.first else {
        throw UserError(
          "\(url.path) has no column '\(name)'; it has \(names.joined(separator: ", ")). Name one with \(option).")
      }
      guard found.count == 1 else { throw UserError("\(url.path) has the column '\(name)' \(found.count) times") }
      return first
    }
    let (taskColumn, targetColumn) = (try column(task, "--task-column"), try column(target, "--target-column"))
    let featureColumns = names.indices.filter { $0 != taskColumn && $0 != targetColumn }
    guard !featureColumns.isEmpty else {
      throw UserError("\(url.path) has no feature: no column besides '\(task)' and '\(target)'")
    }
    var tasks: [Task] = []
    var places: [String: Int] = [:]
    for (index, row) in table.rows.enumerated() {
      // The names are line 1.
      let line = index + 2
      guard row.count == names.count else {
        throw UserError("\(url.path), row \(line): it has \(row.count) values; expected \(names.count)")
      }
      func number(_ column: Int) throws -> Float {
        guard let value = Float(row[column].trimmingCharacters(in: .whitespaces)), value.isFinite else {
          throw UserError("\(url.path), row \(line), column '\(names[column])': '\(row[column])' is no finite number")
        }
        return value
      }
      let name = row[taskColumn].trimmingCharacters(in: .whitespaces)
      guard !name.isEmpty else { throw UserError("\(url.path), row \(line): the task has no name") }
      let place = places[name] ?? tasks.count
      if place == tasks.count {
        places[name] = place
        tasks.append(Task(name: name, inputs: [], targets: []))
      }
      for feature in featureColumns { tasks[place].inputs.append(try number(feature)) }
      tasks[place].targets.append(try number(targetColumn))
    }
    guard !tasks.isEmpty else { throw UserError("\(url.path) has no rows") }
    features = featureColumns.map { names[$0] }
    self.tasks = tasks
  }
}

/// Means and standard deviations, by which the columns of a table are brought to one scale.
public struct TableScaling: Sendable, Codable, Equatable {
  public var mean: [Float]
  /// 1 for a column that does not vary.
  public var deviation: [Float]
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
}

/// Draws regression tasks from a table: a task, and of its rows some to learn from and others to be judged on.
public struct TableTasks: TaskDistribution {
  public let shape: EpisodeShape
  /// The tasks, scaled.
  public let tasks: [TaskTable.Task]
  private let features: Int

  /// Tasks of a table, brought to one scale.
  ///
  /// Throws a ``UserError`` that names a task with fewer rows than shots + queries.
  public init(_ tasks: [TaskTable.Task], features: Int, scaling: TableScaling, shots: Int, queries: Int) throws {
    shape = EpisodeShape(ways: 1, shots: shots, queries: queries)
    self.features = features
    guard !tasks.isEmpty else { throw UserError("There is no task to draw from.") }
    if let short = tasks.first(where: { $0.targets.count < shots + queries }) {
      throw UserError(
        "A task needs \(shots + queries) rows (\(shots) to learn from and \(queries) to be judged on); the task "
          + "'\(short.name)' has \(short.targets.count).")
    }
    self.tasks = tasks.map { task in
      var task = task
      for place in task.inputs.indices {
        let column = place % features
        task.inputs[place] = (task.inputs[place] - scaling.mean[column]) / scaling.deviation[column]
      }
      task.targets = task.targets.map { ($0 - scaling.targetMean) / scaling.targetDeviation }
      return task
    }
  }

  public func episode(key: RandomKey) -> Episode {
    var generator = key.makeGenerator()
    let task = tasks[generator.below(tasks.count)]
    let rows = generator.choose(shape.shots + shape.queries, outOf: task.targets.count)
    func batch(_ rows: ArraySlice<Int>) -> Batch {
      let inputs = rows.flatMap { task.inputs[$0 * features..<($0 + 1) * features] }
      return Batch(
        inputs: Tensor(inputs, shape: [rows.count, features]),
        targets: Tensor(rows.map { task.targets[$0] }, shape: [rows.count, 1]))
    }
    return Episode(support: batch(rows.prefix(shape.shots)), query: batch(rows.dropFirst(shape.shots)), shape: shape)
  }
}
