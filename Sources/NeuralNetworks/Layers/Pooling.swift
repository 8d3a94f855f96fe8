/// The greatest element of each window of an image; elements that tie share the derivative.
/// [batch.., height, width, channels] → [batch.., height′, width′, channels].
public struct MaxPool: Layer {
  /// The size of the windows.
  public var window: Size2D
  /// The steps between them.
  public var strides: Size2D

  /// Windows side by side, or by other strides.
  public init(_ window: Size2D, strides: Size2D? = nil) {
    self.window = window
    self.strides = strides ?? window
  }

  /// [batch.., height, width, channels] → [batch.., height′, width′, channels].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.maxPooled(window, strides: strides) }
}

/// The mean of each window of an image. [batch.., height, width, channels] → [batch.., height′, width′, channels].
public struct AveragePool: Layer {
  /// The size of the windows.
  public var window: Size2D
  /// The steps between them.
  public var strides: Size2D

  /// Windows side by side, or by other strides.
  public init(_ window: Size2D, strides: Size2D? = nil) {
    self.window = window
    self.strides = strides ?? window
  }

  /// [batch.., height, width, channels] → [batch.., height′, width′, channels].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.averagePooled(window, strides: strides) }
}

/// The mean over the pixels of an image. [batch.., height, width, channels] → [batch.., channels].
public struct GlobalAveragePool: Layer {
  /// A layer without parameters.
  public init() {}

  /// [batch.., height, width, channels] → [batch.., channels].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.globallyAveragePooled() }
}

/// Every pixel repeated. [batch.., height, width, channels] → [batch.., factor · height, factor · width, channels].
public struct Upsample: Layer {
  /// How often along each axis.
  public var factor: Size2D

  /// A layer that makes images larger by a factor.
  public init(_ factor: Size2D) { self.factor = factor }

  /// [batch.., height, width, channels] → [batch.., factor · height, factor · width, channels].
  public func callAsFunction(_ x: Tensor) -> Tensor { x.upsampled(factor) }
}
