import Testing

@testable import Tensors

/// Compares derivatives with differences of values, and the two modes with each other, to any order.
///
/// At each order, for each argument alone and for all at once: the tangent along a random direction must be the
/// central difference of the values, and the pullback of a random cotangent must agree with it, u · Jv = v · Jᵀu. Then
/// the same is asked of both derivatives as functions of the point, with one order less.
struct GradientChecker {
  typealias Function = ([Tensor]) -> [Tensor]

  /// Half the distance of the two points of a difference.
  var step = 1e-5
  /// The greatest relative error of first derivatives.
  var tolerance = 1e-6
  /// The greatest relative error of derivatives of derivatives.
  var higherTolerance = 1e-4
  private var key = RandomKey(seed: 20)

  init() {}

  /// Checks `function` at a point of float64 tensors up to an order.
  mutating func check(
    _ function: @escaping Function, at point: [Tensor], order: Int = 2, path: String = "f",
    at location: SourceLocation = #_sourceLocation
  ) {
    var choices = point.indices.map { [$0] }
    if point.count > 1 { choices.append(Array(point.indices)) }
    for chosen in choices {
      let partial: Function = { inner in
        var all = point
        for (place, tensor) in zip(chosen, inner) { all[place] = tensor }
        return function(all)
      }
      checkOnce(
        partial, at: chosen.map { point[$0] }, order: order,
        path: point.count > 1 ? "\(path) by \(chosen)" : path, location)
    }
  }

  private mutating func checkOnce(
    _ function: @escaping Function, at x: [Tensor], order: Int, path: String, _ location: SourceLocation
  ) {
    let allowed = path.contains("'") ? higherTolerance : tolerance
    let v = x.map { random(like: $0) }
    let (value, tangent) = jvp(at: x, along: v, of: function)
    let (up, down) = (moved(x, v, step), moved(x, v, -step))
    for (output, (moving, difference)) in zip(tangent, zip(function(up), function(down))).enumerated() {
      expectClose(
        moving, (difference.0 - difference.1) / (2 * step), allowed, "\(path): jvp of output \(output)", location)
    }

    let u = value.map { random(like: $0) }
    let pulled = vjp(at: x, of: function)
    let g = pulled.pullback(u)
    for (a, b) in zip(pulled.value, value) { expectClose(a, b, 0, "\(path): values", location) }
    #expect(g.map(\.shape) == x.map(\.shape), "\(path): shapes of the pullback", sourceLocation: location)
    let (forward, backward) = (inner(u, tangent), inner(g, v))
    let size = Swift.max(1, inner(u.map(abs), tangent.map(abs)))
    #expect(
      Swift.abs(forward - backward) <= allowed * 1e-3 * size,
      "\(path): u · Jv = \(forward), but v · Jᵀu = \(backward)", sourceLocation: location)

    guard order > 1 else { return }
    check({ jvp(at: $0, along: v, of: function).tangent }, at: x, order: order - 1, path: path + "'v", at: location)
    check({ vjp(at: $0, of: function).pullback(u) }, at: x, order: order - 1, path: path + "'u", at: location)
  }

  private mutating func random(like x: Tensor) -> Tensor {
    let (now, next) = key.split()
    key = next
    return .randomNormal(x.shape, key: now, x.scalarType)
  }

  private func moved(_ x: [Tensor], _ v: [Tensor], _ step: Double) -> [Tensor] { zip(x, v).map { $0 + step * $1 } }

  private func inner(_ a: [Tensor], _ b: [Tensor]) -> Double { zip(a, b).reduce(0) { $0 + $1.0.dot($1.1).item() } }
}

/// Checks a function of several tensors, see `GradientChecker`.
func checkDerivatives(
  at point: Tensor..., order: Int = 2, at location: SourceLocation = #_sourceLocation,
  of function: @escaping ([Tensor]) -> Tensor
) {
  var checker = GradientChecker()
  checker.check({ [function($0)] }, at: point, order: order, at: location)
}

/// Random float64 numbers of a shape in a range, the same in every run.
func sample(_ shape: Shape, in range: Range<Double> = -2..<2, seed: UInt64 = 1) -> Tensor {
  .randomUniform(shape, in: range, key: RandomKey(seed: seed), .float64)
}
