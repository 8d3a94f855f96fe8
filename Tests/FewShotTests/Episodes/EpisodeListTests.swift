import Foundation
import Testing

@testable import FewShot

/// Fixed lists of episodes, mixtures, and episodes of different sizes.
@Suite struct EpisodeListTests {
  private static let data = try! LabeledVectors(
    rows: (0..<60).map { [Float($0 % 6), Float($0 / 6)] }, labels: (0..<60).map { Int32($0 % 6) },
    classNames: (0..<6).map { "\($0)" })
  private static let shape = EpisodeShape(ways: 3, shots: 2, queries: 4)

  @Test func writtenAndReadAreTheSame() throws {
    let sampler = try EpisodeSampler(Self.data, shape: Self.shape)
    let list = try EpisodeList(sampler.episodes(5, key: RandomKey(seed: 1)))
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("list.safetensors")
    try list.write(to: file)
    let read = try EpisodeList(contentsOf: file)
    #expect(read.episodes.count == 5)
    for (one, other) in zip(read.episodes, list.episodes) {
      #expect(one.shape == other.shape)
      #expect(one.leaves.map(\.tensor.floats) == other.leaves.map(\.tensor.floats))
      #expect(one.leaves.map(\.tensor.scalarType) == other.leaves.map(\.tensor.scalarType))
    }

    let whole = try Data(contentsOf: file)
    for length in [0, 10, 300, whole.count - 1] {
      try whole.prefix(length).write(to: file)
      expectUserError("list.safetensors") { _ = try EpisodeList(contentsOf: file) }
    }
    try SafeTensors.write(["a": Tensor([1])], to: file)
    expectUserError("not a list of episodes") { _ = try EpisodeList(contentsOf: file) }
    let metadata = ["format": "metalearn episodes 1", "shape": #"{"ways":3,"shots":2,"queries":4}"#]
    try SafeTensors.write(["support.inputs": Tensor.ones([2, 6, 2])], metadata: metadata, to: file)
    expectUserError("'support.targets'") { _ = try EpisodeList(contentsOf: file) }
    let zeros = { (shape: [Int]) in Tensor.zeros(shape) }
    try SafeTensors.write(
      [
        "support.inputs": zeros([2, 6, 2]), "support.targets": zeros([2, 6]), "query.inputs": zeros([2, 11, 2]),
        "query.targets": zeros([2, 11]),
      ], metadata: metadata, to: file)
    expectUserError("other numbers of examples") { _ = try EpisodeList(contentsOf: file) }
  }

  @Test func listsAreOfOneShape() throws {
    let one = try EpisodeSampler(Self.data, shape: Self.shape).episode(key: RandomKey(seed: 1))
    let other = try EpisodeSampler(Self.data, shape: EpisodeShape(ways: 3, shots: 1, queries: 4))
      .episode(key: RandomKey(seed: 1))
    expectUserError("Episode 1") { _ = try EpisodeList([one, other]) }
    expectUserError("must have one") { _ = try EpisodeList([]) }
  }

  @Test func mixturesDrawByWeight() throws {
    func constant(_ value: Float) throws -> EpisodeSampler<LabeledVectors> {
      try EpisodeSampler(
        LabeledVectors(
          rows: Array(repeating: [value], count: 4), labels: [0, 0, 1, 1], classNames: ["a", "b"]),
        shape: EpisodeShape(ways: 2, shots: 1, queries: 1))
    }
    let mixture = try TaskMixture([(constant(1), 3), (constant(2), 1)])
    let values = mixture.episodes(2000, key: RandomKey(seed: 2)).map { $0.support.inputs.floats[0] }
    // Within four standard deviations of 1500.
    #expect(abs(values.count { $0 == 1 } - 1500) < 78)
    let wide = try EpisodeSampler(Self.data, shape: Self.shape)
    expectUserError("one shape") { _ = try TaskMixture([(constant(1), 1), (wide, 1)]) }
    expectUserError("positive") { _ = try TaskMixture([(constant(1), 0)]) }
    expectUserError("needs a distribution") { _ = try TaskMixture([]) }
  }

  @Test(arguments: [false, true]) func sizesVary(imbalanced: Bool) throws {
    let varied = try VariedEpisodes(Self.data, ways: 2...4, shots: 1...5, queries: 3, imbalanced: imbalanced)
    #expect(varied.shape == EpisodeShape(ways: 4, shots: 5, queries: 3))
    var (ways, shots): (Set<Int>, Set<[Int]>) = ([], [])
    for seed in 0..<300 {
      let episode = varied.episode(key: RandomKey(seed: UInt64(seed)))
      let labels: [Int32] = episode.support.targets.scalars()
      let counts = (0..<episode.shape.ways).map { way in labels.count { $0 == Int32(way) } }
      #expect(counts.allSatisfy((1...5).contains) && counts.reduce(0, +) == labels.count)
      #expect(counts.max() == episode.shape.shots)
      #expect(imbalanced || Set(counts).count == 1)
      #expect(episode.query.count == 3 * episode.shape.ways)
      let pairs = { (batch: Batch) in
        stride(from: 0, to: 2 * batch.count, by: 2).map { Array(batch.inputs.floats[$0..<$0 + 2]) }
      }
      #expect(Set(pairs(episode.support) + pairs(episode.query)).count == labels.count + episode.query.count)
      ways.insert(episode.shape.ways)
      shots.insert(counts)
    }
    #expect(ways == [2, 3, 4])
    #expect(imbalanced ? shots.count > 60 : shots.count == 15)
    expectUserError("positive") { _ = try VariedEpisodes(Self.data, ways: 0...2, shots: 1...2, queries: 1) }
    expectUserError("the class '0' has 10") {
      _ = try VariedEpisodes(Self.data, ways: 1...2, shots: 1...8, queries: 3)
    }
  }
}
