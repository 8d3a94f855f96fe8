import Testing

@testable import NeuralNetworks

/// Layers against PyTorch's.
@Suite struct LayerFixtureTests {
  struct Fixture: Decodable {
    struct BatchNorm: Decodable {
      struct Step: Decodable {
        var input, output, cotangent, inputGradient, scaleGradient, shiftGradient, runningMean, runningVariance: Numbers
      }
      struct Evaluation: Decodable { var input, output: Numbers }
      var epsilon, momentum: Double
      var scale, shift: Numbers
      var trainingSteps: [Step]
      var evaluation: Evaluation
    }
    struct LayerNorm: Decodable {
      var epsilon: Double
      var scale, shift, input, output, cotangent, inputGradient, scaleGradient, shiftGradient: Numbers
    }
    struct Embedding: Decodable { var table, indices, output, cotangent, tableGradient: Numbers }
    struct Linear: Decodable {
      var weight, bias, input, output, cotangent, inputGradient, weightGradient, biasGradient: Numbers
    }
    struct Function: Decodable { var input, output, derivative: Numbers }
    var batchNorm: BatchNorm
    var layerNorm: LayerNorm
    var embedding: Embedding
    var linear: Linear
    var geluErf, softplus: Function
  }

  let fixture: Fixture

  init() throws { fixture = try NeuralNetworksTests.fixture("layers.json") }

  @Test func batchNorm() {
    let expected = fixture.batchNorm
    var norm = BatchNorm(3, epsilon: expected.epsilon)
    norm.scale = expected.scale.float64
    norm.shift = expected.shift.float64
    var running = BatchNorm.Statistics(features: 3).cast(to: .float64)
    for step in expected.trainingSteps {
      let x = step.input.float64
      expectClose(step.output, norm(x))
      let (byNorm, byInput) = gradient(at: norm, x) { ($0($1) * step.cotangent.float64).sum() }
      expectClose(step.scaleGradient, byNorm.scale)
      expectClose(step.shiftGradient, byNorm.shift)
      expectClose(step.inputGradient, byInput)
      running = running.updated(with: norm.statistics(of: x), momentum: expected.momentum)
      expectClose(step.runningMean, running.mean)
      expectClose(step.runningVariance, running.variance)
    }
    #expect(running.count == 10)
    expectClose(expected.evaluation.output, norm(expected.evaluation.input.float64, with: running))
  }

  @Test func layerNorm() {
    let expected = fixture.layerNorm
    var norm = LayerNorm(6, epsilon: expected.epsilon)
    norm.scale = expected.scale.float64
    norm.shift = expected.shift.float64
    let x = expected.input.float64
    expectClose(expected.output, norm(x))
    let (byNorm, byInput) = gradient(at: norm, x) { ($0($1) * expected.cotangent.float64).sum() }
    expectClose(expected.scaleGradient, byNorm.scale)
    expectClose(expected.shiftGradient, byNorm.shift)
    // The row without variance divides rounding errors by √ε.
    expectClose(expected.inputGradient, byInput, 1e-11)
  }

  @Test func embedding() {
    let expected = fixture.embedding
    let embedding = Embedding(table: expected.table.float64)
    expectClose(expected.output, embedding(expected.indices.int32), 0)
    let byTable = gradient(at: embedding) { ($0(expected.indices.int32) * expected.cotangent.float64).sum() }
    expectClose(expected.tableGradient, byTable.table)
  }

  @Test func dense() {
    let expected = fixture.linear
    let dense = Dense(weight: expected.weight.float64, bias: expected.bias.float64)
    expectClose(expected.output, dense(expected.input.float64))
    let (byDense, byInput) = gradient(at: dense, expected.input.float64) {
      ($0($1) * expected.cotangent.float64).sum()
    }
    expectClose(expected.weightGradient, byDense.weight)
    expectClose(expected.biasGradient, byDense.bias)
    expectClose(expected.inputGradient, byInput)
  }

  @Test func activations() {
    for (activation, expected) in [(Activation.gelu, fixture.geluErf), (.softplus, fixture.softplus)] {
      let x = expected.input.float64
      expectClose(expected.output, activation(x), 1e-12, activation.rawValue)
      expectClose(expected.derivative, gradient(at: x) { activation($0).sum() }, 1e-12, activation.rawValue)
    }
  }
}
