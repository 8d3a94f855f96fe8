/// Draws tasks from a table: a task, and of its rows some to learn from and others to be judged on.
///
/// Where classes are asked for, an episode takes `ways` of its task's classes, in random order, and `shots` + `queries` rows
/// of each; or, where all tasks have the same classes, each class keeps its label.
public struct TableTasks: TaskDistribution {
  public let shape: EpisodeShape
  /// The tasks, scaled.
  public let tasks: [TaskTable.Task]
  /// The classes that keep their labels; nil where they do not, or numbers are asked for.
  public let fixedClasses: [String]?
  private let features: Int
  /// For each task its classes that have rows enough, with these rows.
  private let classes: [[(name: String, rows: [Int])]]

  /// Regression tasks of a table, brought to one scale.
  ///
  /// Throws a ``UserError`` that names a task with fewer rows than shots + queries.
  public init(_ tasks: [TaskTable.Task], features: Int, scaling: TableScaling, shots: Int, queries: Int) throws {
    shape = EpisodeShape(ways: 1, shots: shots, queries: queries)
    self.features = features
    (fixedClasses, classes) = (nil, [])
    guard !tasks.isEmpty else { throw UserError("There is no task to draw from.") }
    if let lack = tasks.lazy.compactMap({ [shape] in Self.lack(of: $0, shape, asksForClasses: false) }).first {
      throw UserError(lack)
    }
    self.tasks = tasks.map { task in
      var task = task
      task.inputs = scaling.scaled(task.inputs)
      task.targets = scaling.scaled(targets: task.targets)
      return task
    }
  }

  /// Classification tasks of a table, their features brought to one scale.
  ///
  /// - Parameter fixed: The classes in the order of their labels, where each keeps its own; nil where an episode numbers
  ///   its classes anew. See ``fixedClasses(of:ways:)``.
  /// - Throws: a ``UserError`` that names a task with fewer than `ways` classes that have shots + queries rows.
  public init(
    classesOf tasks: [TaskTable.Task], features: Int, scaling: TableScaling, shape: EpisodeShape, fixed: [String]? = nil
  ) throws {
    self.shape = shape
    self.features = features
    guard !tasks.isEmpty else { throw UserError("There is no task to draw from.") }
    classes = try tasks.map { task in
      if let lack = Self.lack(of: task, shape, asksForClasses: true) { throw UserError(lack) }
      return Self.classes(of: task, shape)
    }
    fixedClasses = fixed
    if let fixed, let other = zip(tasks, classes).first(where: { $1.map(\.name) != fixed })?.0 {
      throw UserError("The task '\(other.name)' has other classes than \(fixed.joined(separator: ", ")).")
    }
    self.tasks = tasks.map { task in
      var task = task
      task.inputs = scaling.scaled(task.inputs)
      return task
    }
  }

  /// What a task has too little of for episodes of a shape; nil where it has enough.
  public static func lack(of task: TaskTable.Task, _ shape: EpisodeShape, asksForClasses: Bool) -> String? {
    let needed = shape.shots + shape.queries
    guard asksForClasses else {
      return task.count >= needed
        ? nil
        : "A task needs \(needed) rows (\(shape.shots) to learn from and \(shape.queries) to be judged on); the task "
          + "'\(task.name)' has \(task.count)."
    }
    let count = classes(of: task, shape).count
    return count >= shape.ways
      ? nil
      : "A task needs \(shape.ways) classes of \(needed) rows (\(shape.shots) shots and \(shape.queries) queries); the task "
        + "'\(task.name)' has \(count)."
  }

  /// The classes of a task that have rows enough, by their names.
  private static func classes(of task: TaskTable.Task, _ shape: EpisodeShape) -> [(name: String, rows: [Int])] {
    let all = Dictionary(grouping: task.classes.indices) { task.classes[$0] }
    return all.filter { $0.value.count >= shape.shots + shape.queries }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value)
    }
  }

  /// The classes that all tasks have, if these are all that they have and as many as `ways`.
  public static func fixedClasses(of tasks: [TaskTable.Task], ways: Int) -> [String]? {
    let sets = tasks.map { Set($0.classes) }
    guard let first = sets.first, first.count == ways, sets.allSatisfy({ $0 == first }) else { return nil }
    return first.sorted()
  }

  public func episode(key: RandomKey) -> Episode {
    var generator = key.makeGenerator()
    let number = generator.below(tasks.count)
    let task = tasks[number]
    func inputs(_ rows: [Int]) -> Tensor {
      Tensor(
        rows.flatMap { task.inputs[$0 * features..<($0 + 1) * features] }, shape: [rows.count, features])
    }
    guard !classes.isEmpty else {
      let rows = generator.choose(shape.shots + shape.queries, outOf: task.count)
      func batch(_ rows: [Int]) -> Batch {
        Batch(inputs: inputs(rows), targets: Tensor(rows.map { task.targets[$0] }, shape: [rows.count, 1]))
      }
      return Episode(
        support: batch(Array(rows.prefix(shape.shots))), query: batch(Array(rows.dropFirst(shape.shots))), shape: shape)
    }
    let own = classes[number]
    let chosen = fixedClasses == nil ? generator.choose(shape.ways, outOf: own.count) : Array(own.indices)
    var (support, query): ([Int], [Int]) = ([], [])
    for label in chosen {
      let rows = generator.choose(shape.shots + shape.queries, outOf: own[label].rows.count).map { own[label].rows[$0] }
      support += rows.prefix(shape.shots)
      query += rows.dropFirst(shape.shots)
    }
    func batch(_ rows: [Int], perClass: Int) -> Batch {
      Batch(inputs: inputs(rows), targets: Tensor(rows.indices.map { Int32($0 / perClass) }))
    }
    return Episode(
      support: batch(support, perClass: shape.shots), query: batch(query, perClass: shape.queries), shape: shape)
  }
}
