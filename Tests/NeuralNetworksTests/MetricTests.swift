import Testing

@testable import NeuralNetworks

@Suite struct MetricTests {
  let logits = Tensor([[1, 2, 0], [5, 4, 3], [0, 0, 1], [3, 0, 1]])
  let labels = Tensor([Int32(1), 0, 1, 2])

  @Test func accuracyIsTheShareOfRightPredictions() {
    #expect(accuracy(logits: logits, labels: labels).item() == 0.5)
    #expect(
      accuracy(logits: logits.reshaped([2, 2, 3]).cast(to: .float64), labels: labels.reshaped([2, 2])).item() == 0.5)
  }

  @Test func confusion() {
    // True classes down, predicted classes across.
    let expected = [[1, 0, 0], [0, 1, 1], [1, 0, 0]]
    #expect(confusionMatrix(logits: logits, labels: labels) == expected)
    #expect(confusionMatrix(predictions: logits.argmax(), labels: labels, classes: 3) == expected)
  }

  @Test func determination() {
    let target = Tensor([1, 2, 3, 6], .float64)
    #expect(rSquared(target, target).item() == 1)
    #expect(rSquared(.full([4], 3, .float64), target).item() == 0)
    // Residuals 1, 0, −1, 1 against a total of 4 + 1 + 0 + 9.
    #expect(Swift.abs(rSquared(Tensor([2, 2, 2, 7], .float64), target).item() - (1 - 3 / 14.0)) < 1e-15)
    let constant = Tensor([2, 2], .float64)
    #expect(rSquared(constant, constant).item() == 1)
    #expect(rSquared(constant + 1, constant).item() == 0)
  }
}
