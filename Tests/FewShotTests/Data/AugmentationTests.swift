import Foundation
import Testing

@testable import FewShot

@Suite struct AugmentationTests {
  @Test func everyShiftOccursAndDependsOnItsKeyAlone() {
    // A single dot in the middle of 5x5 shows the shift by where it lands.
    let image = (0..<25).map { Float($0 == 12 ? 1 : 0) }
    let batch = [[Float]](repeating: image, count: 500).flatMap { $0 }
    let key = RandomKey(seed: 3)
    let shifted = Augmentation(shift: 1).applied(to: batch, height: 5, width: 5, key: key)
    var places: [Int: Int] = [:]
    for number in 0..<500 {
      let dots = (0..<25).filter { shifted[number * 25 + $0] == 1 }
      #expect(dots.count == 1)
      places[dots[0], default: 0] += 1
    }
    #expect(places.keys.sorted() == [6, 7, 8, 11, 12, 13, 16, 17, 18])
    #expect(places.values.min()! > 25)
    let first = Augmentation(shift: 1).applied(to: Array(batch.prefix(50)), height: 5, width: 5, key: key)
    #expect(Array(shifted.prefix(50)) == first)
  }

  @Test func noShiftAndShiftsOutOfTheImage() {
    let key = RandomKey(seed: 4)
    #expect(Augmentation(shift: 0).applied(to: [1, 2, 3, 4], height: 2, width: 2, key: key) == [1, 2, 3, 4])
    let ones = [Float](repeating: 1, count: 40)
    let far = Augmentation(shift: 9).applied(to: ones, height: 2, width: 2, key: key)
    #expect(far.reduce(0, +) < 40)
  }

  /// An image of one square; what a map makes of its centre of mass and its sum.
  private static func moments(_ image: ArraySlice<Float>, side: Int) -> (sum: Float, row: Float, column: Float) {
    var (sum, row, column): (Float, Float, Float) = (0, 0, 0)
    for (index, value) in image.enumerated() {
      sum += value
      row += value * Float(index / side)
      column += value * Float(index % side)
    }
    return (sum, row / sum, column / sum)
  }

  private static let side = 41
  /// A dot of 3 × 3 pixels, 10 pixels to the right of the centre.
  private static let dot = (0..<side * side).map { index -> Float in
    abs(index / side - 20) <= 1 && abs(index % side - 30) <= 1 ? 1 : 0
  }

  @Test func rotationKeepsTheDistanceFromTheCentre() {
    let batch = [[Float]](repeating: Self.dot, count: 200).flatMap { $0 }
    let turned = Augmentation(rotation: 90).applied(
      to: batch, height: Self.side, width: Self.side, key: RandomKey(seed: 1))
    var angles: [Float] = []
    for number in 0..<200 {
      let found = Self.moments(turned[number * batch.count / 200..<(number + 1) * batch.count / 200], side: Self.side)
      let (row, column) = (found.row - 20, found.column - 20)
      #expect(abs((row * row + column * column).squareRoot() - 10) < 0.1)
      #expect(abs(found.sum - 9) < 0.7)
      angles.append(atan2(row, column) * 180 / .pi)
    }
    #expect(angles.min()! < -80 && angles.max()! > 80 && angles.allSatisfy { abs($0) <= 91 })
  }

  @Test func scaleStretchesEachAxisAndShearSlants() {
    let batch = [[Float]](repeating: Self.dot, count: 100).flatMap { $0 }
    let size = Self.side * Self.side
    let stretched = Augmentation(scale: 0.2).applied(
      to: batch, height: Self.side, width: Self.side, key: RandomKey(seed: 2))
    let places = (0..<100).map { Self.moments(stretched[$0 * size..<($0 + 1) * size], side: Self.side) }
    #expect(places.allSatisfy { abs($0.row - 20) < 0.01 && $0.column > 27.9 && $0.column < 32.1 })
    #expect(places.map(\.column).min()! < 28.5 && places.map(\.column).max()! > 31.5)
    let slanted = Augmentation(shear: 0.3).applied(
      to: batch, height: Self.side, width: Self.side, key: RandomKey(seed: 2))
    for number in 0..<100 {
      let found = Self.moments(slanted[number * size..<(number + 1) * size], side: Self.side)
      #expect(abs(found.row - 20) < 0.01 && abs(found.column - 30) < 0.01, "a slant keeps the middle row")
    }
  }

  @Test func flipMirrorsHalfOfTheImagesExactly() {
    let image = (0..<18).map(Float.init)
    let batch = [[Float]](repeating: image, count: 400).flatMap { $0 }
    let flipped = Augmentation(flip: true).applied(
      to: batch, height: 3, width: 3, channels: 2, key: RandomKey(seed: 5))
    let mirrored: [Float] = [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7, 16, 17, 14, 15, 12, 13]
    var count = 0
    for number in 0..<400 {
      let one = Array(flipped[number * 18..<(number + 1) * 18])
      #expect(one == image || one == mirrored)
      if one == mirrored { count += 1 }
    }
    #expect((160...240).contains(count))
  }

  @Test func noiseAndCutout() {
    let ones = [Float](repeating: 1, count: 100 * 64)
    let noisy = Augmentation(noise: 0.5).applied(to: ones, height: 8, width: 8, key: RandomKey(seed: 6))
    let variance = noisy.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / Float(noisy.count)
    #expect(abs(variance - 0.25) < 0.02)
    let cut = Augmentation(cutout: 4).applied(to: ones, height: 8, width: 8, key: RandomKey(seed: 7))
    for number in 0..<100 {
      let missing = cut[number * 64..<(number + 1) * 64].filter { $0 == 0 }.count
      #expect([4, 6, 8, 9, 12, 16].contains(missing), "a square of 4 × 4, cut off at the edges")
    }
  }

  @Test func settingsWithoutMeaningAreNamed() throws {
    #expect(Augmentation(shift: 2, rotation: 10).mistake == nil)
    #expect(Augmentation(shift: -1).mistake?.contains("shift") == true)
    #expect(Augmentation(rotation: .nan).mistake?.contains("rotate") == true)
    #expect(Augmentation(scale: 1).mistake?.contains("scale") == true)
    #expect(Augmentation(noise: -1).mistake?.contains("noise") == true)
    let images = try LabeledImages(
      height: 2, width: 2, pixels: [UInt8](repeating: 0, count: 16), labels: [0, 0, 1, 1], classNames: ["a", "b"])
    #expect(throws: UserError.self) {
      try EpisodeSampler(
        images, shape: EpisodeShape(ways: 2, shots: 1, queries: 1), augmentation: Augmentation(cutout: -1))
    }
  }
}
