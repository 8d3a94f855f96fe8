/// A height and a width: of a window, or of its steps. A number stands for both.
public struct Size2D: Hashable, Sendable, Codable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Along the rows' axis.
  public var height: Int
  /// Along the columns' axis.
  public var width: Int

  /// A height and a width.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The same in both directions.
  public init(_ size: Int) { self.init(height: size, width: size) }

  /// The same in both directions.
  public init(integerLiteral size: Int) { self.init(size) }

  /// `3×3`.
  public var description: String { "\(height)×\(width)" }
}

/// The zeros around an image.
public enum Padding2D: Hashable, Sendable, Codable {
  /// None: the window stays within the image.
  case valid
  /// So many that there is an output for every stride of the input, ⌈size / stride⌉; an odd one goes behind the image, as in
  /// TensorFlow.
  case same
  /// So many rows and columns.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)

  /// So many on every side.
  public static func explicit(_ width: Int) -> Padding2D {
    .explicit(top: width, bottom: width, left: width, right: width)
  }

  /// The zeros before and behind a number of elements for a window of `extent` elements, gaps included.
  func vertical(_ size: Int, extent: Int, stride: Int) -> (before: Int, after: Int) {
    if case .explicit(let top, let bottom, _, _) = self { return (top, bottom) }
    return along(size, extent, stride)
  }

  /// The same for columns.
  func horizontal(_ size: Int, extent: Int, stride: Int) -> (before: Int, after: Int) {
    if case .explicit(_, _, let left, let right) = self { return (left, right) }
    return along(size, extent, stride)
  }

  private func along(_ size: Int, _ extent: Int, _ stride: Int) -> (before: Int, after: Int) {
    guard self == .same else { return (0, 0) }
    let total = max(((size + stride - 1) / stride - 1) * stride + extent - size, 0)
    return (total / 2, total - total / 2)
  }
}
