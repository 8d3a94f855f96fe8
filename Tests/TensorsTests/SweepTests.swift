import Testing

@testable import Tensors

/// A few rows at a time through several kernel calls: the same bits as one call after the other, in less memory.
@Suite struct SweepTests {
  static func check(
    _ arguments: [Tensor], sweeps: Bool? = true, saves: Bool = false, scratch: Int = 384 << 10,
    at location: SourceLocation = #_sourceLocation,
    _ function: ([Tensor]) -> [Tensor]
  ) {
    let plain = Program(like: arguments, sweeping: false, function)
    let swept = Program(like: arguments, function)
    let results = [plain, swept].map { $0.run(arguments).map { $0.doubles.map(\.bitPattern) } }
    #expect(results[0] == results[1], sourceLocation: location)
    #expect(!results[0].joined().isEmpty && results[0].joined().contains { $0 != 0 }, sourceLocation: location)
    // Threads share the calls of a part.
    let shared = swept.run(arguments, on: WorkerPool(workers: 3)).map { $0.doubles.map(\.bitPattern) }
    #expect(shared == results[0], sourceLocation: location)
    // But for the scratch memory of convolutions and of chains (8 shares of 40 kB), of which a sweep keeps that of all its calls.
    #expect(swept.arenaSize <= plain.arenaSize + scratch, sourceLocation: location)
    if let sweeps { #expect((swept.stepCount > plain.stepCount) == sweeps, sourceLocation: location) }
    if saves { #expect(swept.arenaSize < plain.arenaSize, sourceLocation: location) }
  }

  static func sample(_ shape: Shape, _ index: Int, _ type: ScalarType = .float32) -> Tensor {
    (.randomNormal(shape, key: RandomKey(seed: 23)[index], type) * 0.5).evaluated()
  }

  static func normalized(_ x: Tensor) -> Tensor {
    let axes = Array(0..<(x.rank - 1))
    return (x - x.mean(axes)) * rsqrt(x.variance(axes) + 1e-3)
  }

  /// Two blocks of a network: convolution, normalization, ReLU, pooling.
  static func loss(_ x: Tensor, _ filters: [Tensor]) -> Tensor {
    var x = x
    for own in filters {
      x = relu(normalized(convolution(x, own, padding: .same))).maxPooled(Size2D(height: 2, width: 2))
    }
    return square(x).sum() + x.sum()
  }

  @Test(arguments: [ScalarType.float32, .float64]) func waysBackThroughBlocks(_ type: ScalarType) {
    let arguments = [
      Self.sample([24, 64, 64, 3], 0, type), Self.sample([3, 3, 3, 16], 1, type), Self.sample([3, 3, 16, 24], 2, type),
    ]
    Self.check(arguments) { a in [Self.loss(a[0], Array(a[1...]))] }
    // On the way back in float64 two gradients by filters and one by the input, with 1.8, 1.8 and 1 MB, are in one sweep.
    let scratch = type == .float64 ? 4 << 20 : 384 << 10
    Self.check(arguments, scratch: scratch) { a in gradient(at: Array(a[1...])) { Self.loss(a[0], $0) } }
    Self.check(arguments, scratch: scratch) { a in gradient(at: a) { Self.loss($0[0], Array($0[1...])) } }
  }

  /// What is only read by the calls of a sweep takes the memory of a few images.
  @Test func memory() {
    let arguments = [Self.sample([24, 64, 64, 3], 0), Self.sample([3, 3, 3, 16], 1), Self.sample([3, 3, 16, 24], 2)]
    Self.check(arguments, saves: true) { a in [Self.loss(a[0], Array(a[1...]))] }
  }

  /// The first layer's large output is computed again on the way back, a few images at a time: the bits of operations done one by
  /// one, and less memory than where the images have too many channels for it.
  @Test func firstLayerAgain() {
    func arena(_ channels: Int) -> Int {
      let arguments = [
        Self.sample([40, 80, 80, channels], 0), Self.sample([3, 3, channels, 24], 1), Self.sample([3, 3, 24, 8], 2),
        Self.sample([3, 3, 8, 8], 3),
      ]
      func loss(_ x: Tensor, _ filters: [Tensor]) -> Tensor {
        var x = x
        for own in filters {
          let output = convolution(x, own, padding: .same)
          let (mean, variance) = (output.mean([0, 1, 2]), output.variance([0, 1, 2]))
          x = relu((output.maxPooled(Size2D(height: 2, width: 2)) - mean) * rsqrt(variance + 1e-3))
        }
        return square(x).sum() + x.sum()
      }
      func step(_ a: [Tensor]) -> [Tensor] { gradient(at: Array(a[1...])) { loss(a[0], $0) } }
      let program = Program(like: arguments, step)
      let plain = step(arguments).map { $0.doubles.map(\.bitPattern) }
      #expect(program.run(arguments).map { $0.doubles.map(\.bitPattern) } == plain)
      return program.arenaSize
    }
    // Without it both are the same but for scratch memory: the output alone is 25 of 42 MB.
    let (few, many) = (arena(3), arena(6))
    #expect(few < many * 4 / 5, "\(few) beside \(many) bytes")
  }

  /// What a layer gives to the next one is computed again for the gradient by that one's filters, a few images at a time: the bits of
  /// operations done one by one, and less memory than three of the first layer's arrays.
  @Test func activationsAgain() {
    let arguments =
      [Self.sample([300, 28, 28, 1], 0), Self.sample([3, 3, 1, 32], 1)]
      + (2...4).map { Self.sample([3, 3, 32, 32], $0) }
    func step(_ a: [Tensor]) -> [Tensor] {
      gradient(at: Array(a[1...])) { filters in
        var x = a[0]
        for own in filters { x = relu(Self.normalized(convolution(x, own, strides: 2, padding: .same))) }
        return square(x).sum() + x.sum()
      }
    }
    let program = Program(like: arguments, step)
    let plain = step(arguments).map { $0.doubles.map(\.bitPattern) }
    #expect(program.run(arguments).map { $0.doubles.map(\.bitPattern) } == plain)
    let ofLayer = 300 * 14 * 14 * 32 * 4
    #expect(program.arenaSize < 3 * ofLayer, "\(Double(program.arenaSize) / Double(ofLayer)) of them")
  }

  /// A step on one set of images and the gradient by where it began, from another.
  @Test func secondOrder() {
    let arguments = [
      Self.sample([6, 64, 64, 8], 0), Self.sample([24, 64, 64, 8], 1), Self.sample([3, 3, 8, 16], 2),
      Self.sample([3, 3, 16, 8], 3),
    ]
    Self.check(arguments) { a in
      gradient(at: Array(a[2...])) { filters in
        let steps = gradient(at: filters) { Self.loss(a[0], $0) }
        return Self.loss(a[1], zip(filters, steps).map { $0 - 1e-4 * $1 })
      }
    }
  }

  /// Several tasks with filters of their own, and with shared ones: no part has images of two tasks.
  @Test(arguments: [true, false]) func tasks(_ areFiltersOwn: Bool) {
    let arguments = [
      Self.sample([3, 20, 44, 44, 12], 0), Self.sample((areFiltersOwn ? [3] : []) + [3, 3, 12, 20], 1),
      Self.sample((areFiltersOwn ? [3] : []) + [3, 3, 20, 8], 2),
    ]
    Self.check(arguments) { a in
      func one(_ x: Tensor, _ first: Tensor, _ second: Tensor) -> Tensor {
        let all = gradient(at: [first, second]) { Self.loss(x, $0) }
        return all[0].sum([0, 1]).sum(0) + all[1].sum()
      }
      return areFiltersOwn
        ? [vmap(over: a) { one($0[0], $0[1], $0[2]) }] : [vmap(over: a[0]) { one($0, a[1], a[2]) }]
    }
  }

  /// Inside a scan, whose arrays move from step to step.
  @Test func scans() {
    let arguments = [Self.sample([40, 64, 64, 8], 0), Self.sample([3, 3, 8, 8], 1)]
    Self.check(arguments, sweeps: nil) { a in
      [
        scan(a[1], steps: 3) { filters in
          filters - 1e-4 * gradient(at: filters) { Self.loss(a[0], [$0]) }
        }
      ]
    }
  }

  /// Strides, groups and dilations; filters of one pixel, whose gradient is a matrix product; images that are views.
  @Test func otherConvolutions() {
    let x = Self.sample([36, 60, 60, 12], 0)
    Self.check([x, Self.sample([3, 3, 12, 16], 1)], sweeps: nil) { a in
      gradient(at: a) {
        square(relu(convolution($0[0], $0[1], strides: Size2D(height: 2, width: 2), padding: .same))).sum()
      }
    }
    Self.check([x, Self.sample([3, 3, 4, 12], 2)]) { a in
      gradient(at: a) { tanh(convolution($0[0], $0[1], padding: .same, groups: 3)).sum() }
    }
    Self.check([x, Self.sample([1, 1, 12, 12], 3)]) { a in
      gradient(at: a) { tanh(convolution($0[0] * 2, $0[1], padding: .same)).sum() }
    }
    // Products of sums, whose gradient by the filters is taken of several small images at once.
    Self.check([Self.sample([221, 16, 20, 16], 5), Self.sample([3, 3, 16, 18], 6)]) { a in
      gradient(at: [a[1]]) { square(relu(convolution(a[0], $0[0], padding: .same))).sum() }
    }
    Self.check([x, Self.sample([3, 3, 12, 12], 4)]) { a in
      let turned = a[0].transposed([0, 2, 1, 3])
      return [tanh(convolution(turned, a[1], padding: .same)) + turned]
    }
  }

  /// What stays in the caches is left as it is.
  @Test func smallArrays() {
    Self.check([Self.sample([50, 40, 40, 8], 0), Self.sample([3, 3, 8, 8], 1)], sweeps: false) { a in
      gradient(at: a) { Self.loss($0[0], [$0[1]]) }
    }
  }

  @Test func rowsOfArrays() {
    func place(_ shape: Shape, _ strides: [Int]? = nil, offset: Int = 0) -> Location {
      Location(buffer: 0, offset: offset, strides: strides, shape: shape, scalarType: .float32)
    }
    let dense = place([2, 3, 4, 5]).rows(2..<3, of: 6)
    #expect(dense?.offset == 40 && dense?.shape == [1, 1, 4, 5] && dense?.isDense == true)
    // A row of several indices of the second axis.
    #expect(place([2, 6, 5]).rows(1..<3, of: 4)?.shape == [1, 6, 5])
    #expect(place([2, 6, 5]).rows(1..<3, of: 4)?.offset == 15)
    // One row for all images of a task: within the task only.
    let repeated = place([2, 3, 4], [4, 0, 1])
    #expect(repeated.rows(3..<6, of: 6)?.offset == 4 && repeated.rows(3..<6, of: 6)?.strides?[1] == 0)
    #expect(repeated.rows(2..<4, of: 6) == nil && repeated.rowStride(6) == nil)
    #expect(place([6, 4], [0, 1]).rows(2..<4, of: 6)?.offset == 0)
    #expect(place([6, 4], [8, 2], offset: 3).rows(2..<4, of: 6)?.offset == 19)
    #expect(place([6, 4], [8, 2]).rowStride(3) == 16)
    #expect(place([5, 4]).rows(0..<1, of: 3) == nil)
  }
}
