import Foundation

/// How the weights of a layer are drawn.
///
/// The last axis of a weight is the outputs; the sizes before it, multiplied, are the inputs. Filters, with more than two
/// axes, have as many outputs as their window times the last axis, as in PyTorch and TensorFlow.
public enum Initializer: Hashable, Sendable, Codable {
  /// Zeros.
  case zeros
  /// The same number everywhere.
  case constant(Double)
  /// Normal with mean 0.
  case normal(standardDeviation: Double)
  /// Normal with mean 0, cut off at two standard deviations: numbers beyond are drawn again.
  ///
  /// The standard deviation is that before the cut, as in TensorFlow's `truncated_normal`, with which MAML was trained;
  /// the numbers drawn have 0.8796 of it.
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
  /// A matrix [inputs, outputs] with orthonormal columns, or rows where there are more outputs than inputs, evenly
  /// distributed among these, times `gain` (Saxe et al., 2014).
  case orthogonal(gain: Double = 1)

  /// Draws a float32 tensor. The last axis is the outputs, those before it the inputs.
  public func callAsFunction(_ shape: Shape, key: RandomKey) -> Tensor {
    let outputs = Double((shape.last ?? 1) * shape.dropLast(2).reduce(1, *))
    let inputs = Double(shape.dropLast().reduce(1, *))
    func uniform(_ bound: Double) -> Tensor { .randomUniform(shape, in: -bound..<bound, key: key) }
    func normal(_ variance: Double) -> Tensor {
      .randomNormal(shape, standardDeviation: variance.squareRoot(), key: key)
    }
    switch self {
    case .zeros: return .zeros(shape)
    case .constant(let value): return .full(shape, value)
    case .normal(let deviation): return .randomNormal(shape, standardDeviation: deviation, key: key)
    case .truncatedNormal(let deviation): return truncatedNormal(shape, key: key) * deviation
    case .glorotUniform: return uniform((6 / (inputs + outputs)).squareRoot())
    case .glorotNormal: return normal(2 / (inputs + outputs))
    case .heUniform: return uniform((6 / inputs).squareRoot())
    case .heNormal: return normal(2 / inputs)
    case .uniformByInputs: return uniform(1 / inputs.squareRoot())
    case .orthogonal(let gain):
      let matrix = orthogonalMatrix(rows: Int(inputs), columns: shape.last ?? 1, key: key)
      return Tensor(matrix.map { Float(gain * $0) }, shape: shape)
    }
  }

  /// Draws each number again until it lies within two standard deviations.
  private func truncatedNormal(_ shape: Shape, key: RandomKey) -> Tensor {
    var generator = key.makeGenerator()
    let values = (0..<shape.reduce(1, *)).map { _ in
      while true {
        let value = generator.normal()
        if Swift.abs(value) <= 2 { return Float(value) }
      }
    }
    return Tensor(values, shape: shape)
  }
}
