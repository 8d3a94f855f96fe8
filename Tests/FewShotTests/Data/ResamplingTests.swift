import Testing

@testable import FewShot

@Suite struct ResamplingTests {
  private func resample(
    _ pixels: [UInt8], _ old: (height: Int, width: Int), _ new: (height: Int, width: Int), _ resampling: Resampling
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: new.height * new.width) { buffer, initialized in
      Resampler(from: old, to: new, by: resampling).resample(pixels, into: buffer)
      initialized = new.height * new.width
    }
  }

  @Test func nearestTakesThePixelUnderTheCentre() {
    // Five pixels to two: the centres 0.5 and 1.5 lie at 1.25 and 3.75.
    #expect(resample([10, 20, 30, 40, 50], (1, 5), (1, 2), .nearest) == [20, 40])
    #expect(resample([10, 20, 30, 40, 50], (5, 1), (2, 1), .nearest) == [20, 40])
  }

  @Test func antialiasedWeighsByATriangle() {
    // Four pixels to two: the first centre lies at 1 and the triangle reaches 2 to each side, so the weights are
    // 0.75, 0.75 and 0.25 over 1.75: (52.5 + 105 + 52.5) / 1.75 = 120. The second has 0.25, 0.75 and 0.75 for the last
    // three: (35 + 157.5 + 0) / 1.75 = 110.
    #expect(resample([70, 140, 210, 0], (1, 4), (1, 2), .antialiased) == [120, 110])
    #expect(resample([70, 140, 210, 0], (4, 1), (2, 1), .antialiased) == [120, 110])
  }

  @Test(arguments: Resampling.allCases) func sameSizeAndFlatImagesStay(_ resampling: Resampling) {
    let image = (0..<49).map { UInt8($0 * 5) }
    #expect(resample(image, (7, 7), (7, 7), resampling) == image)
    #expect(
      resample([UInt8](repeating: 255, count: 105 * 105), (105, 105), (28, 28), resampling)
        == [UInt8](repeating: 255, count: 28 * 28))
  }

  @Test func rotationIsCounterClockwise() {
    func turned(_ turns: Int) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: 4) { buffer, initialized in
        [1, 2, 3, 4].withUnsafeBufferPointer { rotate($0, size: 2, turns: turns, into: buffer) }
        initialized = 4
      }
    }
    #expect(turned(0) == [1, 2, 3, 4])
    #expect(turned(1) == [2, 4, 1, 3])  // numpy.rot90([[1, 2], [3, 4]])
    #expect(turned(2) == [4, 3, 2, 1])
    #expect(turned(3) == [3, 1, 4, 2])
  }
}
