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
    expectUserError("row 2", "no name") { _ = try Self.table("task,target,x\n,1,2\n") }
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
}
