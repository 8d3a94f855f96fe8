import Testing

@testable import NeuralNetworks

@Suite struct LossTests {
  struct Fixture: Decodable {
    struct Settings: Decodable {
      var delta: Double?
      var targetForm: String?
      var labelSmoothing: Double?
    }
    struct Reduced: Decodable {
      var value: Double
      var gradient: Numbers
    }
    struct Case: Decodable {
      var loss: String
      var settings: Settings
      var prediction, target, unreduced: Numbers
      var mean, sum: Reduced

      func loss(_ prediction: Tensor, _ reduction: Reduction) throws -> Tensor {
        let target = target.float64
        let smoothing = settings.labelSmoothing ?? 0
        switch (loss, settings.targetForm) {
        case ("meanSquaredError", _): return meanSquaredError(prediction, target, reduction: reduction)
        case ("meanAbsoluteError", _): return meanAbsoluteError(prediction, target, reduction: reduction)
        case ("huber", _): return huber(prediction, target, delta: settings.delta ?? 1, reduction: reduction)
        case ("softmaxCrossEntropy", "labels"):
          return softmaxCrossEntropy(
            logits: prediction, labels: self.target.int32, labelSmoothing: smoothing, reduction: reduction)
        case ("softmaxCrossEntropy", _):
          return softmaxCrossEntropy(
            logits: prediction, targets: target, labelSmoothing: smoothing, reduction: reduction)
        case ("binaryCrossEntropyWithLogits", _):
          return binaryCrossEntropy(logits: prediction, targets: target, reduction: reduction)
        default: throw UserError("there is no loss '\(loss)'")
        }
      }
    }
    var cases: [Case]
  }

  @Test func fixtures() throws {
    let cases = try fixture("losses.json", as: Fixture.self).cases
    #expect(cases.count == 19)
    for (index, item) in cases.enumerated() {
      let name = "\(index): \(item.loss) \(item.settings)"
      let prediction = item.prediction.float64
      expectClose(item.unreduced, try item.loss(prediction, .none), 1e-12, name)
      for (reduction, expected) in [(Reduction.mean, item.mean), (.sum, item.sum)] {
        let (value, slope) = try valueAndGradient(at: prediction) { try item.loss($0, reduction) }
        expectClose(value, Tensor(expected.value, .float64), 1e-12, name)
        expectClose(expected.gradient, slope, 1e-12, name)
      }
    }
  }

  @Test func secondDerivatives() throws {
    for item in try fixture("losses.json", as: Fixture.self).cases {
      // Away from kinks and overflow, where differences say nothing.
      let prediction = 0.01 * item.prediction.float64 + 0.123
      expectDerivatives(at: prediction) { prediction in
        (try? item.loss(square(prediction), .mean)) ?? .zeros([0])
      }
    }
  }

  @Test func extremeLogitsInFloat32() {
    let logits = Tensor([[1e4, -1e4, 0], [-1e30, 1e30, 0]])
    let labels = Tensor([Int32(1), 1])
    let (value, slope) = valueAndGradient(at: logits) { softmaxCrossEntropy(logits: $0, labels: labels) }
    #expect(value.item() == 1e4)
    #expect(slope.floats == [0.5, -0.5, 0, 0, 0, 0])
    // A class that is masked out by −∞ does not spoil the others.
    let masked = Tensor([[0, -.infinity, 0]])
    let loss = softmaxCrossEntropy(logits: masked, labels: Tensor([Int32(0)]))
    #expect(Swift.abs(loss.item() - 0.6931472) < 1e-6)
    // Nothing is lost where the target is nearly certain.
    let sure = binaryCrossEntropy(
      logits: Tensor([50, -50], .float64), targets: Tensor([1, 0], .float64), reduction: .none)
    for value in sure.doubles { #expect(Swift.abs(value / 1.9287498479639178e-22 - 1) < 1e-14) }
  }

  @Test func batchAxes() {
    let key = RandomKey(seed: 2)
    let logits = Tensor.randomNormal([2, 3, 4], key: key, .float64)
    let labels = Tensor([Int32(0), 1, 2, 3, 0, 1], shape: [2, 3])
    let flat = softmaxCrossEntropy(
      logits: logits.reshaped([6, 4]), labels: labels.flattened(), labelSmoothing: 0.2, reduction: .none)
    let deep = softmaxCrossEntropy(logits: logits, labels: labels, labelSmoothing: 0.2, reduction: .none)
    #expect(deep.shape == [2, 3])
    #expect(deep.doubles == flat.doubles)
    let soft = softmaxCrossEntropy(logits: logits, targets: labels.oneHot(4, .float64), labelSmoothing: 0.2)
    expectClose(soft, deep.mean())
  }

  @Test func penalty() {
    let model = Dense(weight: Tensor([[1, 2], [3, 4]]), bias: Tensor([5, 6]))
    let (value, slope) = valueAndGradient(at: model) { l2Penalty($0) }
    #expect(value.item() == 45.5)
    #expect(slope.weight.floats == model.weight.floats)
    #expect(slope.bias.floats == model.bias.floats)
    #expect(l2Penalty(Flatten()).item() == 0)
  }
}
