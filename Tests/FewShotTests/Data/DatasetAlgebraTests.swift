import Testing

@testable import FewShot

/// Data sets that are made of others: renamed, joined, filtered, united, turned; and splits by domain.
@Suite struct DatasetAlgebraTests {
  /// Example `i` of class `c` is (c, i).
  private static func dataset(_ names: [String], perClass: Int) throws -> LabeledVectors {
    let pairs = (0..<perClass).flatMap { example in names.indices.map { [Float($0), Float(example)] } }
    return try LabeledVectors(rows: pairs, labels: pairs.map { Int32($0[0]) }, classNames: names)
  }

  @Test func relabelled() throws {
    let base = try Self.dataset(["cat", "car", "dog", "bus"], perClass: 3)
    let kinds = try RelabeledDataset(base) { $0 == "bus" ? nil : $0 == "car" ? "thing" : "animal" }
    #expect(kinds.classNames == ["animal", "thing"] && kinds.count == 9)
    #expect(kinds.indicesByClass.map(\.count) == [6, 3])
    for index in 0..<kinds.count {
      let isThing = kinds.labels[index] == 1
      #expect(isThing == (kinds.example(at: index)[0] == 1))
    }
    let things = try kinds.restricted(toClassesNamed: ["thing"])
    #expect(things.examples(at: [0, 1, 2]) == [1, 0, 1, 1, 1, 2])
    expectUserError("No class") { _ = try RelabeledDataset(base) { _ in nil } }
    expectUserError("no class 'boat'") { _ = try kinds.restricted(toClassesNamed: ["boat"]) }
  }

  @Test func united() throws {
    let (one, other) = (try Self.dataset(["a", "b"], perClass: 2), try Self.dataset(["a", "c", "d"], perClass: 3))
    let union = try DatasetUnion([("one", one), ("other", other)])
    #expect(union.classNames == ["one/a", "one/b", "other/a", "other/c", "other/d"])
    #expect(union.count == 13 && union.indicesByClass.map(\.count) == [2, 2, 3, 3, 3])
    for index in 0..<13 {
      #expect(union.example(at: index) == (index < 4 ? one.example(at: index) : other.example(at: index - 4)))
    }
    let part = try union.restricted(toClassesNamed: ["other/d", "one/b"])
    #expect(part.examples(at: [0, 3]) == [2, 0, 1, 0])
    // Episodes are drawn of it as of any other.
    let sampler = try EpisodeSampler(union, shape: EpisodeShape(ways: 5, shots: 1, queries: 1))
    #expect(Set(sampler.classNames(key: RandomKey(seed: 1))) == Set(union.classNames))
    expectUserError("'other'", "[3]") {
      let odd = try LabeledVectors(rows: [[1, 2, 3]], labels: [0], classNames: ["x"])
      _ = try DatasetUnion([("one", one), ("other", odd)])
    }
    expectUserError("'one'") { _ = try DatasetUnion([("one", one), ("one", other)]) }
    expectUserError("no data sets") { _ = try DatasetUnion([]) }
  }

