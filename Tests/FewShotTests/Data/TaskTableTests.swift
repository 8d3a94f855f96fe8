import Foundation
import Testing

@testable import FewShot

/// Regression tasks from tables.
@Suite struct TaskTableTests {
  private static func table(_ text: String, task: String = "task", target: String = "target") throws -> TaskTable {
    let folder = try TemporaryFolder()
    return try TaskTable(contentsOf: try folder.write(Array(text.utf8), to: "t.csv"), task: task, target: target)
  }

  @Test func rowsOfTasks() throws {
    let comma = try Self.table("x,task,target,z\n1,a,5,2\n3,b,6,4\n-1.5e1,\"a\",7,0\n")
    #expect(comma.features == ["x", "z"])
    #expect(
      comma.tasks == [
        .init(name: "a", inputs: [1, 2, -15, 0], targets: [5, 7]), .init(name: "b", inputs: [3, 4], targets: [6]),
      ])
    let tabs = try Self.table("who\ty\tx\r\n1\t2\t3\r\n1\t4\t5\r\n", task: "who", target: "y")
    #expect(tabs.tasks == [.init(name: "1", inputs: [3, 5], targets: [2, 4])])
  }

  @Test func mistakes() throws {
    expectUserError("t.csv", "no column 'task'", "x, target", "--task-column") { _ = try Self.table("x,target\n1,2\n") }
    expectUserError("'target' 2 times") { _ = try Self.table("task,target,target\na,1,2\n") }
    expectUserError("no feature") { _ = try Self.table("task,target\na,1\n") }
    expectUserError("no rows") { _ = try Self.table("task,target,x\n") }
    expectUserError("row 3", "'x'", "'one'") { _ = try Self.table("task,target,x\na,1,2\na,1,one\n") }
    expectUserError("row 2", "'target'", "finite") { _ = try Self.table("task,target,x\na,nan,2\n") }
    expectUserError("row 2", "values") { _ = try Self.table("task,target,x\na,1\n") }
    expectUserError("row 2", "'task'", "empty") { _ = try Self.table("task,target,x\n,1,2\n") }
    expectUserError("t.csv") { _ = try Self.table("") }
    expectUserError("t.csv") { _ = try Self.table("task,target,x\n\"a,1,2\n") }
  }

  /// Scaled by the training tasks; support and query share no row.
  @Test func episodes() throws {
    let rows = (0..<40).map { "t\($0 % 2),\(3 * $0 + 1),\($0),7" }
    let table = try Self.table("task,target,x,constant\n" + rows.joined(separator: "\n"))
    let scaling = TableScaling(of: table.tasks, features: 2)
    #expect(scaling.deviation[1] == 1)
    let tasks = try TableTasks(table.tasks, features: 2, scaling: scaling, shots: 5, queries: 15)
    for seed in 0..<20 {
      let episode = tasks.episode(key: RandomKey(seed: UInt64(seed)))
      let x = episode.support.inputs[.all, 0].floats + episode.query.inputs[.all, 0].floats
      let y = episode.support.targets.floats + episode.query.targets.floats
      #expect(Set(x).count == 20)
      // The target is a line in x, so that both are equal once they are scaled.
      #expect(zip(x, y).allSatisfy { Swift.abs($0 - $1) < 1e-5 })
    }
    expectUserError("'t0' has 20", "21 rows") {
      _ = try TableTasks(table.tasks, features: 2, scaling: scaling, shots: 6, queries: 15)
    }
  }

  private static func classes(_ rows: [String]) throws -> [TaskTable.Task] {
    let folder = try TemporaryFolder()
    let text = "task,target,x\n" + rows.joined(separator: "\n")
    return try TaskTable(contentsOf: try folder.write(Array(text.utf8), to: "t.csv"), kind: .classes).tasks
  }

  /// The feature says the class and the row, so that what an episode drew can be read from it.
  @Test func episodesOfClasses() throws {
    let rows = (0..<60).map { "t\($0 % 2),\(["cat", "dog", "emu"][$0 / 2 % 3]),\($0 / 2 % 3 * 100 + $0)" }
    let tasks = try Self.classes(rows)
    #expect(tasks.map(\.count) == [30, 30] && tasks[0].classes.prefix(3) == ["cat", "dog", "emu"])
    var scaling = TableScaling(of: tasks, features: 1)
    (scaling.mean, scaling.deviation) = ([0], [1])
    let shape = EpisodeShape(ways: 2, shots: 3, queries: 4)
    let sampler = try TableTasks(classesOf: tasks, features: 1, scaling: scaling, shape: shape)
    var orders: Set<[Int]> = []
    for seed in 0..<50 {
      let episode = sampler.episode(key: RandomKey(seed: UInt64(seed)))
      #expect(episode.support.targets.scalars(as: Int32.self) == [0, 0, 0, 1, 1, 1])
      #expect(episode.query.targets.scalars(as: Int32.self) == [0, 0, 0, 0, 1, 1, 1, 1])
      let (support, query) = (episode.support.inputs.floats, episode.query.inputs.floats)
      #expect(Set(support + query).count == 14)
      let kinds = support.map { Int($0) / 100 }
      #expect(Set(kinds.prefix(3)).count == 1 && Set(kinds.suffix(3)).count == 1 && kinds[0] != kinds[5])
      orders.insert([kinds[0], kinds[5]])
    }
    #expect(orders.count == 6, "all ordered pairs of three classes")
    #expect(TableTasks.fixedClasses(of: tasks, ways: 2) == nil)

    let names = try #require(TableTasks.fixedClasses(of: tasks, ways: 3))
    #expect(names == ["cat", "dog", "emu"])
    let all = EpisodeShape(ways: 3, shots: 1, queries: 1)
    let fixed = try TableTasks(classesOf: tasks, features: 1, scaling: scaling, shape: all, fixed: names)
    for seed in 0..<20 {
      let episode = fixed.episode(key: RandomKey(seed: UInt64(seed)))
      #expect(episode.support.inputs.floats.map { Int($0) / 100 } == [0, 1, 2])
    }
    expectUserError("'t0' has 0", "3 classes of 11 rows") {
      _ = try TableTasks(
        classesOf: tasks, features: 1, scaling: scaling, shape: EpisodeShape(ways: 3, shots: 1, queries: 10))
    }
    expectUserError("'t1' has other classes") {
      let other = try Self.classes(rows + (0..<5).map { "t1,fox,\($0)" })
      _ = try TableTasks(classesOf: other, features: 1, scaling: scaling, shape: all, fixed: names)
    }
  }
}

