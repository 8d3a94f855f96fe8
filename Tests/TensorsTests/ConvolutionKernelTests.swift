import CKernels
import Foundation
import Testing

@testable import Tensors

/// The three forms of convolution by the kernels of every instruction set that the processor has, against plain loops.
@Suite struct ConvolutionKernelTests {
  struct Case: Sendable, CustomStringConvertible {
    var channels: Int
    var outputs: Int
    var groups = 1
    var size = (height: 7, width: 6)
    var kernel = (height: 3, width: 3)
    var stride = (y: 1, x: 1)
    var dilation = 1
    var pad = (top: 1, left: 1)
    var output: (height: Int, width: Int)
    /// Whether factors are rounded to bfloat16.
    var halves = false
    /// Whether products of sums for tiles of 4×4 are taken, whose sums have weights that are rounded.
    var isByFours = false

    var sharesProductsOfHalves: Bool {
      halves && ck_multiplies_halves() && stride == (2, 2) && min(channels, outputs) >= 16
    }

    var description: String { "\(channels)→\(outputs), \(groups) groups, stride \(stride), dilation \(dilation)" }

    var geometry: ck_convolution {
      ck_convolution(
        images: 5, height: size.height, width: size.width, channels: channels, kernel_height: kernel.height,
        kernel_width: kernel.width, outputs: outputs, output_height: output.height, output_width: output.width,
        stride_y: stride.y, stride_x: stride.x, dilation_y: dilation, dilation_x: dilation, top: pad.top,
        left: pad.left, groups: groups, halves: halves ? 1 : 0, adds: 0)
    }
  }

