import Foundation

extension KeyedGenerator {
  /// A number of the standard normal distribution (Box–Muller), for weights, which are drawn once and on the host.
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}

/// A random matrix with orthonormal columns, or rows where there are more columns than rows, in row-major order: evenly
/// distributed among all such matrices (Saxe et al., 2014; Mezzadri, "How to generate random matrices from the classical
/// compact groups", 2007).
func orthogonalMatrix(rows: Int, columns: Int, key: RandomKey) -> [Double] {
  let (count, length) = (Swift.min(rows, columns), Swift.max(rows, columns))
  var generator = key.makeGenerator()
  var vectors: [[Double]] = []
  while vectors.count < count {
    var vector = (0..<length).map { _ in generator.normal() }
    let drawn = norm(vector)
    // Gram–Schmidt, the QR decomposition with a positive diagonal of R. Once leaves rounding errors that grow with the
    // part taken away; twice is enough (Giraud et al., 2005).
    for _ in 0..<2 {
      for other in vectors {
        var product = 0.0
        for i in 0..<length { product += vector[i] * other[i] }
        for i in 0..<length { vector[i] -= product * other[i] }
      }
    }
    let left = norm(vector)
    // As good as dependent on the others: draw it again.
    guard left > 1e-8 * drawn else { continue }
    vectors.append(vector.map { $0 / left })
  }
  if rows <= columns { return Array(vectors.joined()) }
  return (0..<rows).flatMap { row in vectors.map { $0[row] } }
}

private func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
