// Pooling and resizing of images [.., height, width, channels], made of operations that have derivatives of any order.

extension Tensor {
  /// The greatest element of each window of an image. [.., height, width, channels] → [.., height′, width′, channels].
  ///
  /// Rows and columns that do not fill a window are left out. In windows that do not overlap, elements that tie for the
  /// greatest share the derivative equally; where windows overlap, they are compared one after the other, and of two that
  /// tie each has a half.
  ///
  /// - Parameters:
  ///   - window: The size of the windows.
  ///   - strides: The steps between them; the window's size by default.
  public func maxPooled(_ window: Size2D, strides: Size2D? = nil) -> Tensor {
    if let windows = windows(window, strides, "maxPooled") { return windows.max([-4, -2]) }
    let parts = shifted(window, strides ?? window)
    return parts.dropFirst().reduce(parts[0]) { maximum($0, $1) }
  }

  /// The greatest element of each window of an image in the channels whose sign is positive or 0, and the least one in the
  /// others. [.., height, width, channels] → [.., height′, width′, channels].
  ///
  /// It is what pooling by the greatest needs of the elements where a rising or falling function of each channel, such as a
  /// normalization, comes between: f(x) pooled is f of this, computed for fewer pixels. Ties are as in `maxPooled`.
  ///
  /// - Parameters:
  ///   - window: The size of the windows.
  ///   - strides: The steps between them; the window's size by default.
  ///   - signs: [channels]; they have no derivative.
  public func extremePooled(_ window: Size2D, strides: Size2D? = nil, signs: Tensor) -> Tensor {
    requireImages("extremePooled")
    guard signs.shape == [shape[rank - 1]] else {
      stop("extremePooled: images of shape \(shape) need signs of shape [\(shape[rank - 1])], not \(signs.shape)")
    }
    let flips = stopGradient(select(signs .< 0, signs.constant(-1), signs.constant(1)))
    // The windows are made first, so that the product runs over them and is one pass with the maximum.
    if let windows = windows(window, strides, "extremePooled") { return flips * (flips * windows).max([-4, -2]) }
    return flips * (flips * self).maxPooled(window, strides: strides)
  }

  /// The mean of each window of an image. [.., height, width, channels] → [.., height′, width′, channels].
  ///
  /// Rows and columns that do not fill a window are left out.
  public func averagePooled(_ window: Size2D, strides: Size2D? = nil) -> Tensor {
    if let windows = windows(window, strides, "averagePooled") { return windows.mean([-4, -2]) }
    let parts = shifted(window, strides ?? window)
    return parts.dropFirst().reduce(parts[0]) { $0 + $1 } * (1 / Double(window.height * window.width))
  }

  /// The mean over an image's pixels. [.., height, width, channels] → [.., channels].
  public func globallyAveragePooled() -> Tensor {
    requireImages("globallyAveragePooled")
    return mean([-3, -2])
  }

  /// The means of parts of an image that are as equal as they can be, as many as `size` says: from ⌊i · length / size⌋ up to
  /// ⌈(i + 1) · length / size⌉, as in PyTorch. [.., height, width, channels] → [.., size.height, size.width, channels].
  public func adaptiveAveragePooled(to size: Size2D) -> Tensor {
    requireImages("adaptiveAveragePooled")
    let (height, width) = (shape[rank - 3], shape[rank - 2])
    guard size.height > 0, size.width > 0, height > 0, width > 0 else {
      stop("adaptiveAveragePooled: \(size) parts cannot be made of the shape \(shape)")
    }
    if height % size.height == 0, width % size.width == 0 {
      return averagePooled(Size2D(height: height / size.height, width: width / size.width))
    }
    func parts(_ x: Tensor, _ count: Int, axis: Int) -> Tensor {
      let length = x.shape[axis]
      return concatenate(
        (0..<count).map { i in
          x.sliced((i * length / count)..<(((i + 1) * length + count - 1) / count), axis: axis).mean(
            axis, keepingAxes: true)
        }, axis: axis)
    }
    return parts(parts(self, size.height, axis: rank - 3), size.width, axis: rank - 2)
  }

  /// Every pixel repeated. [.., height, width, channels] → [.., factor · height, factor · width, channels].
  public func upsampled(_ factor: Size2D) -> Tensor {
    requireImages("upsampled")
    guard factor.height > 0, factor.width > 0 else { stop("upsampled: the factor must be positive, not \(factor)") }
    let (front, height, width, channels) = (Array(shape.dropLast(3)), shape[rank - 3], shape[rank - 2], shape[rank - 1])
    return reshaped(front + [height, 1, width, 1, channels])
      .broadcast(to: front + [height, factor.height, width, factor.width, channels])
      .reshaped(front + [height * factor.height, width * factor.width, channels])
  }

  private func requireImages(_ name: String) {
    guard rank >= 3, scalarType.isFloating else {
      stop("\(name): needs floating images [.., height, width, channels], not \(scalarType) of shape \(shape)")
    }
  }

  /// The windows side by side, [.., height′, window, width′, window, channels], or nil where they overlap or have gaps.
  private func windows(_ window: Size2D, _ strides: Size2D?, _ name: String) -> Tensor? {
    requireImages(name)
    let steps = strides ?? window
    guard Swift.min(window.height, window.width, steps.height, steps.width) > 0 else {
      stop("\(name): windows and strides must be positive, not \(window) and \(steps)")
    }
    guard shape[rank - 3] >= window.height, shape[rank - 2] >= window.width else {
      stop("\(name): a window of \(window) does not fit the shape \(shape)")
    }
    guard steps == window else { return nil }
    let (height, width) = (shape[rank - 3] / window.height, shape[rank - 2] / window.width)
    return sliced(0..<(height * window.height), axis: rank - 3).sliced(0..<(width * window.width), axis: rank - 2)
      .reshaped(shape.dropLast(3) + [height, window.height, width, window.width, shape[rank - 1]])
  }

  /// The elements at each place of the windows, an image for each place.
  private func shifted(_ window: Size2D, _ steps: Size2D) -> [Tensor] {
    let (height, width) = (shape[rank - 3], shape[rank - 2])
    let size = [(height - window.height) / steps.height + 1, (width - window.width) / steps.width + 1, shape[rank - 1]]
    let zeros = [Int](repeating: 0, count: rank - 3)
    return (0..<(window.height * window.width)).map { place in
      slice(
        starts: zeros + [place / window.width, place % window.width, 0],
        strides: zeros.map { _ in 1 } + [steps.height, steps.width, 1], shape: shape.dropLast(3) + size)
    }
  }
}
