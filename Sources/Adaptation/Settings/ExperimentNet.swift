/// The network of an experiment: one of several kinds, as its configuration says. Its parameters have the names that they
/// have in the network itself.
public enum ExperimentNet: Layer {
  case mlp(MultilayerPerceptron)
  case conv4(ConvNet4)

  /// The network that a configuration asks for, with drawn weights.
  ///
  /// A further kind of network is a case of this type, here and below, and nothing else.
  package init(_ configuration: MetaConfiguration, exampleShape: Shape, outputs: Int) throws {
    let isRegression = configuration.dataset.isRegression
    let key = RandomKey(seed: configuration.seed)[0]
    switch configuration.network {
    case .mlp:
      self = .mlp(
        MultilayerPerceptron(
          inputs: exampleShape.reduce(1, *), hidden: configuration.hidden, outputs: outputs,
          normalization: isRegression ? .none : .batch,
          initializer: isRegression ? .glorotUniform : .heNormal, key: key))
    case .conv4:
      let channels = exampleShape.last ?? 1
      let image = Size2D(exampleShape[0])
      switch configuration.pooling {
      case .strides:
        self = .conv4(
          .strided(
            configuration.filters, image: image, channels: channels, outputs: outputs,
            summary: configuration.imageSummary ?? .spatialMean, initializer: .heNormal, key: key))
      case .max:
        self = .conv4(
          .maxPooled(
            configuration.filters, image: image, channels: channels, outputs: outputs,
            summary: configuration.imageSummary ?? .flattened, initializer: .heNormal, key: key))
      }
    }
    if configuration.algorithm == .mamlPlusPlus, configuration.plusPlus.normalizesPerStep {
      self = normalizingPerStep(configuration.innerSteps)
    }
  }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .mlp(let net): net(x)
    case .conv4(let net): net(x)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .mlp(let net): try net.encode(to: encoder)
    case .conv4(let net): try net.encode(to: encoder)
    }
  }

  public init(from decoder: any Decoder) throws {
    if let net = try? MultilayerPerceptron(from: decoder) {
      self = .mlp(net)
    } else {
      self = .conv4(try ConvNet4(from: decoder))
    }
  }
}
