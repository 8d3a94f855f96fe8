import CKernels

/// Which convolution: what its three forms have in common but for the tensors.
///
/// Σ g · convolution(x, filters) is linear in x, in the filters and in g. Its derivatives by each of these are the three
/// forms: the gradient by the input, the gradient by the filters, and the convolution itself. So the derivatives of each
/// are the two others, to any order.
///
/// Shapes, each behind `batch` axes that are the same in all and are taken one by one: input [images, height, width,
/// channels], filters [height, width, channels / groups, outputs], output [images, height, width, outputs].
struct ConvolutionGeometry: Hashable, Sendable {
  /// The three tensors; the form that computes one takes the two others, in this order.
  enum Operand: Int, Hashable, Sendable, CaseIterable {
    case input, filters, output

    var others: (first: Operand, second: Operand) {
      switch self {
      case .input: (.filters, .output)
      case .filters: (.input, .output)
      case .output: (.input, .filters)
      }
    }

    var code: CKConvolution {
      switch self {
      case .input: .input
      case .filters: .filters
      case .output: .output
      }
    }
  }

  var batch = 0
  var input: Size2D
  var kernel: Size2D
  var output: Size2D
  var strides: Size2D
  var dilation: Size2D
  /// The rows and columns of zeros above and left of the image.
  var before: Size2D
  var groups: Int

  /// One form, from the two other tensors.
  func apply(_ form: Operand, from given: [Operand: Tensor]) -> Tensor {
    let (first, second) = form.others
    guard let x = given[first], let y = given[second] else { preconditionFailure("a form takes the two others") }
    let code = code(form, x.shape, y.shape)
    let shape: Shape =
      switch form {
      case .input: [code.images, code.height, code.width, code.channels]
      case .filters: [code.kernel_height, code.kernel_width, code.channels / code.groups, code.outputs]
      case .output: [code.images, code.output_height, code.output_width, code.outputs]
      }
    return Tensor(
      .convolution(self, form), [x, y], shape: x.shape[..<batch] + shape, scalarType: x.scalarType)
  }

  /// What the kernel is told, from the shapes of the two operands of a form.
  func code(_ form: Operand, _ first: Shape, _ second: Shape, _ precision: ProductPrecision = .full) -> ck_convolution {
    let last = batch + 3
    let (images, channels, outputs) =
      switch form {
      case .input: (second[batch], first[last - 1] * groups, second[last])
      case .filters: (first[batch], first[last], second[last])
      case .output: (first[batch], first[last], second[last])
      }
    return ck_convolution(
      images: images, height: input.height, width: input.width, channels: channels, kernel_height: kernel.height,
      kernel_width: kernel.width, outputs: outputs, output_height: output.height, output_width: output.width,
      stride_y: strides.height, stride_x: strides.width, dilation_y: dilation.height, dilation_x: dilation.width,
      top: before.height, left: before.width, groups: groups, halves: precision == .bfloat16 ? 1 : 0,
      adds: 0)
  }

  /// Whether a kernel call rounds its factors to bfloat16.
  static func hasHalves(_ call: KernelCall) -> Bool {
    let code = call.parameters.withUnsafeBytes { $0.loadUnaligned(as: ck_convolution.self) }
    return withUnsafePointer(to: code) { ck_takes_halves($0) }
  }

  /// The multiplications of a kernel call, those with zeros beyond the image too.
  static func multiplications(_ call: KernelCall) -> Int {
    let code = call.parameters.withUnsafeBytes { $0.loadUnaligned(as: ck_convolution.self) }
    let perImage = code.output_height * code.output_width * code.kernel_height * code.kernel_width
    return call.out.shape.dropLast(4).elementCount * code.images * perImage * code.channels / code.groups * code.outputs
  }
}
