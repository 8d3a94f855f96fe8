import Foundation
import Testing

@testable import Training

/// Counts of two tasks that were worked by hand.
@Suite struct ClassMistakesTests {
  private static let mistakes = ClassMistakes([
    .init(names: ["a", "b"], truth: [0, 0, 1, 1], predictions: [0, 1, 1, 1]),
    .init(names: ["b", "c"], truth: [0, 0, 1, 1], predictions: [1, 1, 1, 0]),
  ])

  @Test func hardestClassesAndMostFrequentMistakesFirst() {
    #expect(
      Self.mistakes.classes == [
        .init(name: "b", queries: 4, right: 2), .init(name: "a", queries: 2, right: 1),
        .init(name: "c", queries: 2, right: 1),
      ])
    // b met c with two queries only, though it had four in all.
    #expect(
      Self.mistakes.pairs == [
        .init(name: "b", takenFor: "c", queries: 2, times: 2), .init(name: "a", takenFor: "b", queries: 2, times: 1),
        .init(name: "c", takenFor: "b", queries: 2, times: 1),
      ])
    let few = Self.mistakes.prefix(1)
    #expect(few.classes.map(\.name) == ["b"] && few.pairs.map(\.takenFor) == ["c"])
  }

  @Test func matrixAndTable() {
    let (classes, counts) = Self.mistakes.matrix
    #expect(classes == ["a", "b", "c"])
    #expect(counts == [[1, 1, 0], [0, 2, 2], [0, 1, 1]])
    #expect(
      Self.mistakes.csv == """
        class,taken_for,queries,times
        b,b,4,2
        a,a,2,1
        c,c,2,1
        b,c,2,2
        a,b,2,1
        c,b,2,1

        """)
    let odd = ClassMistakes([.init(names: ["x,\"y\""], truth: [0], predictions: [0])])
    #expect(odd.csv.hasSuffix("\"x,\"\"y\"\"\",\"x,\"\"y\"\"\",1,1\n"))
    #expect(ClassMistakes([]).classes.isEmpty)
  }
}
