import Testing

@testable import FewShot

@Suite struct EpisodeSamplerTests {
  private let key = RandomKey(seed: 4)

  /// A data set whose examples say what they are: example `i` of class `c` is (c, i), in an order that mixes the classes.
  private func dataset(classes: Int, perClass: Int) throws -> LabeledVectors {
    let pairs = (0..<perClass).flatMap { example in (0..<classes).map { (Float($0), Float(example)) } }
    return try LabeledVectors(
      rows: pairs.map { [$0.0, $0.1] }, labels: pairs.map { Int32($0.0) },
      classNames: (0..<classes).map { "class \($0)" })
  }

  private func sampler(
    classes: Int = 7, perClass: Int = 9, ways: Int = 3, shots: Int = 2, queries: Int = 4
  ) throws -> EpisodeSampler<LabeledVectors> {
    try EpisodeSampler(
      dataset(classes: classes, perClass: perClass), shape: EpisodeShape(ways: ways, shots: shots, queries: queries))
  }

  /// The (class, example) pairs of a batch.
  private func pairs(_ batch: Batch) -> [[Float]] {
    let values = batch.inputs.floats
    return stride(from: 0, to: values.count, by: 2).map { [values[$0], values[$0 + 1]] }
  }

  @Test func countsAndShapes() throws {
    let episode = try sampler().episode(key: key)
    #expect(episode.shape == EpisodeShape(ways: 3, shots: 2, queries: 4))
    #expect(episode.support.inputs.shape == [6, 2])
    #expect(episode.query.inputs.shape == [12, 2])
    #expect(episode.support.count == 6)
    #expect(episode.query.count == 12)
    #expect(episode.support.inputs.scalarType == .float32)
    #expect(episode.support.targets.scalarType == .int32)
  }

