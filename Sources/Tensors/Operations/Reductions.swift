import CKernels

// Folding axes. `keepingAxes` leaves them with the size 1, so that the result broadcasts with the tensor again.

extension Tensor {
  func reduced(_ function: CKReduction, _ axes: [Int]?, _ keepingAxes: Bool) -> Tensor {
    let axes = shape.axes(axes, in: function.name)
    guard scalarType != .bool else { stop("\(function.name) is not defined for tensors of bool; cast them first") }
    if function != .sum, axes.contains(where: { shape[$0] == 0 }) {
      stop("\(function.name): nothing can be chosen along an axis of size 0 of the shape \(shape)")
    }
    // Axes of size 1 need no folding.
    let folded = axes.filter { shape[$0] != 1 }
    var result = self
    if !folded.isEmpty {
      result = Tensor(
        .reduce(function, axes: folded), [self], shape: shape.removing(axes: folded), scalarType: scalarType)
    }
    return result.reshaped(keepingAxes ? shape.replacing(axes: axes, with: 1) : shape.removing(axes: axes))
  }

  /// The sum over some axes, over all by default.
  public func sum(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor { reduced(.sum, axes, keepingAxes) }
  /// The sum over an axis.
  public func sum(_ axis: Int, keepingAxes: Bool = false) -> Tensor { sum([axis], keepingAxes: keepingAxes) }

  /// The mean over some axes, over all by default.
  public func mean(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let count = shape.axes(axes, in: "mean").reduce(1) { $0 * shape[$1] }
    guard scalarType.isFloating else { stop("mean is not defined for tensors of \(scalarType); cast them first") }
    return sum(axes, keepingAxes: keepingAxes) * (1 / Double(count))
  }
  /// The mean over an axis.
  public func mean(_ axis: Int, keepingAxes: Bool = false) -> Tensor { mean([axis], keepingAxes: keepingAxes) }

  /// The greatest element over some axes, over all by default. Elements that tie share the derivative.
  public func max(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor { reduced(.maximum, axes, keepingAxes) }
  /// The greatest element over an axis.
  public func max(_ axis: Int, keepingAxes: Bool = false) -> Tensor { max([axis], keepingAxes: keepingAxes) }

  /// The least element over some axes, over all by default. Elements that tie share the derivative.
  public func min(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor { reduced(.minimum, axes, keepingAxes) }
  /// The least element over an axis.
  public func min(_ axis: Int, keepingAxes: Bool = false) -> Tensor { min([axis], keepingAxes: keepingAxes) }

  /// The variance over some axes; divided by the count less `correction` (0: of the population, 1: Bessel's).
  public func variance(_ axes: [Int]? = nil, correction: Int = 0, keepingAxes: Bool = false) -> Tensor {
    let axes = shape.axes(axes, in: "variance")
    guard scalarType.isFloating else { stop("variance is not defined for tensors of \(scalarType); cast them first") }
    return moments(axes, correction: correction, keepingAxes: keepingAxes).variance
  }

  /// Mean and variance over some axes. On the way back what comes by the mean from either is spread once.
  package func moments(
    _ axes: [Int], correction: Int = 0, keepingAxes: Bool = false
  ) -> (mean: Tensor, variance: Tensor) {
    let count = axes.reduce(1) { $0 * shape[$1] }
    let mean = self.mean(axes, keepingAxes: true)
    // E (x − c)² − (E x − c)² is the variance for any constant c, and so are its derivatives of any order. With the mean for c,
    // the second term is 0, but spares the way back a sum over all of x, of deviations that add up to nothing.
    let center = stopGradient(mean)
    let squares = square(self - center).sum(axes, keepingAxes: true) - square(mean - center) * Double(count)
    let variance = squares * (1 / Double(Swift.max(count - correction, 0)))
    if keepingAxes { return (mean, variance) }
    let kept = shape.removing(axes: axes)
    return (mean.reshaped(kept), variance.reshaped(kept))
  }

  /// log Σ eˣ over some axes, without overflow.
  public func logSumExp(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let top = stopGradient(max(axes, keepingAxes: true))
    // An infinite maximum would make ∞ − ∞.
    let shift = select(abs(top) .< Double.infinity, top, top.constant(0))
    let result = log(exp(self - shift).sum(axes, keepingAxes: true)) + shift
    let axes = shape.axes(axes, in: "logSumExp")
    return keepingAxes ? result : result.reshaped(shape.removing(axes: axes))
  }

  /// The Euclidean norm over some axes, over all by default. Its derivative at 0 is 0.
  public func norm(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let squares = square(self).sum(axes, keepingAxes: keepingAxes)
    // The square root is kept away from 0, where its derivative is infinite.
    let isZero = squares .== 0
    return select(isZero, squares.constant(0), sqrt(select(isZero, squares.constant(1), squares)))
  }

  /// The index (int32) of the greatest element along an axis; of equal ones, the first.
  public func argmax(_ axis: Int = -1) -> Tensor { argument(greatest: true, axis) }
  /// The index (int32) of the least element along an axis; of equal ones, the first.
  public func argmin(_ axis: Int = -1) -> Tensor { argument(greatest: false, axis) }

  private func argument(greatest: Bool, _ axis: Int) -> Tensor {
    let name = greatest ? "argmax" : "argmin"
    let axis = shape.axis(axis, in: name)
    guard shape[axis] > 0 else { stop("\(name): nothing can be chosen along axis \(axis) of the shape \(shape)") }
    return Tensor(
      .argument(greatest: greatest, axis: axis), [self], shape: shape.removing(axes: [axis]), scalarType: .int32)
  }

  /// The transpose of `broadcast(to:)`: sums over the axes that it repeated.
  func summed(to shape: Shape) -> Tensor {
    let added = rank - shape.count
    let axes = self.shape.indices.filter { $0 < added || (shape[$0 - added] == 1 && self.shape[$0] != 1) }
    // A factor that is the same along these axes is multiplied by once: Σ (a · b) = (Σ a) · b. So the way back through a norm
    // has one sum over all elements for its shift and for its mean.
    var (terms, factors) = (self, [Tensor]())
    while axes.contains(where: { self.shape[$0] != 1 }), case .binary(.multiply) = terms.node.primitive {
      let inputs = terms.node.inputs.map(Tensor.init)
      let found = inputs.indices.reversed().lazy.compactMap { place in
        inputs[place].first(alongRepeated: axes).map { (place, $0) }
      }.first
      guard let (place, factor) = found else { break }
      factors.append(factor)
      terms = inputs[1 - place]
    }
    return factors.reversed().reduce(terms.sum(axes)) { $0 * $1 }.reshaped(shape)
  }

  /// The first elements along some axes, without these, where all along them are known to be the same.
  private func first(alongRepeated axes: [Int]) -> Tensor? {
    let kept = shape.removing(axes: axes)
    switch node.primitive {
    case .constant(let value): return .full(kept, value, scalarType)
    case .broadcast:
      guard let input = node.inputs.first.map(Tensor.init) else { return nil }
      let added = rank - input.rank
      let own = axes.filter { $0 >= added }.map { $0 - added }
      guard own.allSatisfy({ input.shape[$0] == 1 }) else { return nil }
      return input.reshaped(input.shape.removing(axes: own)).broadcast(to: kept)
    default: return nil
    }
  }
}

/// eˣ / Σ eˣ along an axis, without overflow.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  let e = exp(x - stopGradient(x.max(axis, keepingAxes: true)))
  return e / e.sum(axis, keepingAxes: true)
}

/// The logarithm of the softmax along an axis, without overflow.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  let shifted = x - stopGradient(x.max(axis, keepingAxes: true))
  return shifted - log(exp(shifted).sum(axis, keepingAxes: true))
}

extension CKReduction {
  /// Ones for the elements that tie for the best, which share its derivative; nil for a sum.
  func ties(_ x: Tensor, best: Tensor, axes: [Int]) -> Tensor? {
    guard self != .sum else { return nil }
    return (x .== best.reshaped(x.shape.replacing(axes: axes, with: 1))).cast(to: x.scalarType)
  }
}
