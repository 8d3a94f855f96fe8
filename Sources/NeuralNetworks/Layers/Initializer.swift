import Foundation

/// How the weights of a layer are drawn.
public enum Initializer: Hashable, Sendable, Codable {
  case zeros
  case constant(Double)
  /// Normal, cut off at two standard deviations.
  case truncatedNormal(standardDeviation: Double)
  /// Even in ±√(6 / (inputs + outputs)) (Glorot and Bengio, 2010).
  case glorotUniform
  /// Normal with variance 2 / (inputs + outputs).
  case glorotNormal
  /// Even in ±√(6 / inputs), for ReLU (He et al., 2015).
  case heUniform
  /// Normal with variance 2 / inputs, for ReLU.
  case heNormal
  /// Even in ±1 / √inputs, as PyTorch draws the weights of a linear layer.
  case uniformByInputs

  /// Draws a float32 tensor. The last axis is the outputs, those before it the inputs.
  public func callAsFunction(_ shape: Shape, key: RandomKey) -> Tensor {
    let outputs = Double(shape.last ?? 1)
    let inputs = Double(shape.dropLast().reduce(1, *))
    func uniform(_ bound: Double) -> Tensor { .randomUniform(shape, in: -bound..<bound, key: key) }
    func normal(_ variance: Double) -> Tensor {
      .randomNormal(shape, standardDeviation: variance.squareRoot(), key: key)
    }
    switch self {
    case .zeros: return .zeros(shape)
    case .constant(let value): return .full(shape, value)
    case .truncatedNormal(let deviation): return truncatedNormal(shape, key: key) * deviation
    case .glorotUniform: return uniform((6 / (inputs + outputs)).squareRoot())
    case .glorotNormal: return normal(2 / (inputs + outputs))
    case .heUniform: return uniform((6 / inputs).squareRoot())
    case .heNormal: return normal(2 / inputs)
    case .uniformByInputs: return uniform(1 / inputs.squareRoot())
    }
  }

  /// Draws each number again until it lies within two standard deviations.
  private func truncatedNormal(_ shape: Shape, key: RandomKey) -> Tensor {
    var generator = key.makeGenerator()
    let values = (0..<shape.reduce(1, *)).map { _ in
      while true {
        // Box–Muller, on the host: weights are drawn once.
        let radius = (-2 * log(1 - generator.uniform())).squareRoot()
        let value = radius * cos(2 * .pi * generator.uniform())
        if Swift.abs(value) <= 2 { return Float(value) }
      }
    }
    return Tensor(values, shape: shape)
  }
}
