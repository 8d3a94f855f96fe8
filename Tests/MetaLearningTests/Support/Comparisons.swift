import Testing

@testable import MetaLearning

/// The greatest |a − b| / max(1, |b|), which the fixtures' conventions bound; NaN where anything is.
func greatestError(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var greatest = 0.0
  for (a, b) in zip(a, b) {
    let error = Swift.abs(a - b) / Swift.max(1, Swift.abs(b))
    if error.isNaN { return .nan }
    greatest = Swift.max(greatest, error)
  }
  return greatest
}

/// All trained numbers of a tree in one row.
func numbers<T: TensorTree>(_ tree: T) -> [Double] { tree.trainable.flatMap(\.doubles) }

/// All numbers of a tree, also those that are not trained, as bits: equal where nothing differs, NaN included.
func bits<T: TensorTree>(_ tree: T) -> [UInt64] { tree.leaves.flatMap { $0.tensor.doubles.map(\.bitPattern) } }

/// Expects numbers to be those of a reference, relative to them where they are greater than 1.
func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = greatestError(a, b)
  #expect(error <= tolerance, "\(what): \(error) is more than \(tolerance)", sourceLocation: sourceLocation)
}

/// A tree with numbers of the standard normal distribution in place of those that are trained.
func randomDirection<T: TensorTree>(like tree: T, key: RandomKey) -> T {
  var drawn = tree.trainable.enumerated().map { index, tensor in
    Tensor.randomNormal(tensor.shape, key: key[index], tensor.scalarType)
  }[...]
  return tree.replacingTrainable(from: &drawn)
}

/// Σ a · b over all trained numbers.
func inner<T: TensorTree>(_ a: T, _ b: T) -> Double { zip(numbers(a), numbers(b)).reduce(0) { $0 + $1.0 * $1.1 } }

/// Short network for curves.
func smallRegressor(seed: UInt64, width: Int = 8) -> MultilayerPerceptron {
  MultilayerPerceptron(
    inputs: 1, hidden: [width, width], outputs: 1, activation: .tanh, key: RandomKey(seed: seed))
}
