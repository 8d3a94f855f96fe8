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
///
/// A layer is reached by a key path with its number, for reading, for changing, and for its gradient alone:
/// `model[keyPath: \.layers.1]`, `gradient(at: model, by: \.layers.3, of: loss)`; of a single layer, `layers` is the layer
/// itself. Parameters are named by the number too: `1.weight`.
///
/// - Note: Without `keyPath:`, as in `model.layers.1`, this works where `model` is a `let`, but the compiler (Swift 6.3)
///   crashes where it is a `var`: it cannot yet handle elements of a variable tuple that is made from a parameter pack.
public struct Sequential<each L: Layer>: Layer {
  /// The layers, first to last.
  public var layers: (repeat each L)

  /// The layers listed in the braces.
  public init(@LayerBuilder _ build: () -> Sequential<repeat each L>) { self = build() }

  init(_ layers: repeat each L) { self.layers = (repeat each layers) }

  /// The last layer's output, without randomness.
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

  /// Decodes the layers from a list.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    layers = (repeat try container.decode((each L).self))
  }

  /// Encodes the layers as a list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for layer in repeat each layers { try container.encode(layer) }
  }
}

/// Collects the layers between the braces of `Sequential { … }`.
@resultBuilder
public enum LayerBuilder {
  /// The layers in a row.
  public static func buildBlock<each L: Layer>(_ layers: repeat each L) -> Sequential<repeat each L> {
    Sequential(repeat each layers)
  }
}
