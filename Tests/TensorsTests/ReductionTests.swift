import Testing

@testable import Tensors

/// Folding, of views that lie in memory in every way, against plain loops.
@Suite struct ReductionTests {
  /// Views of every kind with three axes.
  static func views(_ type: ScalarType) -> [(name: String, view: Tensor)] {
    let x = (Tensor.randomUniform([6, 5, 70], in: -100..<100, key: RandomKey(seed: 3))).cast(to: type)
    return [
      ("dense", x), ("transposed", x.transposed([2, 0, 1])), ("swapped", x.transposed([1, 0, 2])),
      ("reversed", x.reversed([0, 2])), ("strided", x[.every(2), 1..<4, .every(3)]),
      ("broadcast", x[0, .all, 0].reshaped([5, 1]).broadcast(to: [3, 5, 66])), ("sizes of 1", x[..<1, .all, ..<1]),
      ("two", x[.all, ..<2, ..<2]),
    ]
  }

  static func naive(_ x: Tensor, _ axes: [Int], _ start: Double, _ fold: (Double, Double) -> Double) -> [Double] {
    let kept = x.shape.indices.filter { !axes.contains($0) }
    var result = [Double](repeating: start, count: kept.reduce(1) { $0 * x.shape[$1] })
    let strides = x.shape.denseStrides
    for (place, value) in x.doubles.enumerated() {
      let target = kept.reduce(0) { $0 * x.shape[$1] + place / strides[$1] % x.shape[$1] }
      result[target] = fold(result[target], value)
    }
    return result
  }

