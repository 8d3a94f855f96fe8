import Testing

@testable import Tensors

@Suite struct ArenaTests {
  /// Lives drawn at random, in the order in which they begin.
  private static func lives(_ count: Int, seed: UInt64) -> [ArrayLife] {
    var generator = RandomKey(seed: seed).makeGenerator()
    return (0..<count).map { index in
      ArrayLife(
        calls: index / 2...(index / 2 + generator.below(20)),
        length: 64 * (1 + generator.below(8) * generator.below(50)))
    }
  }

  private static func mostAlive(_ lives: [ArrayLife]) -> Int {
    (0..<(lives.last.map { $0.calls.lowerBound + 1 } ?? 0)).map { call in
      lives.filter { $0.calls.contains(call) }.reduce(0) { $0 + $1.length }
    }.max() ?? 0
  }

  @Test(arguments: UInt64(0)..<8) func whatLivesAtOnceLiesApart(seed: UInt64) {
    let lives = Self.lives(60, seed: seed)
    for placement in [Placement(inTurn: lives), Placement(largestFirst: lives)] {
      for one in lives.indices {
        #expect(placement.starts[one] >= 0 && placement.starts[one] + lives[one].length <= placement.size)
        for other in lives.indices where other > one && lives[one].calls.overlaps(lives[other].calls) {
          let (first, second) = (placement.starts[one], placement.starts[other])
          #expect(first + lives[one].length <= second || second + lives[other].length <= first)
        }
      }
      #expect(placement.size >= Self.mostAlive(lives))
    }
  }

  /// A small array that lives on in a hole keeps a larger one from it in turn; placed first, the larger one takes the hole.
  @Test func theLargestFirstPackTighter() {
    let lives = [
      ArrayLife(calls: 0...0, length: 640), ArrayLife(calls: 1...3, length: 64), ArrayLife(calls: 2...3, length: 640),
    ]
    #expect(Placement(inTurn: lives).size == 1280)
    #expect(Placement(largestFirst: lives).size == 704)
  }
}
