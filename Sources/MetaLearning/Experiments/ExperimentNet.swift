/// The network of an experiment: one of several kinds, as its configuration says. Its parameters have the names that they
/// have in the network itself.
public enum ExperimentNet: Layer {
  case mlp(MultilayerPerceptron)

  /// The network that a configuration asks for, with drawn weights.
  ///
  /// A further kind of network is a case of this type, here and below, and nothing else.
  init(_ configuration: MetaConfiguration, inputs: Int, outputs: Int) throws {
    let isRegression = configuration.dataset.isRegression
    let key = RandomKey(seed: configuration.seed)[0]
    switch configuration.network {
    case .mlp:
      self = .mlp(
        MultilayerPerceptron(
          inputs: inputs, hidden: configuration.hidden, outputs: outputs, normalization: isRegression ? .none : .batch,
          initializer: isRegression ? .glorotUniform : .heNormal, key: key))
    case .conv4:
      throw UserError("The model conv4 is not part of this build; use mlp.")
    }
    if configuration.algorithm == .mamlPlusPlus, configuration.plusPlus.normalizesPerStep {
      self = normalizingPerStep(configuration.innerSteps)
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .mlp(let net): net(x)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .mlp(let net): try net.encode(to: encoder)
    }
  }

  public init(from decoder: any Decoder) throws {
    self = .mlp(try MultilayerPerceptron(from: decoder))
  }
}