  @Test func turnedByQuarters() throws {
    let images = try LabeledImages(
      height: 2, width: 2, channels: 2, pixels: [1, 10, 2, 20, 3, 30, 4, 40], labels: [0], classNames: ["x"])
    let turned = try images.withQuarterTurns()
    #expect(turned.classNames == ["x", "x@90", "x@180", "x@270"] && turned.labels == [0, 1, 2, 3])
    // Counter-clockwise: the right column becomes the top row.
    #expect(
      turned.pixels == [
        1, 10, 2, 20, 3, 30, 4, 40, 2, 20, 4, 40, 1, 10, 3, 30, 4, 40, 3, 30, 2, 20, 1, 10, 3, 30, 1, 10, 4, 40, 2, 20,
      ])
    expectUserError("square", "1×2") {
      _ = try LabeledImages(height: 1, width: 2, pixels: [0, 0], labels: [0], classNames: ["x"]).withQuarterTurns()
    }
  }

  @Test func mirrored() throws {
    let images = try LabeledImages(
      height: 2, width: 3, channels: 2, pixels: Array(1...12) + Array(21...32), labels: [1, 0], classNames: ["x", "y"])
    let both = try images.withMirrors()
    #expect(both.classNames == ["x", "y", "x@mirror", "y@mirror"] && both.labels == [1, 0, 3, 2])
    #expect(both.pixels.prefix(24) == images.pixels[...])
    #expect(both.pixels[24..<36] == [5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8])
  }

  @Test func formsOfOneClassShareItsNumber() throws {
    let images = AlphabetGenerator(key: RandomKey(seed: 1)).dataset(classes: 0..<3)
    let forms = try images.withQuarterTurns().withMirrors()
    #expect(forms.classes.originals == Array(repeatElement([0, 1, 2], count: 8).joined()))
    // Left out, renamed and joined, they keep it; parts of a union share none.
    let some = try forms.restricted(toClasses: [5, 3, 23, 1])
    #expect(some.classes.originals == [2, 0, 2, 1])
    let named = try RelabeledDataset(some) { $0.hasSuffix("90") ? $0 : "others" }
    #expect(named.classNames == ["character 2@90", "character 0@90", "others"])
    #expect(try RelabeledDataset(some) { $0 + "!" }.classes.originals == [2, 0, 2, 1])
    let union = try DatasetUnion([("one", some), ("other", images)])
    #expect(union.classes.originals == [2, 0, 2, 1, 3, 4, 5])
    expectUserError("2 classes need", "were 1") { _ = try ClassLabels([0, 1], names: ["a", "b"], originals: [0]) }
  }

  @Test func copiesOfSupportExamples() throws {
    let images = AlphabetGenerator(key: RandomKey(seed: 1)).dataset(classes: 0..<6)
    let sampler = try EpisodeSampler(images, shape: EpisodeShape(ways: 3, shots: 2, queries: 1))
    let episode = sampler.episode(key: RandomKey(seed: 2))
    let augmentation = Augmentation(shift: 2, rotation: 10)
    let copies = ImageCopies(2, changedBy: augmentation)
    let copied = copies.added(toSupportOf: episode, key: RandomKey(seed: 3))
    let (own, all) = (episode.support.inputs.floats, copied.support.inputs.floats)
    #expect(copied.support.inputs.shape == [18, 28, 28, 1])
    #expect(Array(all.prefix(own.count)) == own)
    let round = augmentation.applied(to: own, height: 28, width: 28, key: RandomKey(seed: 3)[1])
    #expect(Array(all.suffix(own.count)) == round && round != own)
    let labels: [Int32] = copied.support.targets.scalars()
    #expect(labels == [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2])
    #expect(copied.query.inputs.floats == episode.query.inputs.floats && copied.shape == episode.shape)
    let none = ImageCopies(0, changedBy: augmentation).added(toSupportOf: episode, key: RandomKey(seed: 3))
    #expect(none.support.count == 6)

    let judged = copies.added(toQueriesOf: episode, key: RandomKey(seed: 4))
    let changed = augmentation.applied(
      to: episode.query.inputs.floats, height: 28, width: 28, key: RandomKey(seed: 4)[0])
    #expect(judged.queryCopies == 2 && judged.query.count == 9 && judged.support.count == 6)
    #expect(judged.query.inputs.floats[(3 * 28 * 28)..<(6 * 28 * 28)] == changed[...])
    let truth: [Int32] = judged.queryTargets.scalars()
    #expect(truth == [0, 1, 2] && episode.queryCopies == 0)
  }

  @Test func splitByDomain() throws {
    let names = ["latin/a", "latin/b", "greek/a", "runic/a", "runic/b"]
    let split = try ClassSplit(names, validation: ["greek"], test: ["runic"])
    #expect(split == ClassSplit(train: ["latin/a", "latin/b"], validation: ["greek/a"], test: ["runic/a", "runic/b"]))
    let other = try ClassSplit(["dog1", "dog2", "cat1"], by: { String($0.prefix(3)) }, test: ["cat"])
    #expect(other == ClassSplit(train: ["dog1", "dog2"], validation: [], test: ["cat1"]))
    expectUserError("'ogham'", "greek, latin, runic") { _ = try ClassSplit(names, test: ["ogham"]) }
    expectUserError("'greek'", "both") { _ = try ClassSplit(names, validation: ["greek"], test: ["greek"]) }
    expectUserError("No domain") { _ = try ClassSplit(names, test: ["latin", "greek", "runic"]) }
  }

  @Test func weightedClasses() throws {
    let data = try Self.dataset(["a", "b", "c", "d"], perClass: 2)
    let shape = EpisodeShape(ways: 1, shots: 1, queries: 1)
    let sampler = try EpisodeSampler(data, shape: shape, weights: [1, 2, 0, 5])
    var counts: [String: Int] = [:]
    for seed in 0..<4000 { counts[sampler.classNames(key: RandomKey(seed: UInt64(seed)))[0], default: 0] += 1 }
    #expect(counts["c"] == nil)
    // Within four standard deviations of 500, 1000 and 2500.
    #expect(abs(counts["a"]! - 500) < 84 && abs(counts["b"]! - 1000) < 110 && abs(counts["d"]! - 2500) < 123)
    let wide = try EpisodeSampler(data, shape: EpisodeShape(ways: 3, shots: 1, queries: 1), weights: [1, 2, 0, 5])
    for seed in 0..<50 { #expect(Set(wide.classNames(key: RandomKey(seed: UInt64(seed)))) == ["a", "b", "d"]) }
    for weights in [[1, 2], [1, 2, .nan, 3], [-1, 2, 3, 4], [0, 0, 0, 1]] as [[Double]] {
      expectUserError("weights") {
        _ = try EpisodeSampler(data, shape: EpisodeShape(ways: 2, shots: 1, queries: 1), weights: weights)
      }
    }
  }
}