  /// Few channels, of images copied with their borders, and many; tiles that are not full; strides, dilation, groups; one tap.
  static let cases = [
    Case(channels: 1, outputs: 9, output: (7, 6)),
    Case(channels: 3, outputs: 33, stride: (2, 2), output: (4, 3)),
    Case(channels: 2, outputs: 64, stride: (2, 2), output: (4, 3)),
    Case(channels: 5, outputs: 32, dilation: 2, pad: (2, 1), output: (7, 4)),
    Case(channels: 3, outputs: 40, size: (20, 120), stride: (1, 1), pad: (4, 0), output: (26, 118)),
    // Of what lies beyond the filters' reach nothing is read: to the left and above, and to the right and below.
    Case(channels: 1, outputs: 7, kernel: (2, 2), pad: (-2, -3), output: (2, 2)),
    Case(channels: 2, outputs: 16, kernel: (1, 2), stride: (3, 2), pad: (0, 0), output: (2, 2)),
    Case(channels: 13, outputs: 17, output: (7, 6)),
    Case(channels: 16, outputs: 64, stride: (2, 3), output: (4, 2)),
    Case(channels: 8, outputs: 12, dilation: 2, pad: (2, 1), output: (7, 4)),
    Case(channels: 12, outputs: 6, groups: 3, output: (7, 6)),
    Case(channels: 7, outputs: 5, kernel: (1, 2), pad: (0, 0), output: (7, 5)),
    Case(channels: 270, outputs: 3, output: (7, 6)),
    // By products of sums for tiles of 2×2 and of 4×4: vectors and tiles that are not full, more and fewer zeros around.
    Case(channels: 16, outputs: 16, size: (9, 6), output: (9, 6)),
    Case(channels: 19, outputs: 35, size: (10, 9), output: (10, 9)),
    Case(channels: 40, outputs: 17, size: (12, 8), pad: (0, 0), output: (10, 6)),
    Case(channels: 18, outputs: 130, size: (6, 6), output: (6, 6)),
    Case(channels: 24, outputs: 16, size: (10, 14), pad: (-1, 1), output: (6, 14), isByFours: true),
    Case(channels: 16, outputs: 16, size: (8, 6), output: (8, 6), isByFours: true),
    Case(channels: 19, outputs: 35, size: (11, 12), output: (11, 12), isByFours: true),
    Case(channels: 40, outputs: 17, size: (12, 10), pad: (0, 0), output: (10, 8), isByFours: true),
    Case(channels: 32, outputs: 64, size: (10, 8), pad: (2, 2), output: (12, 10), isByFours: true),
    Case(channels: 18, outputs: 130, size: (3, 3), output: (3, 3), isByFours: true),
    Case(channels: 24, outputs: 16, size: (28, 14), output: (28, 14), isByFours: true),
    // By runs of pairs: a zero before, behind, on both sides and on neither; an odd output left over; one group of images and several.
    Case(channels: 16, outputs: 16, size: (14, 14), stride: (2, 2), pad: (0, 0), output: (7, 7)),
    Case(channels: 19, outputs: 35, size: (11, 12), stride: (2, 2), output: (6, 6)),
    Case(channels: 40, outputs: 17, size: (9, 13), stride: (2, 2), pad: (0, 0), output: (4, 6)),
    Case(channels: 18, outputs: 130, size: (4, 4), stride: (2, 2), pad: (0, 0), output: (2, 2)),
    Case(channels: 24, outputs: 16, size: (5, 8), stride: (2, 2), pad: (1, 0), output: (3, 4)),
    Case(channels: 33, outputs: 20, size: (16, 15), stride: (2, 2), pad: (1, 1), output: (8, 8)),
    Case(channels: 64, outputs: 32, size: (40, 42), stride: (2, 2), pad: (0, 1), output: (20, 21)),
    // Pairs in one dimension only.
    Case(channels: 20, outputs: 18, size: (5, 14), stride: (2, 2), pad: (1, 0), output: (3, 7)),
    Case(channels: 17, outputs: 36, size: (16, 4), stride: (2, 2), pad: (0, 0), output: (8, 2)),
    Case(channels: 14, outputs: 34, output: (7, 6), halves: true),
    Case(channels: 64, outputs: 12, stride: (2, 2), output: (4, 3), halves: true),
    Case(channels: 12, outputs: 66, dilation: 2, pad: (2, 1), output: (7, 4), halves: true),
    Case(channels: 30, outputs: 18, kernel: (1, 1), pad: (0, 0), output: (7, 6), halves: true),
    Case(channels: 12, outputs: 14, size: (23, 21), output: (23, 21), halves: true),
    Case(channels: 16, outputs: 16, size: (14, 14), stride: (2, 2), pad: (0, 0), output: (7, 7), halves: true),
    Case(channels: 22, outputs: 34, size: (11, 12), stride: (2, 2), output: (6, 6), halves: true),
    Case(channels: 40, outputs: 18, size: (9, 13), stride: (2, 2), pad: (0, 0), output: (4, 6), halves: true),
    Case(channels: 24, outputs: 130, size: (5, 8), stride: (2, 2), pad: (1, 0), output: (3, 4), halves: true),
    Case(channels: 34, outputs: 20, size: (16, 15), stride: (2, 2), pad: (1, 1), output: (8, 8), halves: true),
    Case(channels: 64, outputs: 32, size: (40, 42), stride: (2, 2), pad: (0, 1), output: (20, 21), halves: true),
    Case(channels: 20, outputs: 18, size: (5, 14), stride: (2, 2), pad: (1, 0), output: (3, 7), halves: true),
    // What is computed in full though halves are asked for.
    Case(channels: 16, outputs: 18, size: (8, 7), output: (8, 7), halves: true, isByFours: true),
    Case(channels: 13, outputs: 17, output: (7, 6), halves: true),
    Case(channels: 24, outputs: 24, groups: 2, output: (7, 6), halves: true),
  ]

  @Test(arguments: MatmulTests.sets, cases)
  func everyInstructionSet(_ set: CKInstructionSet, _ example: Case) {
    Self.check(set, .float32, example, Float.self)
    if !example.halves { Self.check(set, .float64, example, Double.self) }
  }

  /// Numbers of any size: the products of the nearest bfloat16, ties to the even one, summed in float32.
  @Test(arguments: MatmulTests.sets) func roundedFactors(_ set: CKInstructionSet) {
    let example = Case(channels: 32, outputs: 20, stride: (2, 3), output: (4, 2), halves: true)
    for form in Self.forms {
      let found = RoundedConvolution(example, form, set)
      #expect(found.greatestError(from: found.ofRounded) < 2e-6 * found.greatest, "form \(form.rawValue)")
      #expect(found.inHalves != found.inFull)
    }
  }

