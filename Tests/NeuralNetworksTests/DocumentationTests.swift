import Foundation
// Not `@testable`: what the catalogue shows is there for everyone.
import NeuralNetworks
import Testing

/// The examples of the catalogue.
@Suite struct DocumentationTests {
  struct Regressor: Model {
    var hidden: Dense
    var output: Dense

    init(key: RandomKey) {
      hidden = Dense(1, 40, activation: .relu, key: key[0])
      output = Dense(40, 1, key: key[1])
    }

    func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x)) }
  }

  @Test func sine() throws {
    let x = Tensor.linspace(-3, 3, count: 64).reshaped([64, 1])
    let y = sin(x)
    var model = Regressor(key: RandomKey(seed: 1))
    let optimizer = Adam(learningRate: 0.01)
    var state = optimizer.initialState(for: model)
    for _ in 0..<500 {
      let slope = gradient(at: model) { meanSquaredError($0(x), y) }
      optimizer.update(&model, along: slope, state: &state)
    }
    #expect(meanSquaredError(model(x), y).item() < 1e-3)
    #expect(rSquared(model(x), y).item() > 0.99)

    let start = Regressor(key: RandomKey(seed: 2))
    let (byModel, byOptimizer) = gradient(at: start, SGD(learningRate: 0.1)) { model, optimizer in
      var adapted = model
      for _ in 0..<5 {
        optimizer.update(&adapted, along: gradient(at: adapted) { meanSquaredError($0(x), y) })
      }
      return meanSquaredError(adapted(x), y)
    }
    #expect(byModel.globalNorm.item() > 0)
    // A somewhat longer step would have been better.
    #expect(byOptimizer.learningRate.item() < 0)
  }
}
