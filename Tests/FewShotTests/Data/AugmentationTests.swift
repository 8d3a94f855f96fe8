import Testing

@testable import FewShot

@Suite struct AugmentationTests {
  @Test func everyShiftOccursAndDependsOnItsKeyAlone() {
    // A single dot in the middle of 5x5 shows the shift by where it lands.
    let image = (0..<25).map { Float($0 == 12 ? 1 : 0) }
    let batch = [[Float]](repeating: image, count: 500).flatMap { $0 }
    let key = RandomKey(seed: 3)
    let shifted = Augmentation.shifted(batch, height: 5, width: 5, by: 1, key: key)
    var places: [Int: Int] = [:]
    for number in 0..<500 {
      let dots = (0..<25).filter { shifted[number * 25 + $0] == 1 }
      #expect(dots.count == 1)
      places[dots[0], default: 0] += 1
    }
    #expect(places.keys.sorted() == [6, 7, 8, 11, 12, 13, 16, 17, 18])
    #expect(places.values.min()! > 25)
    let first = Augmentation.shifted(Array(batch.prefix(50)), height: 5, width: 5, by: 1, key: key)
    #expect(Array(shifted.prefix(50)) == first)
  }

  @Test func noShiftAndShiftsOutOfTheImage() {
    let key = RandomKey(seed: 4)
    #expect(Augmentation.shifted([1, 2, 3, 4], height: 2, width: 2, by: 0, key: key) == [1, 2, 3, 4])
    let ones = [Float](repeating: 1, count: 40)
    let far = Augmentation.shifted(ones, height: 2, width: 2, by: 9, key: key)
    #expect(far.reduce(0, +) < 40)
  }
}
