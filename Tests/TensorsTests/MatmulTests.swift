import CKernels
import Testing

@testable import Tensors

/// Matrix products against three plain loops.
@Suite struct MatmulTests {
  /// How a matrix lies in memory.
  enum Layout: CaseIterable { case dense, transposed, everySecond, reversed, sameRow }

  struct Matrix<T> {
    var storage: [T]
    var start = 0
    var (row, column) = (0, 0)
    func at(_ i: Int, _ j: Int) -> T { storage[start + i * row + j * column] }
  }

  static func matrix<T: BinaryFloatingPoint>(_ m: Int, _ n: Int, _ layout: Layout, seed: UInt64) -> Matrix<T> {
    var numbers = RandomKey(seed: seed).makeGenerator()
    let storage = (0..<Swift.max(4 * m * n, 1)).map { _ in T(numbers.below(17) - 8) }
    switch layout {
    case .dense: return Matrix(storage: storage, row: n, column: 1)
    case .transposed: return Matrix(storage: storage, row: 1, column: m)
    case .everySecond: return Matrix(storage: storage, start: m * n, row: 2 * n, column: 2)
    case .reversed: return Matrix(storage: storage, start: Swift.max(m * n - 1, 0), row: -n, column: -1)
    case .sameRow: return Matrix(storage: storage, row: 0, column: 1)
    }
  }

  static func check<T: BinaryFloatingPoint>(
    _ type: CKType, _ set: CKInstructionSet, _ size: (m: Int, n: Int, k: Int), _ a: Layout, _ b: Layout, as: T.Type
  ) -> Bool where T: BitwiseCopyable {
    let (m, n, k) = size
    let x: Matrix<T> = matrix(m, k, a, seed: 1)
    let y: Matrix<T> = matrix(k, n, b, seed: 2)
    // One number more, to see a write beyond the end.
    var out = [T](repeating: 77, count: m * n + 1)
    x.storage.withUnsafeBufferPointer { xs in
      y.storage.withUnsafeBufferPointer { ys in
        ck_matmul_with(
          set, type, m, n, k, xs.baseAddress! + x.start, x.row, x.column, ys.baseAddress! + y.start, y.row, y.column,
          1, nil, 0, &out, n)
      }
    }
    guard out[m * n] == 77 else { return false }
    for i in 0..<m {
      for j in 0..<n {
        // Small whole numbers: every order of summation is exact.
        var sum: T = 0
        for p in 0..<k { sum += x.at(i, p) * y.at(p, j) }
        guard out[i * n + j] == sum else { return false }
      }
    }
    return true
  }

  static let sets: [CKInstructionSet] = [.portable, .AVX2, .AVX512].filter { ck_has($0) }
  static let sizes = [0, 1, 2, 5, 12, 13, 24, 32, 33, 40]

  @Test(arguments: sets) func allSizes(_ set: CKInstructionSet) {
    for m in Self.sizes {
      for n in Self.sizes {
        for k in Self.sizes {
          let layouts = Layout.allCases
          // All pairs of layouts take turns over the sizes; each size sees several.
          for turn in 0..<4 {
            let pick = (m * 7 + n * 3 + k + turn * 6) % 25
            let (a, b) = (layouts[pick / 5], layouts[pick % 5])
            #expect(
              Self.check(.float32, set, (m, n, k), a, b, as: Float.self), "float32 \(m) × \(k) × \(n), \(a) · \(b)")
            #expect(
              Self.check(.float64, set, (m, n, k), a, b, as: Double.self), "float64 \(m) × \(k) × \(n), \(a) · \(b)")
          }
        }
      }
    }
  }

  @Test(arguments: sets) func allLayouts(_ set: CKInstructionSet) {
    for size in [(257, 13, 33), (13, 257, 5), (5, 33, 257), (49, 65, 513), (1, 257, 257), (257, 1, 257)] {
      for a in Layout.allCases {
        for b in Layout.allCases {
          #expect(Self.check(.float32, set, size, a, b, as: Float.self), "float32 \(size), \(a) · \(b)")
          #expect(Self.check(.float64, set, size, a, b, as: Double.self), "float64 \(size), \(a) · \(b)")
        }
      }
    }
  }

  @Test func batchesBroadcast() {
    let x = Tensor.arange(2 * 3 * 4, .float64).reshaped([2, 1, 3, 4])
    let y = Tensor.arange(5 * 4 * 2, .float64).reshaped([5, 4, 2])
    let z = matmul(x, y)
    #expect(z.shape == [2, 5, 3, 2])
    for i in 0..<2 {
      for j in 0..<5 {
        #expect(z[i, j].doubles == matmul(x[i, 0], y[j]).doubles)
        #expect(matmul(y.transposed(), x.transposed())[i, j].doubles == z[i, j].transposed().doubles)
      }
    }
    #expect(matmul(x, y[0]).doubles == matmul(x, y[..<1]).doubles)
    #expect(matmul(x[0, 0, 0], y).shape == [5, 2])
    #expect(matmul(y.transposed(), x[0, 0, 0]).shape == [5, 2])
  }

  @Test func infinitiesAndNaN() {
    let x = Tensor([[1, .infinity], [0, .nan]], .float64)
    let z = matmul(x, Tensor([[1, 0], [1, 0]], .float64)).doubles
    #expect(z[0] == .infinity && z[1].isNaN && z[2].isNaN && z[3].isNaN)
  }
}
