import Testing

@testable import FewShot

@Suite struct AlphabetGeneratorTests {
  private let alphabet = AlphabetGenerator(key: RandomKey(seed: 1))

  @Test func imagesFollowFromKeyClassAndDrawing() throws {
    let data = alphabet.dataset(classes: 5..<8, drawingsPerClass: 4)
    #expect(data.count == 12)
    #expect(data.labels == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(data.classNames == ["character 5", "character 6", "character 7"])
    for index in 0..<12 {
      #expect(data.image(at: index) == alphabet.image(ofClass: 5 + index / 4, drawing: index % 4))
    }
    #expect(Set((0..<12).map { data.image(at: $0) }).count == 12)
    let other = AlphabetGenerator(key: RandomKey(seed: 2))
    #expect(alphabet.image(ofClass: 0, drawing: 0) != other.image(ofClass: 0, drawing: 0))
  }

  @Test func imagesAreTheSameOnEveryMachine() {
    let sum = GzipFile.crc32(alphabet.dataset(classes: 0..<50).pixels)
    #expect(sum == 1_424_291_138, "the drawings have changed: published results on them no longer hold")
  }

  @Test func everyImageHasInkAndFits() {
    let data = alphabet.dataset(classes: 0..<300, drawingsPerClass: 5)
    for index in 0..<data.count {
      let ink = data.image(at: index).reduce(0, +)
      #expect(ink > 10 && ink < 300)
    }
    let large = AlphabetGenerator(key: RandomKey(seed: 1), size: 105)
    #expect(large.image(ofClass: 0, drawing: 0).count == 105 * 105)
  }

  @Test func theRasteriserCoversWhatThePenCovers() {
    var canvas = StrokeCanvas(size: 8)
    canvas.drawCurve(through: [Point(x: 2, y: 4), Point(x: 6, y: 4)], penRadius: 1)
    // Rows 3 and 4 have their centres half a pixel from the line, rows 2 and 5 one and a half: just out of reach.
    #expect(Array(canvas.ink[3 * 8..<4 * 8])[2..<6] == [1, 1, 1, 1])
    #expect(canvas.ink[4 * 8 + 3] == 1)
    #expect(canvas.ink[2 * 8 + 3] == 0)
    #expect(canvas.ink[5 * 8 + 3] == 0)
    canvas.drawCurve(through: [Point(x: -500, y: -500), Point(x: -400, y: 1e9)], penRadius: 1)
  }

  /// As hard for pixels as Omniglot, and yet learnable: a match that allows for shift and wobble does far better.
  @Test func nearestNeighboursInPixelsFailWhereAShiftedMatchSucceeds() {
    let data = alphabet.dataset(classes: 0..<1000)
    let euclidean = Self.accuracy(on: data, episodes: 1000) { query, support in
      -zip(query, support).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let cosine = Self.accuracy(on: data, episodes: 1000, Self.cosine)
    let shifted = Self.accuracy(on: data, episodes: 60, prepare: { Self.blurred($0) }) { query, support in
      (-3...3).flatMap { down in (-3...3).map { (down, $0) } }
        .map { Self.cosine(Self.moved(query, down: $0.0, right: $0.1), support) }.max() ?? 0
    }
    print("5-way 1-shot, nearest neighbour: euclidean \(euclidean), cosine \(cosine), shifted match \(shifted)")
    #expect((0.40..<0.60).contains(euclidean))
    #expect((0.40..<0.60).contains(cosine))
    #expect(shifted > 0.72)
  }

  /// The share of right answers in 5-way 1-shot episodes with one query of each class.
  private static func accuracy(
    on data: LabeledImages, episodes: Int, prepare: ([Float]) -> [Float] = { $0 },
    _ similarity: ([Float], [Float]) -> Float
  ) -> Double {
    var random = RandomKey(seed: 7).makeGenerator()
    var right = 0
    for _ in 0..<episodes {
      let pairs = random.choose(5, outOf: data.classCount).map { number in
        random.choose(2, outOf: 20).map { prepare(data.image(at: data.indicesByClass[number][$0])) }
      }
      for answer in 0..<5 {
        let scores = pairs.map { similarity(pairs[answer][1], $0[0]) }
        if scores.allSatisfy({ $0 <= scores[answer] }) { right += 1 }
      }
    }
    return Double(right) / Double(5 * episodes)
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
    var (product, aa, bb): (Float, Float, Float) = (0, 0, 0)
    for index in a.indices {
      product += a[index] * b[index]
      aa += a[index] * a[index]
      bb += b[index] * b[index]
    }
    return product / (aa * bb).squareRoot()
  }

  private static func moved(_ image: [Float], down: Int, right: Int) -> [Float] {
    (0..<28 * 28).map { place in
      let (row, column) = (place / 28 - down, place % 28 - right)
      return (0..<28).contains(row) && (0..<28).contains(column) ? image[row * 28 + column] : 0
    }
  }

  /// Twice the mean over 3x3 pixels.
  private static func blurred(_ image: [Float]) -> [Float] {
    var image = image
    for _ in 0..<2 {
      let parts = [-1, 0, 1].flatMap { down in [-1, 0, 1].map { moved(image, down: down, right: $0) } }
      image = (0..<28 * 28).map { place in parts.reduce(0) { $0 + $1[place] } / 9 }
    }
    return image
  }
}
