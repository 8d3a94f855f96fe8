// Convolutions (cross-correlations, as everywhere in the field): each output pixel is the sum over a window of the image, of
// its channels times those of the filters.

/// The convolution of images [.., height, width, channels] with filters [height, width, channels / groups, outputs]:
/// [.., height′, width′, outputs].
///
/// Filters with more axes in front, [batch.., height, width, channels / groups, outputs], are filters of their own for each
/// element of a batch: the images are then [batch.., images, height, width, channels].
///
/// ```swift
/// let edges = convolution(images, filters, strides: 2, padding: .same)   // [5, 28, 28, 1] → [5, 14, 14, 64]
/// ```
///
/// - Parameters:
///   - x: The images.
///   - filters: The filters, height × width × channels × outputs.
///   - strides: The steps of the window.
///   - padding: The zeros around the image.
///   - dilation: The steps between the elements of the window.
///   - groups: Parts of the channels that do not mix; each has an equal part of the outputs.
public func convolution(
  _ x: Tensor, _ filters: Tensor, strides: Size2D = 1, padding: Padding2D = .valid, dilation: Size2D = 1,
  groups: Int = 1
) -> Tensor {
  let (images, batch) = Tensor.images(x, filters, "convolution", strides, dilation, groups)
  let (size, kernel) = (images.shape.size(batch + 1), filters.shape.size(batch))
  let (inputs, outputs) = (filters.shape[batch + 2], filters.shape[batch + 3])
  guard images.shape[batch + 3] == inputs * groups, outputs % groups == 0 else {
    stop(
      "convolution: the shapes \(x.shape) and \(filters.shape) do not fit: \(images.shape[batch + 3]) channels in "
        + "\(groups) groups meet filters of \(inputs) channels and \(outputs) outputs")
  }
  let extent = Size2D(
    height: dilation.height * (kernel.height - 1) + 1, width: dilation.width * (kernel.width - 1) + 1)
  let down = padding.vertical(size.height, extent: extent.height, stride: strides.height)
  let across = padding.horizontal(size.width, extent: extent.width, stride: strides.width)
  let room = Size2D(
    height: size.height + down.before + down.after - extent.height,
    width: size.width + across.before + across.after - extent.width)
  guard room.height >= 0, room.width >= 0,
    [down.before, down.after, across.before, across.after].allSatisfy({ $0 >= 0 })
  else {
    stop("convolution: a window of \(extent) does not fit the shape \(x.shape) with the padding \(padding)")
  }
  let geometry = ConvolutionGeometry(
    batch: batch, input: size, kernel: kernel,
    output: Size2D(height: room.height / strides.height + 1, width: room.width / strides.width + 1), strides: strides,
    dilation: dilation, before: Size2D(height: down.before, width: across.before), groups: groups)
  return Tensor.restored(geometry.apply(.output, from: [.input: images, .filters: filters]), x, batch)
}

