import Foundation
import Testing

@testable import NeuralNetworks

/// A tensor of a fixture: row-major numbers.
struct Numbers: Decodable {
  var shape: [Int]
  var values: [Double]

  var float64: Tensor { Tensor(values, shape: shape, .float64) }
  var int32: Tensor { Tensor(values, shape: shape, .int32) }
}

/// A file of `Fixtures`.
func fixtureURL(_ name: String) throws -> URL {
  let parts = name.split(separator: ".").map(String.init)
  return try #require(Bundle.module.url(forResource: parts[0], withExtension: parts[1], subdirectory: "Fixtures"))
}

func fixture<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
  try JSONDecoder().decode(T.self, from: Data(contentsOf: fixtureURL(name)))
}

/// The greatest |a − b| / max(1, |b|); infinite where the shapes differ or one is not finite and the other is.
func difference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .infinity }
  return zip(a.doubles, b.doubles).reduce(0) { worst, pair in
    let error = pair.0 == pair.1 ? 0 : Swift.abs(pair.0 - pair.1) / Swift.max(1, Swift.abs(pair.1))
    return error.isNaN ? .infinity : Swift.max(worst, error)
  }
}

func expectClose(
  _ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = difference(a, b)
  #expect(error <= tolerance, "\(comment): \(a.doubles) is not \(b.doubles)", sourceLocation: sourceLocation)
}

func expectClose(
  _ a: Numbers, _ b: Tensor, _ tolerance: Double = 1e-12, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) { expectClose(b, a.float64, tolerance, comment, sourceLocation: sourceLocation) }

/// Expects `body` to throw a `UserError` whose sentence has all of `parts` in it.
func expectUserError(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, from body: () throws -> Void
) {
  let error = #expect(throws: UserError.self, sourceLocation: sourceLocation) { try body() }
  for part in parts {
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
  }
}

/// A new folder that is removed when the last reference to it goes.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("networks-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  func write(_ bytes: [UInt8], to name: String) throws -> URL {
    try Data(bytes).write(to: file(name))
    return file(name)
  }
}

/// A layer and its input: what a layer's gradient is taken by.
struct Applied<L: Layer>: TensorTree {
  var layer: L
  var x: Tensor
}

/// Compares the gradient of a float64 function with central differences, and its second derivative along a random
/// direction, in both modes, with central differences of the gradient.
func expectDerivatives<T: TensorTree>(
  at point: T, tolerance: Double = 1e-7, sourceLocation: SourceLocation = #_sourceLocation, of function: (T) -> Tensor
) {
  let step = 1e-5
  func moved(_ tensors: [Tensor]) -> T { point.replacing(tensors) }
  let (own, gradients) = (point.trainable, gradient(at: point, of: function).trainable)
  for (i, tensor) in own.enumerated() {
    let values = tensor.doubles
    let numeric = values.indices.map { j in
      func value(_ offset: Double) -> Double {
        var (values, tensors) = (values, own)
        values[j] += offset
        tensors[i] = Tensor(values, shape: tensor.shape, .float64)
        return function(moved(tensors)).item()
      }
      return (value(step) - value(-step)) / (2 * step)
    }
    expectClose(
      gradients[i], Tensor(numeric, shape: tensor.shape, .float64), tolerance, "gradient by tensor \(i)",
      sourceLocation: sourceLocation)
  }
  let key = RandomKey(seed: 99)
  let direction = own.indices.map { Tensor.randomNormal(own[$0].shape, key: key[$0], .float64) }
  func gradientMoved(_ offset: Double) -> [Tensor] {
    gradient(at: moved(zip(own, direction).map { $0 + offset * $1 }), of: function).trainable
  }
  let forward = hessianVectorProduct(at: point, along: moved(direction), of: function).trainable
  let reverse = gradient(at: point) { point in
    zip(gradient(at: point, of: function).trainable, direction).reduce(Tensor(0, .float64)) { $0 + $1.0.dot($1.1) }
  }.trainable
  for (i, (plus, minus)) in zip(gradientMoved(step), gradientMoved(-step)).enumerated() {
    let numeric = (plus - minus) / (2 * step)
    expectClose(reverse[i], numeric, tolerance, "second, reverse, \(i)", sourceLocation: sourceLocation)
    expectClose(forward[i], numeric, tolerance, "second, forward, \(i)", sourceLocation: sourceLocation)
  }
}

/// A number that depends on all elements in different and curved ways.
func scalar(_ x: Tensor) -> Tensor {
  let weights = cos(Tensor.arange(x.count, .float64) + 1).reshaped(x.shape)
  return (weights * sin(x) + 0.1 * weights * square(x)).sum()
}
