import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct InitializerTests {
  static let shape = [300, 200]

  /// The variance that each initializer should have for 300 inputs and 200 outputs, and the bound of its numbers.
  static let expected: [(Initializer, variance: Double, bound: Double)] = [
    (.normal(standardDeviation: 0.5), 0.25, .infinity),
    // The variance of a normal distribution cut off at ±2 is 1 − 4φ(2) / (2Φ(2) − 1) = 0.7737.
    (.truncatedNormal(standardDeviation: 0.5), 0.25 * 0.773741, 1),
    (.glorotUniform, 2 / 500.0, (6 / 500.0).squareRoot()),
    (.glorotNormal, 2 / 500.0, .infinity),
    (.heUniform, 2 / 300.0, (6 / 300.0).squareRoot()),
    (.heNormal, 2 / 300.0, .infinity),
    (.uniformByInputs, 1 / 900.0, 1 / 300.0.squareRoot()),
    (.orthogonal(gain: 2), 4 / 300.0, 2),
  ]

  @Test(arguments: expected.indices) func moments(_ index: Int) {
    let (initializer, variance, bound) = Self.expected[index]
    let weights = initializer(Self.shape, key: RandomKey(seed: 3)).cast(to: .float64)
    #expect(weights.shape == Self.shape)
    // With 60 000 numbers the relative error of the variance is at most √(2 / 60 000) = 0.006.
    #expect(Swift.abs(weights.variance().item() / variance - 1) < 0.03, "\(initializer)")
    #expect(Swift.abs(weights.mean().item()) < 5 * (variance / 60_000).squareRoot(), "\(initializer)")
    #expect(weights.doubles.allSatisfy { Swift.abs($0) <= bound * 1.000001 }, "\(initializer)")
  }

  @Test(arguments: expected.indices) func reproducible(_ index: Int) {
    let initializer = Self.expected[index].0
    func draw(_ seed: UInt64) -> [Float] { initializer([8, 8], key: RandomKey(seed: seed)).floats }
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
  }

  @Test func constants() {
    #expect(Initializer.zeros([2], key: RandomKey(seed: 1)).floats == [0, 0])
    #expect(Initializer.constant(0.5)([2, 1], key: RandomKey(seed: 1)).floats == [0.5, 0.5])
  }

  @Test(arguments: [[5, 5], [7, 3], [3, 7], [1, 4], [2, 3, 4], [64, 64]]) func orthogonality(_ shape: Shape) {
    let matrix = Initializer.orthogonal()(shape, key: RandomKey(seed: 5)).cast(to: .float64)
    let (rows, columns) = (shape.dropLast().reduce(1, *), shape[shape.count - 1])
    let flat = matrix.reshaped([rows, columns])
    let product = rows >= columns ? matmul(flat.transposed(), flat) : matmul(flat, flat.transposed())
    // Stored in float32.
    expectClose(product, .identity(Swift.min(rows, columns), .float64), 1e-6)
  }

  @Test func orthogonalInDoublePrecision() {
    let size = 40
    let matrix = Tensor(
      orthogonalMatrix(rows: size, columns: size, key: RandomKey(seed: 6)), shape: [size, size], .float64)
    expectClose(matmul(matrix, matrix.transposed()), .identity(size, .float64), 1e-13)
  }

  @Test func orthogonalMatricesHaveBothOrientations() {
    // Evenly distributed 2×2 orthogonal matrices are rotations and reflections with equal probability.
    let rotations = (0..<200).filter { seed in
      let m = orthogonalMatrix(rows: 2, columns: 2, key: RandomKey(seed: UInt64(seed)))
      return m[0] * m[3] - m[1] * m[2] > 0
    }
    #expect((70...130).contains(rotations.count))
  }

  @Test func codable() throws {
    for (initializer, _, _) in Self.expected {
      let data = try JSONEncoder().encode(initializer)
      #expect(try JSONDecoder().decode(Initializer.self, from: data) == initializer)
    }
  }
}