/// The transpose of a convolution, which makes images larger by its strides: [.., height, width, channels] with filters
/// [height, width, outputs / groups, channels] → [.., height′, width′, outputs].
///
/// It is the derivative by its input of the convolution with these filters, strides and padding, whose output has the size of
/// `x`. With `.same` the result is `strides` times as large; else it is (size − 1) · stride + window − padding, and
/// `extra` more rows and columns behind, where the convolution leaves some out.
public func transposedConvolution(
  _ x: Tensor, _ filters: Tensor, strides: Size2D = 1, padding: Padding2D = .valid, dilation: Size2D = 1,
  groups: Int = 1, extra: Size2D = 0
) -> Tensor {
  let (images, batch) = Tensor.images(x, filters, "transposedConvolution", strides, dilation, groups)
  let (size, kernel) = (images.shape.size(batch + 1), filters.shape.size(batch))
  guard images.shape[batch + 3] == filters.shape[batch + 3], filters.shape[batch + 3] % groups == 0 else {
    stop(
      "transposedConvolution: the shapes \(x.shape) and \(filters.shape) do not fit: \(images.shape[batch + 3]) channels "
        + "in \(groups) groups meet filters of \(filters.shape[batch + 3])")
  }
  guard extra.height >= 0, extra.height < strides.height, extra.width >= 0, extra.width < strides.width else {
    stop(
      "transposedConvolution: there are \(extra) extra rows and columns, which must be less than the strides \(strides)"
    )
  }
  func length(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ extra: Int, isHeight: Bool)
    -> (length: Int, before: Int)
  {
    let extent = dilation * (kernel - 1) + 1
    let whole = padding == .same ? size * stride : (size - 1) * stride + extent
    let around =
      isHeight
      ? padding.vertical(whole, extent: extent, stride: stride)
      : padding.horizontal(whole, extent: extent, stride: stride)
    let isSame = padding == .same
    return (isSame ? whole : whole - around.before - around.after + extra, around.before)
  }
  let down = length(size.height, kernel.height, strides.height, dilation.height, extra.height, isHeight: true)
  let across = length(size.width, kernel.width, strides.width, dilation.width, extra.width, isHeight: false)
  guard down.length > 0, across.length > 0, down.before >= 0, across.before >= 0 else {
    stop("transposedConvolution: the padding \(padding) leaves nothing of the shape \(x.shape)")
  }
  let geometry = ConvolutionGeometry(
    batch: batch, input: Size2D(height: down.length, width: across.length), kernel: kernel, output: size,
    strides: strides,
    dilation: dilation, before: Size2D(height: down.before, width: across.before), groups: groups)
  return Tensor.restored(geometry.apply(.input, from: [.filters: filters, .output: images]), x, batch)
}

/// The convolution along one axis: [.., length, channels] with filters [length, channels / groups, outputs] →
/// [.., length′, outputs]. Of an explicit padding, the left and the right are taken.
public func convolution1D(
  _ x: Tensor, _ filters: Tensor, stride: Int = 1, padding: Padding2D = .valid, dilation: Int = 1, groups: Int = 1
) -> Tensor {
  guard x.rank >= 2, filters.rank >= 3 else {
    stop(
      "convolution1D: needs [.., length, channels] and [length, channels, outputs], not the shapes \(x.shape) and "
        + "\(filters.shape)")
  }
  var padding = padding
  if case .explicit(_, _, let left, let right) = padding {
    padding = .explicit(top: 0, bottom: 0, left: left, right: right)
  }
  return convolution(
    x.expandingAxis(at: -3), filters.expandingAxis(at: -4), strides: Size2D(height: 1, width: stride), padding: padding,
    dilation: Size2D(height: 1, width: dilation), groups: groups
  ).squeezed(-3)
}

extension Tensor {
  /// The images with one axis of images behind those of the batch, whose number is returned too.
  fileprivate static func images(
    _ x: Tensor, _ filters: Tensor, _ name: String, _ strides: Size2D, _ dilation: Size2D, _ groups: Int
  ) -> (images: Tensor, batch: Int) {
    guard x.scalarType == filters.scalarType, x.scalarType.isFloating else {
      stop("\(name): needs two tensors of one floating type, not \(x.scalarType) and \(filters.scalarType)")
    }
    guard Swift.min(strides.height, strides.width, dilation.height, dilation.width, groups) > 0 else {
      stop("\(name): strides, dilation and groups must be positive, not \(strides), \(dilation) and \(groups)")
    }
    let batch = filters.rank - 4
    let fits =
      batch == 0 ? x.rank >= 3 : batch > 0 && x.rank == filters.rank && x.shape[..<batch] == filters.shape[..<batch]
    guard fits, Swift.min(filters.shape[batch], filters.shape[batch + 1]) > 0 else {
      stop(
        "\(name): needs images [.., height, width, channels] and filters [height, width, channels, outputs], not the "
          + "shapes \(x.shape) and \(filters.shape)")
    }
    return (batch > 0 ? x : x.reshaped([x.shape.dropLast(3).elementCount] + x.shape.suffix(3)), batch)
  }

  /// A result with the axes in front that the images had.
  fileprivate static func restored(_ result: Tensor, _ x: Tensor, _ batch: Int) -> Tensor {
    batch > 0 ? result : result.reshaped(x.shape.dropLast(3) + result.shape.suffix(3))
  }
}

extension Shape {
  /// Two sizes from an axis on.
  fileprivate func size(_ axis: Int) -> Size2D { Size2D(height: self[axis], width: self[axis + 1]) }
}
