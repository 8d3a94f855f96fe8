import Foundation
import Testing

@testable import Training

/// Small data sets and models for the tests of supervised training.
enum TrainingData {
  static let centers: [(x: Double, y: Double)] = [(2, 0), (-2, 1), (0, -2)]

  /// Points round three centres, class by class in turn.
  static func blobs(_ count: Int, spread: Double = 0.5, key: RandomKey) -> Batch {
    let noise = Tensor.randomNormal([count, 2], standardDeviation: spread, key: key, .float64).doubles
    let rows = (0..<count).map { i in
      [centers[i % 3].x + noise[2 * i], centers[i % 3].y + noise[2 * i + 1]]
    }
    return Batch(inputs: Tensor(rows), targets: Tensor((0..<count).map { Int32($0 % 3) }))
  }

  static func classifier(key: RandomKey) -> MultilayerPerceptron {
    MultilayerPerceptron(inputs: 2, hidden: [16], outputs: 3, key: key)
  }
}

/// All numbers of a tree as bits: equal where nothing differs, NaN included.
func bits<T: TensorTree>(_ tree: T) -> [UInt64] { tree.leaves.flatMap { $0.tensor.doubles.map(\.bitPattern) } }

/// Expects numbers to be equal to within a tolerance, relative where they are greater than 1.
func expectClose(
  _ a: Double, _ b: Double, _ tolerance: Double, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(Swift.abs(a - b) <= tolerance * Swift.max(1, Swift.abs(b)), "\(what)", sourceLocation: sourceLocation)
}

/// Expects `body` to throw a `UserError` whose sentence has all of `parts` in it.
func expectUserError(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Void
) {
  let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) { try body() }
  for part in parts {
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
  }
}
