/// A layer that PyTorch has too, but with other names of its tensors, or with their axes in another order.
///
/// The layers of this module that have a counterpart adopt it; one's own can too. Tensors that lie in no such layer are
/// taken to be named and laid out as here.
public protocol PyTorchLayer {
  /// What PyTorch makes of the layer's tensors, by their names here.
  static var pyTorchTensors: [String: PyTorchTensor] { get }
}

/// What PyTorch calls a tensor of a layer, and how it lies there.
public struct PyTorchTensor: Hashable, Sendable {
  /// The name in PyTorch's module, such as `running_mean`.
  public var name: String
  /// Axis i of PyTorch's tensor is axis `axes[i]` here.
  public var axes: [Int]
  /// The axis here that counts the numbers of an example that the layer is given, if there is one: where that is a
  /// flattened image, PyTorch has them in another order (`PyTorchNames.flattened`).
  public var inputs: Int?

  /// A tensor with a name, and with the axes in an order.
  public init(_ name: String, axes: [Int], inputs: Int? = nil) {
    self.name = name
    self.axes = axes
    self.inputs = inputs
  }

  /// A number for each feature of what the layer is given.
  static func features(_ name: String) -> PyTorchTensor { PyTorchTensor(name, axes: [0], inputs: 0) }
  /// A number for each output.
  static let bias = PyTorchTensor("bias", axes: [0])
}

extension Dense: PyTorchLayer {
  /// `torch.nn.Linear`: the weight is [outputs, inputs].
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["weight": PyTorchTensor("weight", axes: [1, 0], inputs: 0), "bias": .bias]
  }
}

extension Convolution2D: PyTorchLayer {
  /// `torch.nn.Conv2d`: the weight is [outputs, inputs / groups, height, width].
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["weight": PyTorchTensor("weight", axes: [3, 2, 0, 1]), "bias": .bias]
  }
}

extension TransposedConvolution2D: PyTorchLayer {
  /// `torch.nn.ConvTranspose2d`: the weight is [inputs, outputs / groups, height, width].
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["weight": PyTorchTensor("weight", axes: [3, 2, 0, 1]), "bias": .bias]
  }
}

extension Convolution1D: PyTorchLayer {
  /// `torch.nn.Conv1d`: the weight is [outputs, inputs / groups, length].
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["weight": PyTorchTensor("weight", axes: [2, 1, 0]), "bias": .bias]
  }
}

extension BatchNorm: PyTorchLayer {
  /// `torch.nn.BatchNorm1d` and `BatchNorm2d`, without the running statistics. A scale for each step has no counterpart.
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["scale": .features("weight"), "shift": .features("bias")]
  }
}

extension BatchNorm.Statistics: PyTorchLayer {
  /// The running statistics of `torch.nn.BatchNorm1d` and `BatchNorm2d`.
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["mean": .features("running_mean"), "variance": .features("running_var")]
  }
}

extension GroupNorm: PyTorchLayer {
  /// `torch.nn.GroupNorm`. The groups of a flattened image would be of other numbers there.
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["scale": PyTorchTensor("weight", axes: [0]), "shift": .bias]
  }
}

extension LayerNorm: PyTorchLayer {
  /// `torch.nn.LayerNorm` over the last axis.
  public static var pyTorchTensors: [String: PyTorchTensor] {
    ["scale": .features("weight"), "shift": .features("bias")]
  }
}

extension Embedding: PyTorchLayer {
  /// `torch.nn.Embedding`.
  public static var pyTorchTensors: [String: PyTorchTensor] { ["table": PyTorchTensor("weight", axes: [0, 1])] }
}
