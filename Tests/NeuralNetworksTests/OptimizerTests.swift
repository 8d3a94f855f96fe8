import Foundation
import Testing

@testable import NeuralNetworks

/// The optimizers against torch.optim, and gradients through them against JAX.
@Suite struct OptimizerTests {
  struct Values: Decodable {
    struct Case: Decodable, OptimizerCase {
      var name, optimizer: String
      var settings: OptimizerSettings
      var parameters: [[Numbers]]
    }
    var initial: [Numbers]
    var gradients: [[Numbers]]
    var cases: [Case]
  }

  struct Meta: Decodable {
    struct Case: Decodable, OptimizerCase {
      var name, optimizer: String
      var settings: OptimizerSettings
      var parameters: [Numbers]
      var outerLoss: Double
      var gradient: Numbers
      var learningRateGradient: Double
    }
    var steps: Int
    var matrix, vector, initial: Numbers
    var cases: [Case]
  }

  @Test(arguments: [ScalarType.float64, .float32]) func values(_ type: ScalarType) throws {
    let fixture = try fixture("optimizers.json", as: Values.self)
    #expect(fixture.cases.count == 14)
    func check(_ optimizer: some Optimizer, _ item: Values.Case) {
      var model = fixture.initial.map { $0.float64.cast(to: type) }
      var state = optimizer.initialState(for: model)
      for (step, gradient) in fixture.gradients.enumerated() {
        optimizer.update(&model, along: gradient.map { $0.float64.cast(to: type) }, state: &state)
        for (own, expected) in zip(model, item.parameters[step]) {
          #expect(own.scalarType == type)
          expectClose(own, expected.float64, type == .float64 ? 1e-12 : 2e-6, "\(item.name), step \(step + 1)")
        }
      }
      #expect(state.step.item() == Double(fixture.gradients.count))
    }
    for item in fixture.cases { check(try item.make(), item) }
  }

  @Test(arguments: [ScalarType.float64, .float32]) func metaGradients(_ type: ScalarType) throws {
    let fixture = try fixture("optimizer_meta_gradient.json", as: Meta.self)
    #expect(fixture.cases.count == 6)
    let (matrix, vector) = (fixture.matrix.float64.cast(to: type), fixture.vector.float64.cast(to: type))
    func check(_ optimizer: some Optimizer, _ item: Meta.Case) {
      var path: [Tensor] = []
      let (value, slopes) = valueAndGradient(at: fixture.initial.float64.cast(to: type), optimizer) {
        theta, optimizer in
        var (theta, state) = (theta, optimizer.initialState(for: theta))
        for _ in 0..<fixture.steps {
          let slope = gradient(at: theta) { square(matmul(matrix, $0) - vector).mean() }
          optimizer.update(&theta, along: slope, state: &state)
          path.append(theta)
        }
        return sin(theta).sum()
      }
      let (exact, meta) = type == .float64 ? (1e-12, 1e-9) : (1e-5, 2e-4)
      for (own, expected) in zip(path, item.parameters) { expectClose(own, expected.float64, exact, item.name) }
      expectClose(value, Tensor(item.outerLoss, .float64), exact, item.name)
      expectClose(slopes.0, item.gradient.float64, meta, item.name)
      expectClose(slopes.1.learningRate, Tensor(item.learningRateGradient, .float64), meta, item.name)
      #expect(slopes.1.learningRate.scalarType == .float64)
    }
    for item in fixture.cases { check(try item.make(), item) }
  }

  /// What training with a rule ends at; any optimizer can be passed, as itself or as an existential.
  func trained(with optimizer: some Optimizer) -> Double {
    var model = Dense(1, 1, key: RandomKey(seed: 3))
    var state = optimizer.initialState(for: model)
    let x = Tensor.linspace(-1, 1, count: 16).reshaped([16, 1])
    func loss(_ model: Dense) -> Tensor { meanSquaredError(model(x), 2 * x + 1) }
    for _ in 0..<300 {
      optimizer.update(&model, along: gradient(at: model, of: loss), state: &state)
    }
    return loss(model).item()
  }

  @Test func optimizersAreValues() {
    let optimizers: [any Optimizer] = [
      SGD(learningRate: 0.1), SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true), Adam(learningRate: 0.05),
      AdamW(learningRate: 0.05, weightDecay: 1e-4), RMSProp(learningRate: 0.02), Adagrad(learningRate: 0.5),
      Muon(learningRate: 0.05),
    ]
    for optimizer in optimizers { #expect(trained(with: optimizer) < 1e-3, "\(optimizer)") }
    #expect(trained(with: Adam(learningRate: 0.05)) == trained(with: optimizers[2]))
    // Without a generic function around it too.
    var model = Dense(1, 1, key: RandomKey(seed: 3))
    let before = model.weight.floats
    for optimizer in optimizers {
      var state = optimizer.initialState(for: model)
      optimizer.update(&model, along: model, state: &state)
    }
    #expect(model.weight.floats != before)
  }

  @Test func plainGradientDescentNeedsNoState() {
    var model = Dense(weight: Tensor([[1]]), bias: Tensor([2]))
    SGD(learningRate: 0.5).update(&model, along: Dense(weight: Tensor([[2]]), bias: Tensor([4])))
    #expect(model.weight.floats == [0])
    #expect(model.bias.floats == [0])
    // It can be differentiated by the learning rate: θ − r·g has the derivative −g.
    let byOptimizer = gradient(at: SGD(learningRate: 0.5)) { optimizer in
      var theta = Tensor([3, 4])
      optimizer.update(&theta, along: Tensor([1, 2]))
      return theta.sum()
    }
    #expect(byOptimizer.learningRate.item() == -3)
  }

  @Test func statesAreCodable() throws {
    let optimizer = Adam(learningRate: 0.1)
    var model = Dense(2, 2, key: RandomKey(seed: 1))
    var state = optimizer.initialState(for: model)
    for _ in 0..<3 { optimizer.update(&model, along: model, state: &state) }
    var restored = try JSONDecoder().decode(OptimizerState<Dense>.self, from: JSONEncoder().encode(state))
    var other = model
    optimizer.update(&model, along: model, state: &state)
    let same = try JSONDecoder().decode(Adam.self, from: JSONEncoder().encode(optimizer))
    same.update(&other, along: other, state: &restored)
    #expect(model.weight.floats == other.weight.floats)
    #expect(restored.step.item() == 4)
  }
}
