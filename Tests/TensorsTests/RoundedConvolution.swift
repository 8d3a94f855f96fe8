import CKernels
import Foundation

@testable import Tensors

/// One form of a convolution of random numbers: with factors rounded to bfloat16 by a kernel, with factors that were rounded before, and
/// with the numbers as they are.
struct RoundedConvolution {
  /// By the kernels of float32.
  let inHalves, inFull: [Float]
  /// In float64.
  let ofRounded, exact: [Double]

  init(_ example: ConvolutionKernelTests.Case, _ form: CKConvolution, _ set: CKInstructionSet) {
    var (halves, full) = (example, example)
    (halves.halves, full.halves) = (true, false)
    let (c, plain) = (halves.geometry, full.geometry)
    var generator = RandomKey(seed: 6).makeGenerator()
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.uniform() * 2 - 1) } }
    let x = numbers(c.images * c.height * c.width * c.channels)
    let filters = numbers(c.kernel_height * c.kernel_width * c.channels * c.outputs)
    let g = numbers(c.images * c.output_height * c.output_width * c.outputs)
    let (first, second) = (form == .input ? filters : x, form == .output ? filters : g)
    let count = form == .input ? x.count : form == .filters ? filters.count : g.count
    func convolved<T: BinaryFloatingPoint & BitwiseCopyable>(
      _ type: CKType, _ c: ck_convolution, _ first: [T], _ second: [T]
    ) -> [T] {
      var (c, out) = (c, [T](repeating: 0, count: count))
      let scratch = UnsafeMutableRawPointer.allocate(
        byteCount: max(ck_convolution_scratch(form, type, &c), 64), alignment: 64)
      defer { scratch.deallocate() }
      ck_convolve_with(set, form, type, &c, first, second, &out, scratch)
      return out
    }
    inHalves = convolved(.float32, c, first, second)
    inFull = convolved(.float32, plain, first, second)
    ofRounded = convolved(.float64, plain, Self.rounded(first), Self.rounded(second))
    exact = convolved(.float64, plain, first.map(Double.init), second.map(Double.init))
  }

  /// The nearest bfloat16, of two the even one.
  private static func rounded(_ values: [Float]) -> [Double] {
    values.map { value in
      let step = 0x1p-7 * Foundation.pow(2, Double(value.exponent))
      return (Double(value) / step).rounded(.toNearestOrEven) * step
    }
  }

  var greatest: Double { exact.map(abs).max() ?? 0 }

  func greatestError(from expected: [Double]) -> Double {
    zip(inHalves, expected).map { abs(Double($0) - $1) }.max() ?? .nan
  }

  /// The root of the mean square of what values differ by from the exact ones.
  func error(of values: [Double]) -> Double {
    Foundation.sqrt(zip(values, exact).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(exact.count))
  }
}
