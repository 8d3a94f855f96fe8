import Testing

@testable import Tensors

/// Values of elementwise functions, movement and indexing: NaN, whole numbers, strange views, and empty tensors.
@Suite struct ValueTests {
  @Test(arguments: [ScalarType.float32, .float64]) func nanAsInNumPy(_ type: ScalarType) {
    let (nan, one) = (Tensor([.nan, 1, .nan], type), Tensor([1, .nan, .nan], type))
    for result in [maximum(nan, one), minimum(nan, one), nan + one, nan * one] {
      #expect(result.doubles.allSatisfy { $0.isNaN })
    }
    #expect(
      [nan .== one, nan .< one, nan .<= one, nan .> one, nan .>= one].allSatisfy { !$0.scalars().contains(true) })
    #expect((nan .!= nan).scalars() == [true, false, true])
    for f in [relu, abs, sign, floor, sqrt, exp, { log($0) }, tanh, sigmoid, softplus, erf, sin, cos] {
      #expect(f(nan).doubles[0].isNaN)
    }
    #expect(nan.clamped(to: 0...1).doubles[0].isNaN)
    #expect(pow(nan, 0).doubles == [1, 1, 1])
    #expect(select(nan .== 1, nan, nan.constant(7)).doubles == [7, 1, 7])
    #expect((Tensor([1, -1, 0], type) / Tensor([0, 0, 0], type)).doubles[..<2] == [.infinity, -.infinity])
    #expect(sign(Tensor([-3, 0, 5], type)).doubles == [-1, 0, 1])
    #expect(floor(Tensor([-1.5, 1.5, 2], type)).doubles == [-2, 1, 2])
  }

  @Test func wholeNumbers() {
    let (x, y) = (Tensor([7, -7, 7, -7, 5] as [Int32]), Tensor([2, 2, -2, -2, 0] as [Int32]))
    #expect((x / y).scalars() == [3, -4, -4, 3, 0] as [Int32])
    #expect((x * y).scalars() == [14, -14, -14, 14, 0] as [Int32])
    let (low, high) = (Tensor([Int32.min]), Tensor([Int32.max]))
    #expect((high + 1).scalars() == [Int32.min])
    #expect((low - 1).scalars() == [Int32.max])
    #expect((high * 2).scalars() == [-2] as [Int32])
    #expect((-low).scalars() == [Int32.min])
    #expect(abs(low).scalars() == [Int32.min])
    #expect((low / -1).scalars() == [Int32.min])
    #expect(concatenate([high, high]).sum().scalars() == [-2] as [Int32])
    #expect(pow(Tensor([3, -2, 0] as [Int32]), 3).scalars() == [27, -8, 0] as [Int32])
    #expect(
      pow(Tensor([2, 1, -1, -1] as [Int32]), Tensor([-1, -5, -3, -2] as [Int32])).scalars() == [0, 1, -1, 1] as [Int32])
    #expect(square(x).scalars() == [49, 49, 49, 49, 25] as [Int32])
    #expect(sign(x).scalars() == [1, -1, 1, -1, 1] as [Int32])
    #expect(maximum(x, y).scalars() == [7, 2, 7, -2, 5] as [Int32])
    #expect(minimum(x, y).scalars() == [2, -7, -2, -7, 0] as [Int32])
  }

  @Test func casts() {
    let x = Tensor([-1.9, 1.9, .nan, 1e20, -1e20, 0], .float64)
    #expect(x.cast(to: .int32).scalars() == [-1, 1, 0, Int32.max, Int32.min, 0])
    #expect(x.cast(to: .bool).scalars() == [true, true, true, true, true, false])
    #expect(Tensor([true, false]).cast(to: .float32).floats == [1, 0])
    // Constants are folded to what the type holds.
    #expect(Tensor(0.1).cast(to: .float64).item() == Double(Float(0.1)))
    #expect(Tensor(2, .bool).cast(to: .float32).item() == 1)
    #expect((Tensor([1]) * 0.1).doubles[0] == Double(Float(0.1)))
  }

  /// Every family reads every kind of view as it reads the same numbers lying densely.
  @Test(arguments: [ScalarType.float32, .float64, .int32]) func viewsAreReadInPlace(_ type: ScalarType) {
    for (name, view) in ReductionTests.views(type) {
      let dense = Tensor(view.doubles, shape: view.shape, type)
      let row = view[0, 0]
      let denseRow = Tensor(row.doubles, shape: row.shape, type)
      let mask = (view .> 0, dense .> 0)
      for (a, b) in [
        (square(view), square(dense)), (view - row, dense - denseRow), (row - view, denseRow - dense),
        (view * view.reversed([1]), dense * dense.reversed([1])), (view - 3, dense - 3), (3 - view, 3 - dense),
        (view.transposed() + row.expandingAxis(at: 1), (dense + denseRow).transposed()),
        (select(mask.0, view, row), select(mask.1, dense, denseRow)),
        (select(mask.0.reversed([0]), view, row), select(mask.1.reversed([0]), dense, denseRow)),
        (mask.0.cast(to: type), mask.1.cast(to: type)), (view.cast(to: .float64), dense.cast(to: .float64)),
        ((row .< view).cast(to: type), (denseRow .< dense).cast(to: type)),
        (concatenate([view, view], axis: 1), concatenate([dense, dense], axis: 1)),
        (view.padded([(1, 0), (0, 1), (1, 1)]), dense.padded([(1, 0), (0, 1), (1, 1)])),
        (view.gathered(Tensor([0, 0] as [Int32]), axis: 1), dense.gathered(Tensor([0, 0] as [Int32]), axis: 1)),
        (view.flattened(), dense.flattened()), (view.transposed().flattened(), dense.transposed().flattened()),
        (view.argmax(1), dense.argmax(1)),
      ] { #expect(a.shape == b.shape && a.doubles == b.doubles, "\(name)") }
    }
  }

  @Test func masks() {
    let (a, b) = (Tensor([true, true, false, false]), Tensor([true, false, true, false]))
    #expect((a .& b).scalars() == [true, false, false, false])
    #expect((a .| b).scalars() == [true, true, true, false])
    #expect((.!a).scalars() == [false, false, true, true])
    #expect((a .== b).scalars() == [true, false, false, true])
  }

  @Test func moving() {
    let x = Tensor.arange(24, .int32).reshaped([2, 3, 4])
    func numbers(_ x: Tensor) -> [Int32] { x.scalars() }
    #expect(numbers(x[1, 2]) == [20, 21, 22, 23])
    #expect(numbers(x[-1, .all, 0]) == [12, 16, 20])
    #expect(numbers(x[.all, 1...1, .every(3)]) == [4, 7, 16, 19])
    #expect(x[.newAxis, 0].shape == [1, 3, 4])
    #expect(numbers(x.transposed([2, 0, 1])[1]) == [1, 5, 9, 13, 17, 21])
    #expect(numbers(x.reversed([0, 2])[0, 0]) == [15, 14, 13, 12])
    #expect(numbers(x.transposed([1, 2, 0]).reshaped([4, 6])[0]) == [0, 12, 1, 13, 2, 14])
    #expect(numbers(x.reversed([1]).reshaped([-1])[..<5]) == [8, 9, 10, 11, 4])
    #expect(numbers(x[0, ..<2, ..<2].tiled([2, 2])) == [0, 1, 0, 1, 4, 5, 4, 5, 0, 1, 0, 1, 4, 5, 4, 5])
    #expect(numbers(x[0, 0, ..<2].padded([(1, 2)], with: 9)) == [9, 0, 1, 9, 9])
    #expect(numbers(x[0, 0, ..<2].padded([(1, 2)])) == [0, 0, 1, 0, 0])
    #expect(numbers(concatenate([x[0, 0..<1], x[1, 1..<2]], axis: 1)) == [0, 1, 2, 3, 16, 17, 18, 19])
    #expect(numbers(stack([x[0, 0], x[1, 1]], axis: -1)) == [0, 16, 1, 17, 2, 18, 3, 19])
    #expect(numbers(x[0].gathered(Tensor([2, 0, 2] as [Int32]), axis: 1)) == [2, 0, 2, 6, 4, 6, 10, 8, 10])
    let added = Tensor([1, 1, 1] as [Int32]).scatterAdding(
      Tensor([5, 6, 7] as [Int32]), at: Tensor([2, 0, 2] as [Int32]))
    #expect(numbers(added) == [7, 1, 13])
    #expect(Tensor([1, 0] as [Int32]).oneHot(3).floats == [0, 1, 0, 1, 0, 0])
    #expect(numbers(Tensor.identity(2, .int32)) == [1, 0, 0, 1])
    #expect(Tensor.linspace(0, 1, count: 5).floats == [0, 0.25, 0.5, 0.75, 1])
    #expect(Tensor.arange(1, 2, by: 0.25).floats == [1, 1.25, 1.5, 1.75])
    // Tiling needs another axis only for those that repeat.
    let deep = Tensor.arange(2).reshaped([Int](repeating: 1, count: 10) + [2])
    #expect(deep.tiled([Int](repeating: 1, count: 10) + [2]).floats == [0, 1, 0, 1])
    #expect(deep.sum().item() == 1)
  }

  @Test func emptyTensors() {
    let none = Tensor.zeros([0, 3])
    let some = Tensor([[1, 2, 3]])
    #expect(exp(none).floats.isEmpty && (none + some).shape == [0, 3] && (none .< 1).scalars(as: Bool.self).isEmpty)
    #expect(none.sum().item() == 0 && none.sum(0).floats == [0, 0, 0] && none.sum(1).shape == [0])
    #expect(none.max(1).shape == [0] && none.argmax(1).shape == [0])
    #expect(none.mean().item().isNaN && none.norm().item() == 0)
    #expect(matmul(none.transposed(), none).floats == [Float](repeating: 0, count: 9))
    #expect(matmul(none, Tensor.ones([3, 2])).shape == [0, 2])
    #expect(matmul(Tensor.ones([2, 2, 0]), Tensor.ones([0, 3])).floats == [Float](repeating: 0, count: 12))
    #expect(matmul(Tensor.ones([0, 2, 3]), Tensor.ones([3, 1])).shape == [0, 2, 1])
    #expect(matmul(Tensor.ones([0]), Tensor.ones([0])).item() == 0)
    #expect(none.reshaped([3, 0, 5]).transposed().shape == [3, 5, 0])
    #expect(concatenate([none, some, none]).floats == [1, 2, 3])
    #expect(
      some[..<0].shape == [0, 3] && some[..<0].reversed([0]).padded([(1, 0), (0, 0)], with: 2).floats == [2, 2, 2])
    #expect(none.tiled([2, 2]).shape == [0, 6] && some.tiled([0, 1]).shape == [0, 3])
    #expect(none.cast(to: .int32).shape == [0, 3] && select(none .> 0, none, some).shape == [0, 3])
    let nowhere = Tensor([] as [Int32])
    #expect(some.gathered(nowhere, axis: 1).shape == [1, 0] && nowhere.oneHot(4).shape == [0, 4])
    #expect(some.scatterAdding(none, at: nowhere).floats == [1, 2, 3])
    #expect(softmax(none).shape == [0, 3] && Tensor.arange(0).shape == [0])
    #expect(Tensor.randomNormal([0], key: RandomKey(seed: 1)).floats.isEmpty)
    let g = gradient(at: none, some) { (matmul($0, $1.transposed())).sum() + square($0).sum() + $1.sum() }
    #expect(g.0.shape == [0, 3] && g.1.floats == [1, 1, 1])
    let stacked = gradient(at: none) { (stack([$0, exp($0)]).sum(0).broadcast(to: [2, 0, 3]) * 2).sum() }
    #expect(stacked.shape == [0, 3])
  }
}
