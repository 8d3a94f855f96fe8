import Testing

@testable import Tensors

/// The derivatives of a scan are those of the loop that it stands for.
@Suite struct ScanDerivativeTests {
  typealias Function = @Sendable ([Tensor]) -> Tensor

  /// A function that loops, by a scan or by a loop in Swift, and where it is differentiated.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    /// Whether the derivative is what differences of values tell; not where one is stopped.
    var isExact = true
    let point: [Tensor]
    /// The second argument: whether to scan.
    let function: @Sendable ([Tensor], Bool) -> Tensor
    var testDescription: String { name }

    var scanned: Function { { function($0, true) } }
    var unrolled: Function { { function($0, false) } }
  }

  /// f applied `steps` times, by a scan or by a loop.
  static func iterate<C: TensorTree>(_ initial: C, _ steps: Int, _ scans: Bool, _ f: (C) -> C) -> C {
    scans ? scan(initial, steps: steps, f) : (0..<steps).reduce(initial) { carry, _ in f(carry) }
  }

  /// The same with inputs and outputs.
  static func iterate<C: TensorTree>(
    _ initial: C, over x: [Tensor], _ scans: Bool, _ f: (C, [Tensor]) -> (C, [Tensor])
  ) -> (C, [Tensor]) {
    if scans { return scan(initial, over: x, f) }
    var (carry, outputs): (C, [[Tensor]]) = (initial, [])
    for step in 0..<x[0].shape[0] {
      let (next, given) = f(carry, x.map { $0[step] })
      carry = next
      outputs.append(given)
    }
    return (carry, outputs[0].indices.map { index in stack(outputs.map { $0[index] }) })
  }

  static let cases: [Case] = [
    Case(name: "one carry", point: [sample([3])]) { x, scans in iterate(x[0], 4, scans) { sin($0) + 0.1 * $0 } },
    Case(name: "taken from outside", point: [sample([2, 2]), sample([2, 2], seed: 2), sample([2], seed: 3)]) {
      x, scans in
      let early = exp(x[2])
      return iterate(x[0], 3, scans) { tanh(matmul($0, x[1]) + early) * 0.9 + 0.1 * early }
    },
    Case(name: "inputs and outputs", point: [sample([2]), sample([4, 2], seed: 2), sample([3, 4], seed: 3)]) {
      x, scans in
      let (carry, outputs) = iterate(x[0], over: [x[1], x[2].transposed()], scans) { carry, given in
        (sin(carry * given[0]) + given[1][..<2], [carry * carry.sum(), given[1] * carry[0]])
      }
      return concatenate([carry, outputs[0].flattened(), sin(outputs[1]).flattened()])
    },
    Case(name: "carries in turn", point: [sample([2]), sample([2], seed: 2), sample([2], seed: 3)]) { x, scans in
      let carry = iterate(x, 4, scans) { [$0[1], square($0[2]) * 0.5, $0[0]] }
      return concatenate([carry[0], carry[2]])
    },
    Case(name: "whole numbers and constants", isExact: false, point: [sample([2]), sample([], seed: 2)]) { x, scans in
      let carry = iterate([x[0], Tensor(0, .int32), Tensor.ones([2], .float64)], 3, scans) { carry in
        let step = (carry[1] + 1).cast(to: .float64)
        return [
          carry[0] * cos(carry[2] / step) + x[1], carry[1] + 1, 0.5 * carry[2] + stopGradient(carry[0]),
        ]
      }
      return carry[0] * carry[2]
    },
    Case(name: "a gradient in each step", point: [sample([3, 2]), sample([4, 3], seed: 2), sample([], seed: 3)]) {
      x, scans in
      iterate([x[0], Tensor.zeros([3, 2], .float64)], 3, scans) { carry in
        let descent = gradient(at: carry[0]) { square(tanh(matmul(x[1], $0)) - 0.3).sum() + square($0 - x[0]).sum() }
        let velocity = 0.9 * carry[1] + descent
        return [carry[0] - 0.1 * sigmoid(x[2]) * velocity, velocity]
      }[0]
    },
    Case(name: "a loop in each step", point: [sample([2]), sample([3, 2], seed: 2)]) { x, scans in
      let (carry, outputs) = iterate(x[0], over: [x[1]], scans) { carry, given in
        let inner = iterate(carry, 2, scans) { sin($0 * given[0]) + 0.2 * carry }
        return (inner, [inner * x[0]])
      }
      return concatenate([carry, outputs[0].flattened()])
    },
    Case(name: "one step", point: [sample([2])]) { x, scans in
      iterate(x[0], over: [x[0].reshaped([1, 2])], scans) { (sin($0 * $1[0]), [$0]) }.0
    },
  ]

  /// Values, gradients, tangents, Hessian-vector products both ways round: to rounding those of the unrolled loop.
  @Test(arguments: cases) func equalsTheUnrolledLoop(_ c: Case) {
    expectClose(c.scanned(c.point), c.unrolled(c.point), 0, "values")
    let u = sample(c.scanned(c.point).shape, seed: 11)
    let v = c.point.enumerated().map { sample($1.shape, seed: 20 + UInt64($0)) }
    func scalar(_ f: @escaping Function) -> Function { { (u * sin(f($0))).sum() } }
    func compare(_ what: String, _ derive: (@escaping Function) -> [Tensor]) {
      let (actual, expected) = (derive(scalar(c.scanned)), derive(scalar(c.unrolled)))
      for (index, (a, e)) in zip(actual, expected).enumerated() {
        expectClose(a, e, 1e-12, "\(what), argument \(index)")
      }
    }
    compare("gradient") { gradient(at: c.point, of: $0) }
    compare("tangent") { [jvp(at: c.point, along: v, of: $0).tangent] }
    compare("reverse over reverse") { f in
      gradient(at: c.point) { x in
        zip(gradient(at: x, of: f), v).reduce(Tensor(0, .float64)) { $0 + ($1.0 * $1.1).sum() }
      }
    }
    compare("forward over reverse") { hessianVectorProduct(at: c.point, along: v, of: $0) }
    compare("reverse over forward") { f in gradient(at: c.point) { jvp(at: $0, along: v, of: f).tangent } }
    compare("forward over forward") { f in
      [jvp(at: c.point, along: v) { jvp(at: $0, along: v, of: f).tangent }.tangent]
    }
    compare("third") { f in
      gradient(at: c.point) { x in
        zip(hessianVectorProduct(at: x, along: v, of: f), v).reduce(Tensor(0, .float64)) { $0 + ($1.0 * $1.1).sum() }
      }
    }
  }

  /// Against differences of values, and the two modes against each other, to the second order.
  @Test(arguments: cases.filter(\.isExact)) func equalsDifferences(_ c: Case) {
    var checker = GradientChecker()
    checker.check({ [c.scanned($0)] }, at: c.point)
  }

  @Test(arguments: cases) func programs(_ c: Case) {
    func all(_ x: [Tensor]) -> [Tensor] {
      let descent = gradient(at: x) { c.scanned($0).sum() }
      return [c.scanned(x)] + descent + hessianVectorProduct(at: x, along: descent) { square(c.scanned($0)).sum() }
    }
    let program = Program(like: c.point, all)
    let other = c.point.map { $0 + 0.125 }
    for point in [c.point, other] {
      for (traced, plain) in zip(program.run(point), all(point)) {
        #expect(traced.doubles.map(\.bitPattern) == plain.doubles.map(\.bitPattern))
      }
    }
  }

  /// Batched: one loop for all points, to rounding what the points give one by one.
  @Test(arguments: cases) func batches(_ c: Case) {
    // The first argument is batched, then all of them are.
    for shared in [1, 0] {
      let points = (0..<3).map { i in
        c.point.enumerated().map { $0 >= 1 && shared == 1 ? $1 : $1 + 0.25 * Double(i) }
      }
      func rest(_ batched: [Tensor]) -> [Tensor] { batched + c.point.dropFirst(batched.count) }
      let batch = (0..<(shared == 1 ? 1 : c.point.count)).map { index in stack(points.map { $0[index] }) }
      let values = vmap(over: batch) { c.scanned(rest($0)) }
      expectClose(values, stack(points.map { c.unrolled($0) }), 1e-12, "values")
      let slopes = vmap(over: batch) { x in gradient(at: x) { square(c.scanned(rest($0))).sum() } }
      let around = gradient(at: batch) { batch in square(vmap(over: batch) { c.scanned(rest($0)) }).sum() }
      for index in batch.indices {
        let expected = stack(
          points.map { point in gradient(at: Array(point[..<batch.count])) { square(c.unrolled(rest($0))).sum() }[index]
          })
        // `rest` takes what is shared from the case's point, as the expected values do.
        expectClose(slopes[index], expected, 1e-12, "gradients in the batch")
        expectClose(around[index], expected, 1e-12, "gradient of the batch")
      }
    }
  }

  @Test func pullbackAfterTheTransform() {
    let x = sample([3])
    let (value, pullback) = vjp(at: x) { scan($0, steps: 4) { sin($0) } }
    _ = value.doubles
    let expected = gradient(at: x) { x in (0..<4).reduce(x) { y, _ in sin(y) }.sum() }
    expectClose(pullback(.ones([3], .float64)), expected, 1e-14)
  }

  @Test(arguments: cases) func compiledFunctions(_ c: Case) {
    let slope = compiled { (x: [Tensor]) in gradient(at: x) { c.scanned($0).sum() } }
    for (a, b) in zip(slope(c.point), gradient(at: c.point) { c.scanned($0).sum() }) { expectClose(a, b, 0) }
  }
}
