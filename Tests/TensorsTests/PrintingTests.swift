import Testing

@testable import Tensors

/// Tensors print as NumPy's arrays.
@Suite struct PrintingTests {
  @Test(arguments: FixtureFile.functions.printing.map(\.name)) func asInNumPy(_ name: String) throws {
    let sample = try #require(FixtureFile.functions.printing.first { $0.name == name })
    let type = try #require(
      ["float32": ScalarType.float32, "float64": .float64, "int32": .int32, "int64": .int32, "bool": .bool][sample.type]
    )
    let x = Tensor(sample.values.map(\.value), shape: sample.shape, type)
    #expect(x.description == sample.str)
  }

  /// What the fixture does not have, from NumPy 2.4: numbers by themselves, and the limits of fixed notation.
  @Test(arguments: [
    (Tensor(0.1), "0.1"), (Tensor(0.1, .float64), "0.1"), (Tensor(999_999), "999999.0"), (Tensor(1e6), "1e+06"),
    (Tensor(1e15, .float64), "1000000000000000.0"), (Tensor(1.5e16, .float64), "1.5e+16"), (Tensor(-0.0), "-0.0"),
    (Tensor(1e-4), "1e-04"), (Tensor(1e-4, .float64), "0.0001"), (Tensor(1.25e-5), "1.25e-05"),
    (Tensor(.nan), "nan"), (Tensor(-.infinity), "-inf"), (Tensor(1, .bool), "True"),
    (Tensor([1e7, 1]), "[1.e+07 1.e+00]"), (Tensor([999_999]), "[999999.]"), (Tensor([0, 0]), "[0. 0.]"),
    (Tensor([16_777_216, 99_999_999]), "[1.6777216e+07 1.0000000e+08]"), (Tensor([1e-4, 1e-4]), "[0.0001 0.0001]"),
    (Tensor([.nan, -.infinity, 1e10], .float64), "[   nan   -inf 1.e+10]"), (Tensor([.nan]), "[nan]"),
    (Tensor([-1.7406348e9, 876_599_680]), "[-1.7406348e+09  8.7659968e+08]"),
    (Tensor([1e-300, 1], .float64), "[1.e-300 1.e+000]"), (Tensor([true, true]), "[ True  True]"),
    (Tensor([0.001953125, 0.5], .float64), "[0.00195312 0.5       ]"),
  ]) func more(_ sample: (Tensor, String)) {
    #expect(sample.0.description == sample.1)
  }

  @Test func debugDescription() {
    #expect(Tensor([1, 2.5]).debugDescription == "Tensor([1. , 2.5], float32)")
    #expect(Tensor([[1, 2], [3, 4]], .int32).debugDescription == "Tensor([[1, 2],\n        [3, 4]], int32)")
    #expect(Tensor(3.5, .float64).debugDescription == "Tensor(3.5, float64)")
    #expect(Tensor.zeros([0, 3]).debugDescription == "Tensor([], shape: [0, 3], float32)")
  }
}
