import Testing

@testable import Tensors

/// Expects two float64 tensors to be equal but for `tolerance` · max(1, |expected|), NaN and infinities included.
func expectClose(
  _ actual: Tensor, _ expected: Tensor, _ tolerance: Double, _ what: String = "",
  _ location: SourceLocation = #_sourceLocation
) {
  #expect(actual.shape == expected.shape, "\(what): shapes", sourceLocation: location)
  expectClose(actual.doubles, expected.doubles, tolerance, what, location)
}

/// Expects numbers to be equal but for `tolerance` · max(1, |expected|), NaN and infinities included.
func expectClose(
  _ actual: [Double], _ expected: [Double], _ tolerance: Double, _ what: String = "",
  _ location: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) numbers in place of \(expected.count)", sourceLocation: location)
    return
  }
  let wrong = actual.indices.first { i in
    let (a, b) = (actual[i], expected[i])
    return !(a == b || (a.isNaN && b.isNaN) || Swift.abs(a - b) <= tolerance * Swift.max(1, Swift.abs(b)))
  }
  guard let wrong else { return }
  Issue.record(
    "\(what): element \(wrong) is \(actual[wrong]), not \(expected[wrong]) (± \(tolerance))", sourceLocation: location)
}
