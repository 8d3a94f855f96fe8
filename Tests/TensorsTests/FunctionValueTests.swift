import Testing

@testable import Tensors

/// Values and derivatives of functions against correctly rounded reference numbers.
@Suite struct FunctionValueTests {
  static let functions: [String: @Sendable (Tensor) -> Tensor] = [
    "exp": { exp($0) }, "log": { log($0) }, "sqrt": { sqrt($0) }, "sin": { sin($0) }, "cos": { cos($0) },
    "tanh": { tanh($0) }, "sigmoid": { sigmoid($0) }, "relu": { relu($0) }, "gelu": { gelu($0) },
    "softplus": { softplus($0) }, "erf": { erf($0) }, "abs": { abs($0) },
  ]

  @Test(arguments: FixtureFile.functions.unary.map(\.name)) func unary(_ name: String) throws {
    let reference = try #require(FixtureFile.functions.unary.first { $0.name == name })
    let f = try #require(Self.functions[name], "no such function is checked")
    let x = reference.input.tensor
    func first(_ x: Tensor) -> Tensor { gradient(at: x) { f($0).sum() } }
    expectClose(f(x), reference.value.tensor, 1e-12, name)
    expectClose(first(x), reference.first.tensor, 1e-12, "\(name)'")
    expectClose(gradient(at: x) { first($0).sum() }, reference.second.tensor, 1e-12, "\(name)''")
    let forward = jvp(at: x, along: .ones(like: x)) { x in jvp(at: x, along: .ones(like: x), of: f).tangent }
    expectClose(forward.tangent, reference.second.tensor, 1e-12, "\(name)'' forward")
  }

  @Test func powers() throws {
    for reference in [FixtureFile.functions.pow, FixtureFile.functions.powInteger] {
      let (x, y) = (reference.base.tensor, reference.exponent.tensor)
      func first(_ x: Tensor, _ y: Tensor) -> (Tensor, Tensor) { gradient(at: x, y) { pow($0, $1).sum() } }
      expectClose(pow(x, y), reference.value.tensor, 1e-12, "pow")
      expectClose(gradient(at: x) { pow($0, y).sum() }, reference.byBase.tensor, 1e-12, "by base")
      expectClose(
        gradient(at: x) { x in gradient(at: x) { pow($0, y).sum() }.sum() }, reference.byBaseTwice.tensor, 1e-12,
        "by base twice")
      guard let byExponent = reference.byExponent, let twice = reference.byExponentTwice,
        let both = reference.byBaseAndExponent
      else { continue }
      expectClose(first(x, y).1, byExponent.tensor, 1e-12, "by exponent")
      expectClose(gradient(at: y) { first(x, $0).1.sum() }, twice.tensor, 1e-12, "by exponent twice")
      expectClose(gradient(at: y) { first(x, $0).0.sum() }, both.tensor, 1e-12, "by base and exponent")
      expectClose(gradient(at: x) { first($0, y).1.sum() }, both.tensor, 1e-12, "by exponent and base")
    }
  }

  @Test(arguments: ["logSumExp", "softmax", "logSoftmax"]) func rows(_ name: String) throws {
    let rows = FixtureFile.functions.rows
    let reference = try #require(rows.cases.first { $0.name == name })
    let f: (Tensor) -> Tensor = { x in
      switch name {
      case "logSumExp": x.logSumExp([-1])
      case "softmax": softmax(x)
      default: logSoftmax(x)
      }
    }
    expectClose(f(rows.input.tensor), reference.value.tensor, 1e-12, name)
    let g = vjp(at: rows.input.tensor, of: f).pullback(reference.cotangent.tensor)
    expectClose(g, reference.gradient.tensor, 1e-12, "\(name)'")
  }
}
