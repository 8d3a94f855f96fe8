/// Layers one after the other.
///
/// ```swift
/// let model = Sequential {
///   Flatten()
///   Dense(784, 128, activation: .relu, key: key[0])
///   Dropout(rate: 0.2)
///   Dense(128, 10, key: key[1])
/// }
/// ```
public struct Sequential<each L: Layer>: Layer {
  public var layers: (repeat each L)

  /// The layers listed in the braces.
  public init(@LayerBuilder _ build: () -> Sequential<repeat each L>) { self = build() }

  init(_ layers: repeat each L) { self.layers = (repeat each layers) }

  public func callAsFunction(_ x: Tensor) -> Tensor {
    var x = x
    for layer in repeat each layers { x = layer(x) }
    return x
  }

  /// The n-th layer gets the n-th child of the key.
  public func callAsFunction(_ x: Tensor, key: RandomKey) -> Tensor {
    var (x, index) = (x, 0)
    for layer in repeat each layers {
      x = layer(x, key: key[index])
      index += 1
    }
    return x
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    layers = (repeat try container.decode((each L).self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for layer in repeat each layers { try container.encode(layer) }
  }
}

/// Collects the layers between the braces of `Sequential { … }`.
@resultBuilder
public enum LayerBuilder {
  public static func buildBlock<each L: Layer>(_ layers: repeat each L) -> Sequential<repeat each L> {
    Sequential(repeat each layers)
  }
}
