import Foundation
import Testing

@testable import Tensors

/// Convolutions and pooling against PyTorch, and their batches against loops.
@Suite struct ConvolutionTests {
  struct Fixture: Decodable {
    struct Convolution: Decodable {
      var name, padding: String
      var strides, sides, dilation: [Int]
      var groups: Int
      var input, filters, output, cotangent, inputGradient, filtersGradient: FixtureFile.Numbers

      func callAsFunction(_ x: Tensor, _ filters: Tensor) -> Tensor {
        convolution(
          x, filters, strides: Size2D(height: strides[0], width: strides[1]),
          padding: padding == "valid"
            ? .valid
            : padding == "same"
              ? .same : .explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3]),
          dilation: Size2D(height: dilation[0], width: dilation[1]), groups: groups)
      }
    }
    struct Transposed: Decodable {
      var name: String
      var stride, padding, extra, groups: Int
      var input, filters, output, cotangent, inputGradient, filtersGradient: FixtureFile.Numbers

      func callAsFunction(_ x: Tensor, _ filters: Tensor) -> Tensor {
        transposedConvolution(
          x, filters, strides: Size2D(stride), padding: .explicit(padding), groups: groups, extra: Size2D(extra))
      }
    }
    struct Pooling: Decodable {
      var name: String
      var input, output, cotangent, inputGradient: FixtureFile.Numbers

      func callAsFunction(_ x: Tensor) -> Tensor {
        switch name {
        case "max 2": x.maxPooled(2)
        case "max 3 by 2": x.maxPooled(3, strides: 2)
        case "average 2": x.averagePooled(2)
        case "average 3 by 1": x.averagePooled(3, strides: 1)
        case "adaptive 2": x.adaptiveAveragePooled(to: 2)
        case "adaptive 3": x.adaptiveAveragePooled(to: 3)
        default: x.upsampled(2)
        }
      }
    }
    var convolutions: [Convolution]
    var transposed: [Transposed]
    var pooling: [Pooling]
  }

  let fixture: Fixture

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "convolution", withExtension: "json", subdirectory: "Fixtures"))
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  @Test func convolutions() {
    #expect(fixture.convolutions.count == 12)
    for example in fixture.convolutions {
      let (x, filters) = (example.input.tensor, example.filters.tensor)
      let pulled = vjp(at: [x, filters]) { [example($0[0], $0[1])] }
      expectClose(pulled.value[0], example.output.tensor, 1e-13, example.name)
      let gradients = pulled.pullback([example.cotangent.tensor])
      expectClose(gradients[0], example.inputGradient.tensor, 1e-13, "\(example.name): input")
      expectClose(gradients[1], example.filtersGradient.tensor, 1e-13, "\(example.name): filters")
      let single = example(x.cast(to: .float32), filters.cast(to: .float32))
      expectClose(single.cast(to: .float64), example.output.tensor, 1e-5, "\(example.name): float32")
      checkDerivatives(at: x, filters) { sin(example($0[0], $0[1])) }
    }
  }

  @Test func transposedConvolutions() {
    for example in fixture.transposed {
      let (x, filters) = (example.input.tensor, example.filters.tensor)
      let pulled = vjp(at: [x, filters]) { [example($0[0], $0[1])] }
      expectClose(pulled.value[0], example.output.tensor, 1e-13, example.name)
      let gradients = pulled.pullback([example.cotangent.tensor])
      expectClose(gradients[0], example.inputGradient.tensor, 1e-13, "\(example.name): input")
      expectClose(gradients[1], example.filtersGradient.tensor, 1e-13, "\(example.name): filters")
      checkDerivatives(at: x, filters) { sin(example($0[0], $0[1])) }
    }
    // The transpose: u · conv(x) = x · convᵀ(u), for the size that convolution comes from.
    let (x, filters) = (sample([2, 6, 8, 3]), sample([3, 3, 3, 4], seed: 2))
    let y = convolution(x, filters, strides: 2, padding: .same)
    let u = sample(y.shape, seed: 3)
    let back = transposedConvolution(u, filters, strides: 2, padding: .same)
    #expect(back.shape == x.shape)
    expectClose(u.dot(y), back.dot(x), 1e-13)
  }

  @Test func pooling() {
    for example in fixture.pooling {
      let x = example.input.tensor
      let pulled = vjp(at: [x]) { [example($0[0])] }
      expectClose(pulled.value[0], example.output.tensor, 1e-13, example.name)
      expectClose(pulled.pullback([example.cotangent.tensor])[0], example.inputGradient.tensor, 1e-13, example.name)
      checkDerivatives(at: x) { sin(example($0[0])) }
    }
    #expect(fixture.pooling[0].input.tensor.globallyAveragePooled().shape == [2, 2])
    let tied = gradient(at: Tensor.ones([2, 2, 1], .float64)) { $0.maxPooled(2).sum() }
    #expect(tied.doubles == [0.25, 0.25, 0.25, 0.25])
  }

  @Test func poolingByTheGreatestOrTheLeast() {
    let (x, signs) = (sample([2, 5, 7, 3]), Tensor([0.5, -2, 0], .float64))
    for strides: Size2D? in [nil, Size2D(height: 1, width: 2)] {
      let pooled = x.extremePooled(2, strides: strides, signs: signs)
      let (greatest, least) = (x.maxPooled(2, strides: strides), -(-x).maxPooled(2, strides: strides))
      for (channel, expected) in [greatest, least, greatest].enumerated() {
        let one = channel..<(channel + 1)
        #expect(pooled.sliced(one, axis: 3).doubles == expected.sliced(one, axis: 3).doubles, "channel \(channel)")
      }
      checkDerivatives(at: x) { sin($0[0].extremePooled(2, strides: strides, signs: signs)) }
    }
  }

  @Test func alongOneAxis() {
    let (x, filters) = (sample([2, 7, 3]), sample([3, 3, 4], seed: 2))
    let y = convolution1D(x, filters, stride: 2, padding: .same, dilation: 2)
    let expected = (0..<4).map { t in
      (0..<3).reduce(Tensor.zeros([2, 4], .float64)) { sum, k in
        let place = 2 * t + 2 * k - 2
        return (0..<7).contains(place) ? sum + matmul(x[.all, place], filters[k]) : sum
      }
    }
    expectClose(y, stack(expected, axis: 1), 1e-13)
    #expect(convolution1D(x, filters, padding: .explicit(1)).shape == [2, 7, 4])
  }

  @Test func leadingAxesAreImages() {
    let (x, filters) = (sample([2, 3, 5, 5, 2]), sample([3, 3, 2, 4], seed: 2))
    let y = convolution(x, filters)
    #expect(y.shape == [2, 3, 3, 3, 4])
    #expect(y[1, 2].doubles == convolution(x[1, 2], filters).doubles)
    #expect(convolution(x[..<0], filters).shape == [0, 3, 3, 3, 4])
  }

  /// Tensors that a slice may have, or share.
  struct Pair: TensorTree {
    var x: Tensor
    var filters: Tensor
  }

  @Test(arguments: [1, 2]) func batches(groups: Int) {
    let images = sample([3, 2, 5, 4, 4])
    let filters = sample([3, 3, 2, 4 / groups, 6], seed: 2)
    func f(_ x: Tensor, _ w: Tensor) -> Tensor {
      convolution(x, w, strides: Size2D(height: 2, width: 1), padding: .same, groups: groups)
    }
    // The function itself, and its gradients, whose convolutions are of all three forms.
    let functions: [(Tensor, Tensor) -> Tensor] = [
      f, { x, w in gradient(at: x) { square(f($0, w)).sum() } }, { x, w in gradient(at: w) { square(f(x, $0)).sum() } },
      { x, w in gradient(at: w) { w in square(gradient(at: x) { square(f($0, w)).sum() }).sum() } },
    ]
    for f in functions {
      let shared = vmap(over: images) { f($0, filters[0]) }
      expectClose(shared, stack((0..<3).map { f(images[$0], filters[0]) }), 1e-12, "shared filters")
      let own = vmap(over: filters) { f(images[0], $0) }
      expectClose(own, stack((0..<3).map { f(images[0], filters[$0]) }), 1e-12, "shared images")
      let both = vmap(over: Pair(x: images, filters: filters)) { f($0.x, $0.filters) }
      expectClose(both, stack((0..<3).map { f(images[$0], filters[$0]) }), 1e-12, "both")
      let nested = vmap(over: images) { x in vmap(over: filters) { f(x, $0) } }
      expectClose(
        nested, stack((0..<3).map { i in stack((0..<3).map { f(images[i], filters[$0]) }) }), 1e-12, "nested")
      let inner = vmap(over: filters) { w in vmap(over: images) { f($0, w) } }
      expectClose(inner, nested.transposed([1, 0] + Array(2..<nested.rank)), 1e-12, "nested the other way")
    }
    checkDerivatives(at: images, filters) { sin(f($0[0], $0[1])) }
  }

  @Test func compiledEqualsPlain() {
    let (x, filters) = (sample([2, 9, 7, 3]).cast(to: .float32), sample([3, 3, 3, 17], seed: 2).cast(to: .float32))
    func f(_ pair: Pair) -> [Tensor] {
      let y = convolution(pair.x, pair.filters, strides: 2, padding: .same)
      let g = gradient(at: pair) { square(convolution($0.x, $0.filters, strides: 2, padding: .same)).sum() }
      return [y, g.x, g.filters]
    }
    let program = Program.trace(Pair(x: x, filters: filters)) { f($0) }
    for (a, b) in zip(program.run([x, filters]), f(Pair(x: x, filters: filters))) { #expect(a.floats == b.floats) }
    // An image has the same bits alone; so has a loop's step.
    #expect(convolution(x, filters)[1].floats == convolution(x[1], filters).floats)
    let kernel = sample([3, 3, 3, 3], seed: 3)
    let image = sample([1, 4, 4, 3], seed: 4)
    let looped = scan(image, steps: 3) { tanh(convolution($0, kernel, padding: .same)) }
    let unrolled = (0..<3).reduce(image) { x, _ in tanh(convolution(x, kernel, padding: .same)) }
    #expect(looped.doubles == unrolled.doubles)
  }

  /// Several filters for the same images are one convolution of more outputs; so are the gradients.
  @Test func filtersSideBySide() {
    let (x, filters) = (sample([2, 6, 6, 4]), sample([5, 3, 3, 4, 8], seed: 2))
    let y = Program(like: [x, filters]) { tensors in
      let slope = gradient(at: tensors[1]) { w in sin(vmap(over: w) { convolution(tensors[0], $0) }).sum() }
      let batches = postOrder([slope.node]) { $0.inputs }.compactMap { node, _ -> Int? in
        if case .convolution(let geometry, _) = node.primitive { geometry.batch } else { nil }
      }
      #expect(batches == [0, 0], "the output and its gradient by the filters")
      return [slope]
    }.run([x, filters])[0]
    let alone = (0..<5).map { place in gradient(at: filters[place]) { sin(convolution(x, $0)).sum() } }
    let together = gradient(at: filters) { w in sin(vmap(over: w) { convolution(x, $0) }).sum() }
    expectClose(together, stack(alone), 1e-12)
    expectClose(y, together, 1e-12)
    // By images of several slices, and what is made of an output that they share.
    let several = sample([3, 2, 6, 6, 4], seed: 3)
    let g = sample([2, 4, 4, 8], seed: 4)
    func slope(_ x: Tensor) -> Tensor { gradient(at: filters[0]) { (convolution(x, $0) * g).sum() } }
    expectClose(vmap(over: several, slope), stack((0..<3).map { slope(several[$0]) }), 1e-12)
  }

  @Test func gradientByTheInputIsNotComputedUnlessNeeded() {
    let (x, filters) = (sample([1, 4, 4, 1]), sample([3, 3, 1, 2], seed: 2))
    let program = Program(like: [x, filters]) { tensors in
      [gradient(at: tensors[1]) { convolution(tensors[0], $0).sum() }]
    }
    // The cotangent, which is the same everywhere, and the gradient.
    #expect(program.stepCount == 2)
  }
}
