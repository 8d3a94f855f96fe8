import Testing

@testable import NeuralNetworks

/// Muon against torch.optim.Muon, and the gradient through it against PyTorch's.
@Suite struct MuonTests {
  struct Values: Decodable {
    struct Case: Decodable {
      var learningRate, momentum, weightDecay: Double
      var initial: Numbers
      var gradients, parameters: [Numbers]
    }
    struct Meta: Decodable {
      var steps: Int
      var learningRate: Double
      var matrix, target, initial: Numbers
      var outerLoss: Double
      var gradient: Numbers
      var learningRateGradient: Double
    }
    var cases: [Case]
    var meta: Meta
  }

  @Test(arguments: [ScalarType.float64, .float32]) func values(_ type: ScalarType) throws {
    let cases = try fixture("muon.json", as: Values.self).cases
    #expect(cases.map(\.initial.float64.shape) == [[3, 5], [7, 3], [3, 3, 2, 4]])
    for item in cases {
      let muon = Muon(learningRate: item.learningRate, momentum: item.momentum, weightDecay: item.weightDecay)
      var weight = item.initial.float64.cast(to: type)
      var state = muon.initialState(for: weight)
      for (gradient, expected) in zip(item.gradients, item.parameters) {
        muon.update(&weight, along: gradient.float64.cast(to: type), state: &state)
        #expect(weight.scalarType == type)
        expectClose(weight, expected.float64, type == .float64 ? 1e-12 : 1e-5, "\(weight.shape)")
      }
    }
  }

  @Test func metaGradient() throws {
    let meta = try fixture("muon.json", as: Values.self).meta
    let (value, slopes) = valueAndGradient(at: meta.initial.float64, Muon(learningRate: meta.learningRate)) {
      theta, muon in
      var (theta, state) = (theta, muon.initialState(for: theta))
      for _ in 0..<meta.steps {
        let slope = gradient(at: theta) { square(matmul(meta.matrix.float64, $0) - meta.target.float64).mean() }
        muon.update(&theta, along: slope, state: &state)
      }
      return sin(theta).sum()
    }
    expectClose(value, Tensor(meta.outerLoss, .float64), 1e-12, "outer loss")
    expectClose(slopes.0, meta.gradient.float64, 1e-9, "by the weights")
    expectClose(slopes.1.learningRate, Tensor(meta.learningRateGradient, .float64), 1e-9, "by the rate")
  }

  /// Vectors and scalars are moved by Adam, bit for bit.
  @Test func vectorsAreAdams() {
    var (own, expected) = (Dense(3, 2, key: RandomKey(seed: 1)), Dense(3, 2, key: RandomKey(seed: 1)))
    let (muon, adam) = (Muon(learningRate: 0.1), Adam(learningRate: 0.1))
    var (state, other) = (muon.initialState(for: own), adam.initialState(for: expected))
    for _ in 0..<3 {
      let slope = Dense(3, 2, key: RandomKey(seed: 2)).mapTensors { $0 + 0.5 }
      muon.update(&own, along: slope, state: &state)
      adam.update(&expected, along: slope, state: &other)
    }
    #expect(own.bias.floats == expected.bias.floats)
    #expect(own.weight.floats != expected.weight.floats)
  }

  /// A gradient of zero moves nothing, and has finite derivatives.
  @Test func atZero() {
    let muon = Muon(learningRate: 0.1)
    func moved(_ slope: Tensor) -> Tensor {
      var weight = Tensor([[1, 2], [3, 4]])
      var state = muon.initialState(for: weight)
      muon.update(&weight, along: slope, state: &state)
      return weight
    }
    #expect(moved(.zeros([2, 2])).floats == [1, 2, 3, 4])
    let slope = gradient(at: Tensor.zeros([2, 2])) { moved($0).sum() }.floats
    #expect(slope.allSatisfy { $0.isFinite })
  }
}
