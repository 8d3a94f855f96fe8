import CKernels
import Dispatch
import Foundation
import Testing

@testable import Tensors

/// Larger products, by oneDNN where the package is built with it and by our kernel where it is not.
@Suite struct MatmulLibraryTests {
  typealias Matrix = MatmulTests.Matrix<Float>

  /// The product by the library, or nil where it declines; it must then have written nothing.
  static func product(_ m: Int, _ n: Int, _ k: Int, _ x: Matrix, _ y: Matrix) -> [Float]? {
    var out = [Float](repeating: 77, count: m * n + 1)
    let isDone = x.storage.withUnsafeBufferPointer { xs in
      y.storage.withUnsafeBufferPointer { ys in
        ck_matmul_library(
          .float32, m, n, k, xs.baseAddress! + x.start, x.row, x.column, ys.baseAddress! + y.start, y.row, y.column,
          &out)
      }
    }
    #expect(out[m * n] == 77 && (isDone || out.allSatisfy { $0 == 77 }))
    return isDone ? Array(out.dropLast()) : nil
  }

  /// The trait is what decides; and a library that is linked is used.
  @Test func isThereWithTheTrait() {
    let x: Matrix = MatmulTests.matrix(64, 64, .dense, seed: 1)
    #if oneDNN
      #expect(ck_has_library())
      #expect(Self.product(64, 64, 64, x, x) != nil)
    #else
      #expect(!ck_has_library())
      #expect(Self.product(64, 64, 64, x, x) == nil)
    #endif
  }

  @Test(
    .enabled(if: ck_has_library()),
    arguments: [(2, 2, 2), (64, 64, 64), (25, 5, 576), (33, 129, 65), (300, 70, 20), (7, 300, 300)])
  func againstLoops(_ m: Int, _ n: Int, _ k: Int) {
    for a in MatmulTests.Layout.allCases {
      for b in MatmulTests.Layout.allCases {
        let x: Matrix = MatmulTests.matrix(m, k, a, seed: 1)
        let y: Matrix = MatmulTests.matrix(k, n, b, seed: 2)
        let product = Self.product(m, n, k, x, y)
        // In place where an axis is dense; other matrices are left to our kernel.
        let isDense = [a, b].allSatisfy { $0 == .dense || $0 == .transposed }
        #expect((product != nil) == isDense, "\(a) · \(b)")
        guard let product else { continue }
        // Small whole numbers: every order of summation is exact.
        let isRight = (0..<m * n).allSatisfy { i in
          product[i] == (0..<k).reduce(into: Float(0)) { $0 += x.at(i / n, $1) * y.at($1, i % n) }
        }
        #expect(isRight, "\(m) × \(k) × \(n), \(a) · \(b)")
      }
    }
  }

  /// The one interface: products of every size, whoever computes them, against three loops.
  @Test(arguments: [(63, 65, 127), (96, 96, 96), (25, 64, 576), (200, 64, 64), (130, 512, 33), (520, 512, 512)])
  func oneInterface(_ m: Int, _ n: Int, _ k: Int) {
    let x = Tensor.randomUniform([m, k], in: -1..<1, key: RandomKey(seed: 1))
    let y = Tensor.randomUniform([k, n], in: -1..<1, key: RandomKey(seed: 2))
    let (xs, ys) = (x.doubles, y.doubles)
    var sums = [Double](repeating: 0, count: m * n)
    for i in 0..<m { for p in 0..<k { for j in 0..<n { sums[i * n + j] += xs[i * k + p] * ys[p * n + j] } } }
    let xt = Tensor(x.transposed().floats, shape: [k, m]).transposed()
    let yt = Tensor(y.transposed().floats, shape: [n, k]).transposed()
    for (what, product) in [
      ("x y", matmul(x, y)), ("xᵀᵀ y", matmul(xt, y)), ("x yᵀᵀ", matmul(x, yt)), ("xᵀᵀ yᵀᵀ", matmul(xt, yt)),
    ] {
      expectClose(product.doubles, sums, 1e-4, what)
    }
  }

  /// The product of matrices cut from `numbers`, of which the second is transposed.
  static func product(_ numbers: [Float], _ size: (m: Int, n: Int, k: Int), start: Int) -> [Float]? {
    let shifted = [Float](repeating: 0, count: start) + numbers
    let x = Matrix(storage: shifted, start: start, row: size.k, column: 1)
    let y = Matrix(storage: shifted, start: start, row: 1, column: size.k)
    return product(size.m, size.n, size.k, x, y)
  }

  /// More shapes than are kept, by several threads at once: the same bits each time, wherever the numbers lie.
  @Test(.enabled(if: ck_has_library())) func sameBitsFromManyThreads() {
    let sizes = (0..<300).map { i in (m: 24 + i % 70, n: 17 + i / 70, k: 9 + i % 50) }
    let numbers = Tensor.randomUniform([100 * 100], in: -1..<1, key: RandomKey(seed: 3)).floats
    let first = sizes.map { Self.product(numbers, $0, start: 0) }
    #expect(!first.contains(nil))
    DispatchQueue.concurrentPerform(iterations: 4 * sizes.count) { i in
      // Neighbours in time are often of one shape.
      if Self.product(numbers, sizes[i / 4], start: i % 4) != first[i / 4] { Issue.record("\(sizes[i / 4]) differs") }
    }
  }

  /// OpenMP's number of threads is what it was, for whoever else uses it.
  @Test(.enabled(if: ck_has_library())) func hostKeepsItsThreads() {
    typealias Get = @convention(c) () -> Int32
    typealias Set = @convention(c) (Int32) -> Void
    let handle = dlopen(nil, RTLD_NOW)
    guard let get = dlsym(handle, "omp_get_max_threads"), let set = dlsym(handle, "omp_set_num_threads") else { return }
    let threads = unsafeBitCast(get, to: Get.self)
    let before = threads()
    unsafeBitCast(set, to: Set.self)(3)
    let x: Matrix = MatmulTests.matrix(64, 64, .dense, seed: 1)
    #expect(Self.product(64, 64, 64, x, x) != nil)
    #expect(threads() == 3)
    unsafeBitCast(set, to: Set.self)(before)
  }
}