  static let allAxes = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]

  @Test(arguments: [ScalarType.float32, .float64, .int32]) func againstLoops(_ type: ScalarType) {
    let tolerance = type == .float32 ? 1e-5 : 1e-13
    for (name, view) in Self.views(type) {
      for axes in Self.allAxes {
        let sum = view.sum(axes).doubles
        let size = Self.naive(view, axes, 0) { $0 + Swift.abs($1) }
        let exact = Self.naive(view, axes, 0, +)
        #expect(
          zip(zip(sum, exact), size).allSatisfy { Swift.abs($0.0 - $0.1) <= tolerance * Swift.max(1, $1) },
          "sum of \(name) over \(axes)")
        #expect(view.max(axes).doubles == Self.naive(view, axes, -.infinity, Swift.max), "max of \(name) over \(axes)")
        #expect(view.min(axes).doubles == Self.naive(view, axes, .infinity, Swift.min), "min of \(name) over \(axes)")
      }
    }
  }

  @Test func argumentsOfExtremes() {
    for (_, view) in Self.views(.float32) {
      for axis in 0..<3 {
        let best = view.argmax(axis)
        let top = view.max(axis)
        let all = view.movingAxis(axis, to: 0)
        for i in 0..<view.shape[axis] {
          let isBest = (best .== Tensor(Double(i), .int32)).cast(to: .int32)
          // Wherever i is the answer, the element is the greatest, and none before it is.
          #expect((isBest * (all[i] .!= top).cast(to: .int32)).sum().item() == 0)
          for j in 0..<i { #expect((isBest * (all[j] .== top).cast(to: .int32)).sum().item() == 0) }
        }
        #expect((-view).argmin(axis).floats == best.floats)
      }
    }
    #expect(Tensor([1, 3, 3, 0, 0]).argmax().item() == 1)
    #expect(Tensor([1, 3, 3, 0, 0]).argmin().item() == 3)
    #expect(Tensor([1, .nan, 3]).argmax().item() == 1)
    #expect(Tensor([1, .nan, 0, .nan]).argmin().item() == 1)
  }

  @Test func extremesPropagateNaN() {
    for count in [3, 64, 70, 200] {
      for place in [0, 1, count / 2, count - 1] {
        var values = (0..<count).map { Double($0) }
        values[place] = .nan
        for type in [ScalarType.float32, .float64] {
          let x = Tensor(values, type)
          let wide = stack([x, x], axis: 1)
          for result in [x.max(), x.min(), wide.max(0)[1], wide.min(0)[0], x.sum(), x.mean()] {
            #expect(result.item().isNaN, "NaN at \(place) of \(count)")
          }
        }
      }
    }
  }

  @Test func momentsAndNorms() {
    let x = Tensor([[1, 2, 4], [3, 3, 3]], .float64)
    #expect(x.mean(0).doubles == [2, 2.5, 3.5])
    expectClose(x.variance([1]).doubles, [14.0 / 9.0, 0.0], 1e-15)
    expectClose(x.variance([1], correction: 1).doubles, [7.0 / 3, 0], 1e-15)
    expectClose(x.norm([1], keepingAxes: true).doubles, [Double(21).squareRoot(), Double(27).squareRoot()], 1e-15)
    #expect(x.sum([0, 1], keepingAxes: true).shape == [1, 1])
    #expect(x.logSumExp().shape == [])
    #expect(Tensor([-.infinity, -.infinity]).logSumExp().item() == -.infinity)
    #expect(Tensor([.infinity, 0]).logSumExp().item() == .infinity)
    #expect(softmax(Tensor([-.infinity, 0, 1000])).floats == [0, 0, 1])
  }

  /// What is the same along the axes of a sum is multiplied by after it where a derivative makes the sum, and what is spread is computed
  /// before; the numbers are those of Σ a·b and of the operations on whole tensors.
  @Test func factorsAndSpreads() {
    let key = RandomKey(seed: 4)
    let (x, row, column) = (
      Tensor.randomNormal([5, 7], key: key[0], .float64), Tensor.randomNormal([7], key: key[1], .float64),
      Tensor.randomNormal([5, 1], key: key[2], .float64)
    )
    // d/db Σ x · row · 3 · (column + b), by b over columns and over rows.
    let slopes = gradient(at: Tensor.zeros([7], .float64), Tensor.zeros([5, 1], .float64)) { b, c in
      (x * row * 3 * (column + b + c)).sum()
    }
    let (rows, numbers) = (row.doubles, x.doubles)
    for j in 0..<7 {
      let expected = (0..<5).reduce(0.0) { $0 + numbers[$1 * 7 + j] * rows[j] * 3 }
      #expect(abs(slopes.0.doubles[j] - expected) < 1e-13)
    }
    for i in 0..<5 {
      let expected = (0..<7).reduce(0.0) { $0 + numbers[i * 7 + $1] * rows[$1] * 3 }
      #expect(abs(slopes.1.doubles[i] - expected) < 1e-13)
    }
    let summed = (x * row * 3).summed(to: [7]).node
    #expect(summed.primitive == .binary(.multiply) && summed.inputs[0].primitive == .binary(.multiply))
    #expect(summed.inputs[0].inputs[0].primitive == .reduce(.sum, axes: [0]), "two factors behind the sum")
    #expect(
      (x * column).summed(to: [7]).node.primitive == .reduce(.sum, axes: [0]), "it is not the same along the axis")
    func spread(_ x: Tensor) -> Tensor { x.broadcast(to: [4, 5, 7]) }
    let product = spread(row) * spread(column) * 2
    #expect(product.node.primitive == .broadcast && product.node.inputs[0].shape == [5, 7])
    #expect(product.doubles == ((row * column).evaluated() * 2).broadcast(to: [4, 5, 7]).doubles)
    #expect((spread(row) - 1).node.inputs[0].shape == [7])
    #expect(exp(spread(row)).node.inputs[0].shape == [7] && exp(spread(row)).doubles == spread(exp(row)).doubles)
    // Nothing smaller to compute with.
    #expect((row.broadcast(to: [5, 7]) * column.broadcast(to: [5, 7])).node.primitive == .binary(.multiply))
  }
}
