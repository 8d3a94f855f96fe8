import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct ModelTests {
  struct Network: Model {
    var first: Dense
    var norm: BatchNorm
    var running: BatchNorm.Statistics
    @Buffer var projection: Tensor
    var classes: Tensor
    var head: Dense

    init(key: RandomKey) {
      first = Dense(2, 3, activation: .tanh, key: key[0])
      norm = BatchNorm(3)
      running = BatchNorm.Statistics(features: 3)
      projection = .randomNormal([3, 3], key: key[1])
      classes = Tensor([Int32(0), 1])
      head = Dense(3, 2, key: key[2])
    }

    func callAsFunction(_ x: Tensor) -> Tensor { head(matmul(norm(first(x), with: running), projection)) }
  }

  let model = Network(key: RandomKey(seed: 1))
  let x = Tensor([[0.1, 0.2], [0.3, -0.4], [1, 2]])

  @Test func parametersAndBuffers() {
    #expect(
      model.parameters.map(\.name) == [
        "first.weight", "first.bias", "norm.scale", "norm.shift", "head.weight", "head.bias",
      ])
    #expect(model.buffers.map(\.name) == ["running.mean", "running.variance", "projection", "classes"])
    #expect(model.parameterCount == 6 + 3 + 3 + 3 + 6 + 2)
  }

  @Test func castTakesTheBuffersAlong() {
    let twice = model.cast(to: .float64)
    #expect(twice.parameters.allSatisfy { $0.tensor.scalarType == .float64 })
    #expect(twice.projection.scalarType == .float64)
    #expect(twice.running.variance.scalarType == .float64)
    #expect(twice.classes.scalarType == .int32)
    expectClose(twice(x.cast(to: .float64)).cast(to: .float32), model(x), 1e-6)
    #expect(twice.cast(to: .float32)(x).floats == model(x).floats)
  }

  @Test func arithmetic() {
    let other = Network(key: RandomKey(seed: 2))
    let sum = model + other
    #expect(sum.first.weight.floats == zip(model.first.weight.floats, other.first.weight.floats).map(+))
    // Buffers are those of the model on the left.
    #expect(sum.projection.floats == model.projection.floats)
    #expect((model - model).globalNorm.item() == 0)
    #expect((2 * model).head.weight.floats == (model + model).head.weight.floats)
    #expect((model / 2 * 2).head.weight.floats == model.head.weight.floats)
    #expect((-model).head.weight.floats == model.head.weight.floats.map { -$0 })
    var moved = model
    moved += other
    moved -= other
    expectClose(moved.head.weight, model.head.weight, 1e-6)
    #expect(model.zeros.parameters.allSatisfy { $0.tensor.floats.allSatisfy { $0 == 0 } })
    #expect(model.zeros.projection.floats == model.projection.floats)
    #expect(model.mapParameters { $0 + 1 }.head.bias.floats == [1, 1])
  }

  @Test func globalNorm() {
    let squares = model.parameters.flatMap(\.tensor.doubles).reduce(0) { $0 + $1 * $1 }
    #expect(Swift.abs(model.globalNorm.item() - squares.squareRoot()) < 1e-6)
    let atZero = gradient(at: model.zeros) { $0.globalNorm }
    #expect(atZero.parameters.allSatisfy { $0.tensor.floats.allSatisfy { $0 == 0 } })
  }

  @Test func buffersAreNotTrained() {
    let slope = gradient(at: model) { square($0(x)).mean() }
    #expect(slope.globalNorm.item() > 0)
    var trained = model
    // Weight decay would move whatever counts as trained.
    SGD(learningRate: 0.1, weightDecay: 0.5).update(&trained, along: slope)
    #expect(trained.head.weight.floats != model.head.weight.floats)
    #expect(trained.projection.floats == model.projection.floats)
    #expect(trained.running.variance.floats == model.running.variance.floats)
    #expect(trained.classes.scalars(as: Int32.self) == [0, 1])
  }

  @Test func gradientByKeyPath() {
    let loss: (Network) -> Tensor = { square($0(x)).mean() }
    let whole = gradient(at: model, of: loss)
    #expect(gradient(at: model, by: \.head, of: loss).weight.floats == whole.head.weight.floats)
    // Of one tensor, and through a buffer, which is differentiated by where it is asked for.
    #expect(gradient(at: model, by: \.first.bias, of: loss).floats == whole.first.bias.floats)
    #expect(gradient(at: model, by: \.projection, of: loss).norm().item() > 0)
    // A gradient by one part inside a gradient by the whole: an adapted head.
    let meta = gradient(at: model.cast(to: .float64)) { model in
      let x = x.cast(to: .float64)
      var adapted = model
      adapted.head -= 0.1 * gradient(at: model, by: \.head) { square($0(x)).mean() }
      return square(adapted(x)).mean()
    }
    #expect(meta.first.weight.norm().item() > 0)
    expectDerivatives(at: model.cast(to: .float64)) { model in
      let x = x.cast(to: .float64)
      var adapted = model
      adapted.head -= 0.1 * gradient(at: model, by: \.head) { square($0(x)).mean() }
      return square(adapted(x)).mean()
    }
  }

  @Test func codable() throws {
    let decoded = try JSONDecoder().decode(Network.self, from: JSONEncoder().encode(model))
    #expect(decoded(x).floats == model(x).floats)
    #expect(decoded.buffers.map(\.name) == model.buffers.map(\.name))
  }
}
