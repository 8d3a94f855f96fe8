/// Which classes a model takes for which, counted over tasks that each have some of them.
public struct ClassMistakes: Sendable, Codable, Equatable {
  /// A class, and how many of its queries were told right.
  public struct Class: Sendable, Codable, Equatable {
    public var name: String
    public var queries: Int
    public var right: Int

    /// The share of its queries that were told right.
    public var share: Double { Double(right) / Double(max(queries, 1)) }
  }

  /// Two classes that met in a task: how many queries there were of the first, and how many were taken for the second.
  public struct Pair: Sendable, Codable, Equatable {
    public var name: String
    public var takenFor: String
    public var queries: Int
    public var times: Int
  }

  /// What a model said of the queries of one task: true and predicted classes by their number among the task's names.
  public struct Answers: Sendable {
    public var names: [String]
    public var truth: [Int32]
    public var predictions: [Int32]

    public init(names: [String], truth: [Int32], predictions: [Int32]) {
      (self.names, self.truth, self.predictions) = (names, truth, predictions)
    }
  }

  /// All classes, that with the smallest share of right answers first.
  public private(set) var classes: [Class]
  /// The pairs with a mistake, that with the most of them first.
  public private(set) var pairs: [Pair]

  private struct Key: Hashable { var name: String, takenFor: String }

  /// Counts the answers of some tasks.
  public init(_ tasks: some Sequence<Answers>) {
    var queries: [Key: Int] = [:]
    var times: [Key: Int] = [:]
    for task in tasks {
      for (truth, prediction) in zip(task.truth, task.predictions) {
        let name = task.names[Int(truth)]
        for other in task.names { queries[Key(name: name, takenFor: other), default: 0] += 1 }
        times[Key(name: name, takenFor: task.names[Int(prediction)]), default: 0] += 1
      }
    }
    classes = queries.filter { $0.key.name == $0.key.takenFor }.map {
      Class(name: $0.key.name, queries: $0.value, right: times[$0.key] ?? 0)
    }
    pairs = times.filter { $0.key.name != $0.key.takenFor }.map {
      Pair(name: $0.key.name, takenFor: $0.key.takenFor, queries: queries[$0.key] ?? 0, times: $0.value)
    }
    // Names last, so that the order does not depend on that of a dictionary.
    classes.sort { ($0.share, $1.queries, $0.name) < ($1.share, $0.queries, $1.name) }
    pairs.sort { ($1.times, $0.queries, $0.name, $0.takenFor) < ($0.times, $1.queries, $1.name, $1.takenFor) }
  }

  /// The hardest classes and the most frequent mistakes alone.
  public func prefix(_ count: Int) -> ClassMistakes {
    var some = self
    (some.classes, some.pairs) = (Array(classes.prefix(count)), Array(pairs.prefix(count)))
    return some
  }

  /// Counts as a matrix, true classes down and predicted ones across, with the classes in the order of their names.
  public var matrix: (classes: [String], counts: [[Int]]) {
    let names = classes.map(\.name).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    var counts = names.map { _ in [Int](repeating: 0, count: names.count) }
    for kind in classes { if let number = numbers[kind.name] { counts[number][number] = kind.right } }
    for pair in pairs {
      if let row = numbers[pair.name], let column = numbers[pair.takenFor] { counts[row][column] = pair.times }
    }
    return (names, counts)
  }

  /// As a table: a line for each class with its right answers, and one for each pair with a mistake.
  public var csv: String {
    func quoted(_ name: String) -> String {
      name.contains { ",\"\n".contains($0) } ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
    }
    let right = classes.map { "\(quoted($0.name)),\(quoted($0.name)),\($0.queries),\($0.right)\n" }
    let wrong = pairs.map { "\(quoted($0.name)),\(quoted($0.takenFor)),\($0.queries),\($0.times)\n" }
    return "class,taken_for,queries,times\n" + (right + wrong).joined()
  }
}
