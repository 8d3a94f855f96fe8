import Testing

@testable import NeuralNetworks

/// Derivatives of the updates by gradients of zero and near zero, where the root has none or a huge one.
@Suite struct OptimizerAtZeroTests {
  /// Each with ε = 1e-4, and what its step is divided by ε · rate at the steps 1 and 2 if all gradients are zero.
  static let optimizers: [(any Optimizer, first: Double, second: Double)] = [
    (Adam(learningRate: 0.1, epsilon: 1e-4), 1, 0.1 / 0.19),
    (AdamW(learningRate: 0.1, epsilon: 1e-4), 1, 0.1 / 0.19),
    (RMSProp(learningRate: 0.1, epsilon: 1e-4), 1, 1),
    (RMSProp(learningRate: 0.1, epsilon: 1e-4, momentum: 0.9), 1, 1),
    (RMSProp(learningRate: 0.1, epsilon: 1e-4, isCentered: true), 1, 1),
    (Adagrad(learningRate: 0.1, epsilon: 1e-4), 1, 1),
  ]

  /// The parameter 0.5 after steps along these gradients.
  func moved(_ optimizer: some Optimizer, along gradients: [Tensor]) -> Tensor {
    var theta = Tensor(0.5, gradients[0].scalarType)
    var state = optimizer.initialState(for: theta)
    for gradient in gradients { optimizer.update(&theta, along: gradient, state: &state) }
    return theta
  }

  @Test(arguments: optimizers.indices) func derivativesAtZero(_ index: Int) {
    let (optimizer, first, second) = Self.optimizers[index]
    let zero = Tensor(0, .float64)
    // d/dg of −rate · g / (|g| + ε) is −rate / ε at 0.
    let atFirst = gradient(at: zero) { moved(optimizer, along: [$0]) }
    expectClose(atFirst, Tensor(-0.1 * first / 1e-4, .float64))
    let atSecond = gradient(at: zero) { moved(optimizer, along: [zero, $0]) }
    expectClose(atSecond, Tensor(-0.1 * second / 1e-4, .float64))
    // The function is odd, so its second derivative, taken from both sides, is 0.
    let twice = gradient(at: zero) { gradient(at: $0) { moved(optimizer, along: [$0, $0]) } }
    #expect(twice.item() == 0)
  }

  @Test(arguments: optimizers.indices) func derivativesNearZeroAgreeWithDifferences(_ index: Int) {
    let optimizer = Self.optimizers[index].0
    for g in [1e-3, -1e-4, 1e-6] {
      let step = Swift.abs(g) * 1e-4
      func value(_ g: Double) -> Double { moved(optimizer, along: [Tensor(g, .float64)]).item() }
      let slope = gradient(at: Tensor(g, .float64)) { moved(optimizer, along: [$0]) }.item()
      let numeric = (value(g + step) - value(g - step)) / (2 * step)
      #expect(Swift.abs(slope / numeric - 1) < 1e-5, "\(optimizer) at \(g)")
    }
  }

  @Test(arguments: optimizers.indices, [ScalarType.float32, .float64])
  func derivativesAreFinite(_ index: Int, _ type: ScalarType) {
    let optimizer = Self.optimizers[index].0
    for exponent in stride(from: -320, through: 0, by: 1) {
      let g = Tensor(pow(Tensor(10, .float64), Double(exponent)).item(), type)
      let (first, second) = valueAndGradient(at: g) { gradient(at: $0) { moved(optimizer, along: [$0, 2 * $0]) } }
      #expect(first.item().isFinite && second.item().isFinite, "\(optimizer) at 1e\(exponent): \(first), \(second)")
    }
  }

  @Test func safeRoot() {
    let x = Tensor([0, 1e-300, 1e-12, 4], .float64)
    expectClose(safeSquareRoot(x), Tensor([0, 1e-150, 1e-6, 2], .float64), 1e-15)
    #expect(gradient(at: x) { safeSquareRoot($0).sum() }.doubles == [0, 0, 0.5 / 1e-6, 0.25])
    // A variance that rounding has led below zero.
    #expect(safeSquareRoot(Tensor(-1e-20, .float64)).item() == 1e-100)
  }
}