@Suite struct TableSurveyTests {
  private let folder = try! TemporaryFolder()

  private func survey(_ text: String) throws -> TableSurvey {
    TableSurvey(try TaskTable(inspecting: try folder.write(Array(text.utf8), to: "table.csv")))
  }

  @Test func numbers() throws {
    let survey = try survey("task,x,y,target\na,1,5,10\na,3,5,20\nb,2,5,60\n")
    #expect(survey.rowsOfTasks == [1, 2] && survey.rows == 3 && survey.classes.isEmpty)
    #expect(survey.features[0] == .init(name: "x", least: 1, most: 3, mean: 2))
    #expect(survey.target == .init(name: "target", least: 10, most: 60, mean: 30))
    #expect(survey.problems.count == 2)
    #expect(
      survey.problems[0].contains("'y' is 5.0 in every row") && survey.problems[1].contains("'b' has a single row"))
  }

  @Test func classes() throws {
    let survey = try survey("task,x,target\na,1,warm\na,3,cold\nb,2,warm\nb,4,warm\nb,5,7\n")
    #expect(
      survey.classes == [
        .init(name: "7", rows: 1, tasks: 1), .init(name: "cold", rows: 1, tasks: 1),
        .init(name: "warm", rows: 3, tasks: 2),
      ])
    #expect(survey.target == nil && survey.problems.isEmpty)
    #expect(try self.survey("task,x,target\na,1,warm\na,2,warm\nb,1,cold\nb,2,warm\n").problems.count == 1)
  }

  /// Among numbers, what is none is a mistake and no class.
  @Test func aNumberThatIsMissing() {
    expectUserError("table.csv", "row 3") { _ = try survey("task,x,target\na,1,10\na,3,oops\nb,2,60\n") }
  }
}
