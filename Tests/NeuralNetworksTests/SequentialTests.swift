import Foundation
import Testing

@testable import NeuralNetworks

@Suite struct SequentialTests {
  static let key = RandomKey(seed: 8)
  let x = Tensor.randomNormal([3, 4], key: key[9])

  @Test func oneLayer() throws {
    let dense = Dense(4, 2, key: Self.key)
    let model = Sequential { dense }
    #expect(model(x).floats == dense(x).floats)
    #expect(model.parameters.map(\.name) == ["0.weight", "0.bias"])
    let decoded = try JSONDecoder().decode(Sequential<Dense>.self, from: JSONEncoder().encode(model))
    #expect(decoded(x).floats == model(x).floats)
    #expect(model.layers.weight.floats == dense.weight.floats)
    #expect((2.0 * model)(x).floats == dense(x).floats.map { 2 * $0 })
  }

  @Test func manyAndNestedLayers() throws {
    let model = Sequential {
      Flatten()
      Sequential {
        Dense(4, 5, activation: .relu, key: Self.key[0])
        BatchNorm(5)
      }
      Dropout(rate: 0.5)
      LayerNorm(5)
      Activation.tanh
      Dense(5, 2, key: Self.key[1])
    }
    #expect(
      model.parameters.map(\.name) == [
        "1.0.weight", "1.0.bias", "1.1.scale", "1.1.shift", "3.scale", "3.shift", "5.weight", "5.bias",
      ])
    #expect(model.parameterCount == 4 * 5 + 5 + 10 + 10 + 12)
    let (first, norm, last) = (model.layers.1.layers.0, model.layers.1.layers.1, model.layers.5)
    let expected = last(tanh(model.layers.3(norm(first(x)))))
    #expect(model(x).floats == expected.floats)
    let data = try JSONEncoder().encode(model)
    let decoded = try JSONDecoder().decode(type(of: model), from: data)
    #expect(decoded(x).floats == model(x).floats)
    // The third layer draws from the third child of the key.
    let dropped = model.layers.2(norm(first(x)), key: Self.key[2])
    #expect(model(x, key: Self.key).floats == last(tanh(model.layers.3(dropped))).floats)
    #expect(model(x, key: Self.key).floats != model(x).floats)
  }

  @Test func nestedDropoutGetsAKeyOfItsOwn() {
    let model = Sequential {
      Dropout(rate: 0.5)
      Sequential {
        Dropout(rate: 0.5)
        Activation.identity
      }
    }
    let ones = Tensor.ones([1000])
    // Two independent masks keep a quarter, one mask twice a half.
    let kept = model(ones, key: Self.key).floats.filter { $0 != 0 }.count
    #expect((180...320).contains(kept))
  }

  @Test func gradientOfOneLayer() {
    let model = Sequential {
      Dense(4, 5, activation: .tanh, key: Self.key[0])
      Dense(5, 2, key: Self.key[1])
    }
    let loss: (Sequential<Dense, Dense>) -> Tensor = { square($0(x)).sum() }
    let whole = gradient(at: model, of: loss)
    let head = gradient(at: model, by: \.layers.1, of: loss)
    #expect(head.weight.floats == whole.layers.1.weight.floats)
    #expect(head.bias.floats == whole.layers.1.bias.floats)
    var moving = model
    moving[keyPath: \.layers.1] -= 0.1 * head
    moving[keyPath: \.layers.1.bias] += 0
    // Read from a constant: see the note at `Sequential`.
    let trained = moving
    #expect(trained.layers.0.weight.floats == model.layers.0.weight.floats)
    #expect(trained.layers.1.weight.floats == (model.layers.1 - 0.1 * head).weight.floats)
    #expect(loss(trained).item() < loss(model).item())
    let byBias = gradient(at: model, by: \.layers.0.bias, of: loss)
    #expect(byBias.floats == whole.layers.0.bias.floats)
  }

  @Test func noLayers() {
    let model = Sequential {}
    #expect(model(x).floats == x.floats)
    #expect(model.parameters.isEmpty)
  }
}
