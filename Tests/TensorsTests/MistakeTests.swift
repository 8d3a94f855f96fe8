import Testing

@testable import Tensors

/// A mistake in a program ends it with one sentence and status 2 (a debug build traps instead).
@Suite struct MistakeTests {
  #if DEBUG
    static let end = ExitTest.Condition.failure
  #else
    static let end = ExitTest.Condition.exitCode(2)
  #endif

  static func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  static func expect(_ result: ExitTest.Result?, _ sentence: String, _ location: SourceLocation = #_sourceLocation) {
    #if DEBUG
      #expect(message(result).contains(sentence), sourceLocation: location)
    #else
      #expect(message(result) == "error: \(sentence)\n", sourceLocation: location)
    #endif
  }

  @Test func shapes() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2, 3]) + Tensor([1, 2])
    }
    Self.expect(result, "addition: the shapes [3] and [2] do not broadcast")
  }

  @Test func scalarTypes() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2]) * Tensor([1, 2], .float64)
    }
    Self.expect(
      result, "multiplication: the scalar types float32 and float64 differ; cast one of the tensors")
  }

  @Test func axes() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([[1, 2]]).sum(2)
    }
    Self.expect(result, "sum: axis 2 is out of range for a tensor of shape [1, 2], which has 2 axes")
  }

  @Test func indices() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2, 3]).gathered(Tensor([0, 3] as [Int32])).floats
    }
    Self.expect(result, "gather: index 3 at position 1 is out of range 0..<3")
    let negative = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2, 3]).scatterAdding(Tensor([1]), at: Tensor([-1] as [Int32])).floats
    }
    Self.expect(negative, "scatterAdd: index -1 at position 0 is out of range 0..<3")
  }

  @Test func matrices() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = matmul(Tensor([[1, 2]]), Tensor([[1, 2]]))
    }
    Self.expect(result, "matmul: the shapes [1, 2] and [1, 2] do not fit: 2 columns meet 1 rows")
  }

  @Test func gradientsOfVectors() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1, 2])) { $0 * 2 }
    }
    Self.expect(result, "gradient: the function must give one floating number; it gave float32 of shape [2]")
  }

  @Test func fractionsInWholeNumbers() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2] as [Int32]) * 0.5
    }
    Self.expect(result, "0.5 is not a number that an int32 tensor can hold")
    let mean = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2] as [Int32]).mean()
    }
    Self.expect(mean, "mean is not defined for tensors of int32; cast them first")
  }

  @Test func randomWholeNumbers() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor.randomNormal([100], key: RandomKey(seed: 1), .int32)
    }
    Self.expect(result, "random numbers are floating, not int32; cast them")
  }

  @Test func ranksAndSizes() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([Float](repeating: 0, count: 1), shape: [Int](repeating: 1, count: 13))
    }
    Self.expect(
      result,
      "a tensor can have at most 12 axes; one of shape [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] was asked for")
    let negative = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, -1])
    }
    Self.expect(negative, "a tensor cannot have the shape [2, -1], with a negative size")
  }

  @Test func convolutions() async {
    let channels = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = convolution(Tensor.zeros([2, 5, 5, 3]), Tensor.zeros([3, 3, 4, 8]))
    }
    Self.expect(
      channels,
      "convolution: the shapes [2, 5, 5, 3] and [3, 3, 4, 8] do not fit: 3 channels in 1 groups meet filters of 4 "
        + "channels and 8 outputs")
    let window = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = convolution(Tensor.zeros([1, 2, 5, 3]), Tensor.zeros([3, 3, 3, 8]))
    }
    Self.expect(window, "convolution: a window of 3×3 does not fit the shape [1, 2, 5, 3] with the padding valid")
    let pooling = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([1, 2, 5, 3]).maxPooled(3)
    }
    Self.expect(pooling, "maxPooled: a window of 3×3 does not fit the shape [1, 2, 5, 3]")
    let signs = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([1, 4, 4, 3]).extremePooled(2, signs: Tensor([1, -1]))
    }
    Self.expect(signs, "extremePooled: images of shape [1, 4, 4, 3] need signs of shape [3], not [2]")
  }

  @Test func subscripts() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor([1, 2])[1..<4]
    }
    Self.expect(result, "subscript: the range 1..<4 is not within axis 0 of the shape [2]")
  }

  @Test func emptyExtremes() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([0, 2]).max(0)
    }
    Self.expect(result, "max: nothing can be chosen along an axis of size 0 of the shape [0, 2]")
  }

  @Test func reading() async {
    let result = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      let _: [Double] = Tensor([1, 2]).scalars()
    }
    Self.expect(result, "a tensor of float32 cannot be read as Double; cast it to float64 first")
  }

  @Test func loops() async {
    let negative = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = scan(Tensor(1), steps: -1) { $0 }
    }
    Self.expect(negative, "scan: the steps must not be negative; given were -1")
    let shape = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = scan(Tensor([1, 2]), steps: 2) { $0.sum() }
    }
    Self.expect(shape, #"scan: the body was given ["float32 [2]"], but returned ["float32 []"]"#)
    let type = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = scan(Tensor(1), steps: 2) { $0.cast(to: .float64) }
    }
    Self.expect(type, #"scan: the body was given ["float32 []"], but returned ["float64 []"]"#)
    let inputs = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = scan(Tensor(1), over: [Tensor([1, 2]), Tensor([1])]) { ($0, $1) }
    }
    Self.expect(
      inputs, "scan: every tensor of the inputs needs the steps as its first axis; the shapes are [[2], [1]]")
    let index = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      let program = Program(like: [Tensor(0, .int32)]) { start in
        [scan(start[0], steps: 5) { scan($0, steps: 2) { $0 + Tensor([1, 1, 7] as [Int32]).gathered($0) } }]
      }
      _ = program.run([Tensor(0, .int32)])
    }
    Self.expect(index, "gather: index 9 at position 0 is out of range 0..<3")
    let read = await #expect(processExitsWith: Self.end, observing: [\.standardErrorContent]) {
      _ = scan(Tensor(1), steps: 2) { $0 * $0.item() }
    }
    Self.expect(
      read,
      "a value was read inside a compiled function, where it is not known yet: return it from the function, or compute "
        + "with tensors only")
  }
}
