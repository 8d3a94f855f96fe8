import Testing

@testable import NeuralNetworks

@Suite struct ClippingTests {
  let gradients = Dense(weight: Tensor([[3, 0]], .float64), bias: Tensor([0, -4], .float64))

  @Test func toNorm() {
    #expect(gradients.globalNorm.item() == 5)
    let clipped = gradients.clipped(toNorm: 1)
    expectClose(clipped.weight, Tensor([[0.6, 0]], .float64))
    expectClose(clipped.bias, Tensor([0, -0.8], .float64))
    #expect(gradients.clipped(toNorm: 5).bias.doubles == [0, -4])
    #expect(gradients.clipped(toNorm: 7).weight.doubles == [3, 0])
  }

  @Test func toValue() {
    let clipped = gradients.clipped(toValue: 3.5)
    #expect(clipped.weight.doubles == [3, 0])
    #expect(clipped.bias.doubles == [0, -3.5])
    let slope = gradient(at: gradients) { scalar($0.clipped(toValue: 3.5).bias) }
    #expect(slope.bias[1].item() == 0)
    #expect(slope.bias[0].item() != 0)
  }

  @Test func derivatives() {
    for norm in [1.0, 10] {
      expectDerivatives(at: gradients) {
        let clipped = $0.clipped(toNorm: norm)
        return scalar(clipped.weight) + scalar(clipped.bias)
      }
    }
  }

  @Test func zerosStayZeros() {
    let zeros = gradients.zeros
    #expect(zeros.clipped(toNorm: 1).bias.doubles == [0, 0])
    let slope = gradient(at: zeros) { scalar($0.clipped(toNorm: 1).bias) }
    #expect(slope.bias.doubles.allSatisfy { $0.isFinite })
    // Clipping does nothing there, so the derivative is that of `scalar` itself.
    expectClose(slope.bias, gradient(at: zeros.bias) { scalar($0) })
  }
}