  /// Where neighbours share products, what is rounded is sums of up to four factors: the errors are up to 2 times those of rounded
  /// factors, for each sum of a product's two dimensions doubles what is rounded of two in three.
  @Test(arguments: MatmulTests.sets) func roundedSums(_ set: CKInstructionSet) {
    let example = Case(
      channels: 32, outputs: 48, size: (14, 14), stride: (2, 2), output: (7, 7), halves: true)
    for form in Self.forms {
      let found = RoundedConvolution(example, form, set)
      let (error, usual) = (found.error(of: found.inHalves.map(Double.init)), found.error(of: found.ofRounded))
      #expect(error > 0.5 * usual && error < 2 * usual, "form \(form.rawValue): \(error) and \(usual)")
      #expect(found.error(of: found.inFull.map(Double.init)) < 1e-3 * usual)
    }
  }

  private static let forms: [CKConvolution] = [.input, .filters, .output]

  /// The gradient by the filters in pieces, for any number of threads, has the bits of the whole: each number is written by one
  /// of them.
  @Test(arguments: cases, [1, 2, 3, 9]) func piecesOfTheFiltersGradient(_ example: Case, _ threads: Int) {
    var c = example.geometry
    var generator = RandomKey(seed: 7).makeGenerator()
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.uniform() * 2 - 1) } }
    let x = numbers(c.images * c.height * c.width * c.channels)
    let g = numbers(c.images * c.output_height * c.output_width * c.outputs)
    let count = c.kernel_height * c.kernel_width * (c.channels / c.groups) * c.outputs
    let bytes = Swift.max(ck_convolution_scratch(.filters, .float32, &c), 64)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer { scratch.deallocate() }
    var (whole, joined) = ([Float](repeating: 77, count: count + 1), [Float](repeating: 77, count: count + 1))
    ck_convolve(.filters, .float32, &c, x, g, &whole, scratch)
    let pieces = ck_convolution_pieces(.filters, &c, threads)
    for piece in (0..<pieces).reversed() {
      ck_convolve_part(.filters, .float32, &c, x, g, &joined, scratch, piece, piece + 1, pieces)
    }
    #expect(joined.map(\.bitPattern) == whole.map(\.bitPattern), "\(pieces) pieces")
  }

  /// The gradient by the filters of one image after the other, or of as many as are taken at once, each added to those before, has
  /// the bits of the whole, in pieces too.
  @Test(arguments: cases.filter { !$0.halves || $0.sharesProductsOfHalves }, [1, 3]) func imagesOfTheFiltersGradient(
    _ example: Case, _ threads: Int
  ) {
    var c = example.geometry
    var generator = RandomKey(seed: 8).makeGenerator()
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.uniform() * 2 - 1) } }
    let (image, cotangent) = (c.height * c.width * c.channels, c.output_height * c.output_width * c.outputs)
    let (x, g) = (numbers(c.images * image), numbers(c.images * cotangent))
    let count = c.kernel_height * c.kernel_width * (c.channels / c.groups) * c.outputs
    let bytes = Swift.max(ck_convolution_scratch(.filters, .float32, &c), 64)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer { scratch.deallocate() }
    var (whole, joined) = ([Float](repeating: 77, count: count), [Float](repeating: 77, count: count))
    ck_convolve_with(ck_best_set(), .filters, .float32, &c, x, g, &whole, scratch)
    // A matrix product is another order of the sum.
    if c.kernel_height * c.kernel_width == 1 { return }
    let pieces = ck_convolution_pieces(.filters, &c, threads)
    let grain = ck_convolution_grain(&c)
    for i in stride(from: 0, to: c.images, by: grain) {
      var part = c
      (part.images, part.adds) = (min(grain, c.images - i), i == 0 ? 0 : 1)
      for piece in 0..<pieces {
        x.withUnsafeBufferPointer { x in
          g.withUnsafeBufferPointer { g in
            ck_convolve_part(
              .filters, .float32, &part, x.baseAddress.map { $0 + i * image }, g.baseAddress.map { $0 + i * cotangent },
              &joined, scratch, piece, piece + 1, pieces)
          }
        }
      }
    }
    #expect(joined.map(\.bitPattern) == whole.map(\.bitPattern), "\(pieces) pieces")
  }

  /// What is no number stays none, and what is too large for float32 does not become one.
  @Test(arguments: MatmulTests.sets) func noNumbers(_ set: CKInstructionSet) {
    let example = Case(channels: 12, outputs: 12, kernel: (1, 1), pad: (0, 0), output: (7, 6), halves: true)
    var c = example.geometry
    let values: [Float] = [.nan, .infinity, -.infinity, Float(bitPattern: 0x7f80_0001), .greatestFiniteMagnitude, 3]
    var x = [Float](repeating: 0, count: c.images * c.height * c.width * c.channels)
    for (pixel, value) in values.enumerated() { x[pixel * c.channels] = value }
    var filters = [Float](repeating: 0, count: c.channels * c.outputs)
    filters[0] = 1
    var out = [Float](repeating: 7, count: c.images * 42 * c.outputs)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: Swift.max(ck_convolution_scratch(.output, .float32, &c), 64), alignment: 64)
    defer { scratch.deallocate() }
    ck_convolve_with(set, .output, .float32, &c, x, filters, &out, scratch)
    let found = values.indices.map { out[$0 * c.outputs] }
    #expect(found[0].isNaN && found[3].isNaN)
    #expect(found[1] == .infinity && found[2] == -.infinity && found[4] == .infinity && found[5] == 3)
  }

  /// Small whole numbers: every order of summation is exact, but for sums with weights.
  private static func check<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ set: CKInstructionSet, _ type: CKType, _ example: Case, _: T.Type
  ) {
    var generator = RandomKey(seed: 5).makeGenerator()
    func numbers(_ count: Int) -> [T] { (0..<count).map { _ in T(generator.below(7) - 3) } }
    var c = example.geometry
    let inputs = example.channels / c.groups
    let x = numbers(c.images * c.height * c.width * c.channels)
    let filters = numbers(c.kernel_height * c.kernel_width * inputs * c.outputs)
    let g = numbers(c.images * c.output_height * c.output_width * c.outputs)
    var (byInput, byFilters, output) = (x.map { _ in T.zero }, filters.map { _ in T.zero }, g.map { _ in T.zero })
    for image in 0..<c.images {
      for oy in 0..<c.output_height {
        for ox in 0..<c.output_width {
          for ky in 0..<c.kernel_height {
            for kx in 0..<c.kernel_width {
              let y = oy * c.stride_y + ky * c.dilation_y - c.top
              let column = ox * c.stride_x + kx * c.dilation_x - c.left
              guard (0..<c.height).contains(y), (0..<c.width).contains(column) else { continue }
              for o in 0..<c.outputs {
                let group = o / (c.outputs / c.groups)
                let to = ((image * c.output_height + oy) * c.output_width + ox) * c.outputs + o
                for l in 0..<inputs {
                  let from = ((image * c.height + y) * c.width + column) * c.channels + group * inputs + l
                  let filter = ((ky * c.kernel_width + kx) * inputs + l) * c.outputs + o
                  output[to] += x[from] * filters[filter]
                  byInput[from] += filters[filter] * g[to]
                  byFilters[filter] += x[from] * g[to]
                }
              }
            }
          }
        }
      }
    }
    for (form, first, second, expected) in [
      (CKConvolution.input, filters, g, byInput), (.filters, x, g, byFilters), (.output, x, filters, output),
    ] {
      // One number more, to see a write beyond the end.
      var out = [T](repeating: 77, count: expected.count + 1)
      let bytes = Swift.max(ck_convolution_scratch(form, type, &c), 64)
      let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      defer { scratch.deallocate() }
      // What it holds before, here no numbers, must not count.
      memset(scratch, 0xff, bytes)
      ck_convolve_with(set, form, type, &c, first, second, &out, scratch)
      if example.isByFours {
        let greatest = expected.map(abs).max() ?? 0
        let error = zip(out, expected).map { abs($0 - $1) }.max() ?? .nan
        #expect(error <= 32 * greatest.ulp && out.last == 77, "form \(form.rawValue) of \(example), \(type): \(error)")
      } else {
        #expect(out == expected + [77], "form \(form.rawValue) of \(example), \(type)")
      }
    }
  }
}