  @Test func labelsAreCountedInOrder() throws {
    let sampler = try sampler()
    for index in 0..<20 {
      let episode = sampler.episode(key: key[index])
      #expect(episode.support.targets.scalars(as: Int32.self) == [0, 0, 1, 1, 2, 2])
      #expect(episode.query.targets.scalars(as: Int32.self) == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    }
  }

  @Test func eachLabelIsOneClassInBothSets() throws {
    let sampler = try sampler()
    for index in 0..<50 {
      let episode = sampler.episode(key: key[index])
      let (support, query) = (pairs(episode.support), pairs(episode.query))
      let names = sampler.classNames(key: key[index])
      #expect(Set(names).count == 3, "different classes")
      for label in 0..<3 {
        let classes = Set((support[2 * label..<2 * label + 2] + query[4 * label..<4 * label + 4]).map { $0[0] })
        #expect(classes.count == 1)
        #expect(classes.first.map { "class \(Int($0))" } == names[label])
      }
    }
  }

  @Test func supportAndQueryAreDisjoint() throws {
    // Every example of every class is needed, so that any repetition would show.
    let sampler = try sampler(classes: 4, perClass: 5, ways: 4, shots: 2, queries: 3)
    for index in 0..<50 {
      let episode = sampler.episode(key: key[index])
      #expect(Set(pairs(episode.support) + pairs(episode.query)).count == 20)
    }
  }

  @Test func theKeyDecides() throws {
    let (sampler, again) = (try sampler(), try sampler())
    func content(_ sampler: EpisodeSampler<LabeledVectors>, _ key: RandomKey) -> [[Float]] {
      let episode = sampler.episode(key: key)
      return pairs(episode.support) + pairs(episode.query)
    }
    var seen: Set<[[Float]]> = []
    for index in 0..<100 {
      #expect(content(sampler, key[index]) == content(again, key[index]))
      seen.insert(content(sampler, key[index]))
    }
    // There are more than 10¹² episodes of this shape.
    #expect(seen.count == 100)
  }

  @Test func episodesAreThoseOfTheChildrenOfTheKey() throws {
    let sampler = try sampler()
    let all = sampler.episodes(5, key: key)
    #expect(all.count == 5)
    for (index, episode) in all.enumerated() {
      #expect(pairs(episode.support) == pairs(sampler.episode(key: key[index]).support))
      #expect(pairs(episode.query) == pairs(sampler.episode(key: key[index]).query))
    }
  }

  /// Over 6000 episodes of 2 of 5 classes, a class takes a label in 1200 (standard deviation 31), and one of its 6
  /// examples is in the support set in 200 of these times 2 labels × 1 shot (20), in the query set twice as often (27).
  /// Bounds of five standard deviations are passed once in 10⁵ by chance, and the key is fixed.
  @Test func allClassesAndExamplesAreDrawnEquallyOften() throws {
    let sampler = try sampler(classes: 5, perClass: 6, ways: 2, shots: 1, queries: 2)
    var byLabel: [[Float]: Int] = [:]
    var (support, query): ([[Float]: Int], [[Float]: Int]) = ([:], [:])
    for index in 0..<6000 {
      let episode = sampler.episode(key: key[index])
      for (label, pair) in pairs(episode.support).enumerated() {
        byLabel[[Float(label), pair[0]], default: 0] += 1
        support[pair, default: 0] += 1
      }
      for pair in pairs(episode.query) { query[pair, default: 0] += 1 }
    }
    #expect(byLabel.count == 10)
    #expect(byLabel.values.allSatisfy { abs($0 - 1200) <= 155 }, "\(byLabel)")
    #expect(support.count == 30)
    #expect(support.values.allSatisfy { abs($0 - 400) <= 100 }, "\(support)")
    #expect(query.count == 30)
    #expect(query.values.allSatisfy { abs($0 - 800) <= 135 }, "\(query)")
  }

  /// 3 characters, each in 4 turns and mirrored: 24 classes, of which an episode of 3 ways takes one of each character.
  @Test(arguments: [false, true]) func oneFormOfAClass(isWeighted: Bool) throws {
    let images = try AlphabetGenerator(key: key, size: 8).dataset(classes: 0..<3, drawingsPerClass: 3)
      .withQuarterTurns().withMirrors()
    let shape = EpisodeShape(ways: 3, shots: 1, queries: 1)
    let weights = isWeighted ? [Double](repeating: 1, count: 24) : nil
    let sampler = try EpisodeSampler(images, shape: shape, weights: weights, takesOneForm: true)
    var taken: [String: Int] = [:]
    for index in 0..<2400 {
      let names = sampler.classNames(key: key[index])
      guard Set(names.map { $0.prefix(11) }) == ["character 0", "character 1", "character 2"] else {
        Issue.record("\(names)")
        return
      }
      for name in names { taken[name, default: 0] += 1 }
    }
    // Each form 300 times, with a standard deviation of 16.
    #expect(taken.count == 24 && taken.values.allSatisfy { abs($0 - 300) < 80 }, "\(taken)")
    // Otherwise forms of one character meet, in 1 − 24·16·8/(24·23·22) of the episodes, three quarters.
    let any = try EpisodeSampler(images, shape: shape, weights: weights)
    let met = (0..<400).count(where: { Set(any.classNames(key: key[$0]).map { $0.prefix(11) }).count < 3 })
    #expect(abs(met - 299) < 45, "\(met)")
    expectUserError("4 ways", "one form", "has 3") {
      _ = try EpisodeSampler(images, shape: EpisodeShape(ways: 4, shots: 1, queries: 1), takesOneForm: true)
    }
    expectUserError("weights", "counted once") {
      let two = images.classNames.map {
        $0.contains("2") && !$0.contains("@") ? 0.0 : $0.hasPrefix("character 2") ? 0 : 1
      }
      _ = try EpisodeSampler(images, shape: shape, weights: two, takesOneForm: true)
    }
  }

  @Test func imagesComeAsTheyAre() throws {
    let images = AlphabetGenerator(key: key, size: 8).dataset(classes: 0..<3, drawingsPerClass: 3)
    let sampler = try EpisodeSampler(images, shape: EpisodeShape(ways: 3, shots: 1, queries: 2))
    let episode = sampler.episode(key: key)
    #expect(episode.support.inputs.shape == [3, 8, 8, 1])
    #expect(episode.query.inputs.shape == [6, 8, 8, 1])
    let drawn = episode.query.inputs.floats
    let known = Set((0..<9).map { images.image(at: $0) })
    #expect((0..<6).allSatisfy { known.contains(Array(drawn[64 * $0..<64 * ($0 + 1)])) })
  }

  @Test func mistakesAreNamed() {
    expectUserError("8 ways", "has 7") { _ = try sampler(ways: 8) }
    expectUserError("10 examples", "6 shots", "4 queries", "'class 0' has 9") { _ = try sampler(shots: 6) }
    expectUserError("positive", "0, 2, 4") { _ = try sampler(ways: 0) }
    expectUserError("positive", "3, -1, 4") { _ = try sampler(shots: -1) }
    expectUserError("positive", "3, 2, 0") { _ = try sampler(queries: 0) }
    #expect(throws: Never.self) { _ = try sampler(ways: 7, shots: 5) }
  }

  @Test func theClassWithTooFewExamplesIsNamed() throws {
    let uneven = try LabeledVectors(
      rows: [[0], [0], [0], [1], [1]], labels: [0, 0, 0, 1, 1], classNames: ["full", "short"])
    expectUserError("3 examples", "'short' has 2") {
      _ = try EpisodeSampler(uneven, shape: EpisodeShape(ways: 1, shots: 1, queries: 2))
    }
    #expect(throws: Never.self) {
      _ = try EpisodeSampler(uneven, shape: EpisodeShape(ways: 2, shots: 1, queries: 1))
    }
  }
}
