import Testing

@testable import Tensors

/// Sums, differences and products that run two in a pass: each is rounded by itself, as Swift's own arithmetic does it.
@Suite struct PairedOperationsTests {
  private enum Function: CaseIterable {
    case add, subtract, multiply

    func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
      switch self {
      case .add: x + y
      case .subtract: x - y
      case .multiply: x * y
      }
    }

    func callAsFunction<T: FloatingPoint>(_ x: T, _ y: T) -> T {
      switch self {
      case .add: x + y
      case .subtract: x - y
      case .multiply: x * y
      }
    }
  }

  private static let numbers = 3001

  /// An operand: a row, or a single number.
  private static func operand(_ index: Int, isSingle: Bool, _ type: ScalarType) -> Tensor {
    Tensor.randomNormal(isSingle ? [] : [numbers], key: RandomKey(seed: 8)[index], type)
  }

  private static func expected<T: FloatingPoint>(
    _ first: Function, _ second: Function, _ isSecondOperand: Bool, _ operands: [[T]]
  ) -> [T] {
    let count = operands.map(\.count).max() ?? 0
    return (0..<count).map { i in
      let values = operands.map { $0.count == 1 ? $0[0] : $0[i] }
      let before = first(values[0], values[1])
      return isSecondOperand ? second(values[2], before) : second(before, values[2])
    }
  }

  /// Every pair, with each operand a row or a single number, and the first result on either side of the second operation.
  @Test(arguments: [ScalarType.float32, .float64])
  func everyPairAgreesWithPlainArithmetic(type: ScalarType) {
    for first in Function.allCases {
      for second in Function.allCases {
        for (singles, isSecondOperand) in (0..<8).flatMap({ [($0, false), ($0, true)] }) {
          let operands = (0..<3).map { Self.operand($0, isSingle: singles >> $0 & 1 == 1, type) }
          let both = compiled { (a: Tensor, b: Tensor, c: Tensor) -> Tensor in
            let before = first(a, b)
            return isSecondOperand ? second(c, before) : second(before, c)
          }
          let found = both(operands[0], operands[1], operands[2])
          let name = "\(first) \(second) \(singles) \(isSecondOperand)"
          if type == .float32 {
            let floats: [[Float]] = operands.map { $0.floats }
            #expect(found.floats == Self.expected(first, second, isSecondOperand, floats), "\(name)")
          } else {
            let doubles: [[Double]] = operands.map { $0.doubles }
            #expect(found.doubles == Self.expected(first, second, isSecondOperand, doubles), "\(name)")
          }
        }
      }
    }
  }

  /// What is used twice is not hidden in a pair; a square is a product.
  @Test func whatIsUsedTwiceIsKept() {
    let x = Self.operand(0, isSingle: false, .float64)
    let twice = compiled { (x: Tensor) -> Tensor in
      let product = x * 3
      return product - x * product
    }
    let squares = compiled { (x: Tensor) -> Tensor in square(x) * 0.5 + square(x + 1) }
    var products: [Double] = []
    var sums: [Double] = []
    for value in x.doubles {
      let product = value * 3
      products.append(product - value * product)
      let next = value + 1
      let half = value * value * 0.5
      sums.append(half + next * next)
    }
    #expect(twice(x).doubles == products)
    #expect(squares(x).doubles == sums)
  }

  /// Every pair, with each operand whole or a row that is repeated: rows whose vectors stay in registers, and one that has none, for
  /// one tile and for many, alone and beside other rows for the next task.
  @Test(arguments: [[23, 64], [400, 32], [100, 24], [2, 90, 48], [20, 128]])
  func rowsThatAreRepeated(_ shape: Shape) {
    let row = shape.dropLast().map { shape.count == 3 && $0 == 2 ? 2 : 1 } + [shape[shape.count - 1]]
    for type in [ScalarType.float32, .float64] {
      for first in Function.allCases {
        for second in Function.allCases {
          for (rows, isSecondOperand) in (0..<7).flatMap({ [($0, false), ($0, true)] }) {
            let operands = (0..<3).map {
              Tensor.randomNormal(rows >> $0 & 1 == 1 ? row : shape, key: RandomKey(seed: 9)[$0], type)
            }
            let found = Program(like: operands) { given in
              let before = first(given[0], given[1])
              let both = isSecondOperand ? second(given[2], before) : second(before, given[2])
              return [both, tanh(both) * given[0]]
            }.run(operands)
            let whole = operands.map { $0.broadcast(to: shape).doubles }
            let name = "\(first) \(second) \(rows) \(isSecondOperand) \(type)"
            let single = type == .float32
            let expected =
              single
              ? Self.expected(first, second, isSecondOperand, whole.map { $0.map(Float.init) }).map(Double.init)
              : Self.expected(first, second, isSecondOperand, whole)
            #expect(found[0].doubles == expected, "\(name)")
            let product = (tanh(found[0]).evaluated() * operands[0].broadcast(to: shape)).doubles
            #expect(found[1].doubles == product, "\(name)")
          }
        }
      }
    }
  }

  /// A ReLU or a square of a sum, and a product with a comparison, in one pass: the bits of plain arithmetic, for whole operands, single
  /// numbers and rows, and for numbers that are none, infinite, or zeros of either sign.
  @Test(arguments: [ScalarType.float32, .float64], [[23, 64], [7, 24]])
  func whatComesAfterASum(type: ScalarType, shape: Shape) {
    let odd: [Double] = [.nan, .infinity, -.infinity, 0, -0.0, 1, -1, 2]
    let count = shape.elementCount
    for (firstShape, secondShape) in [
      (shape, shape), (shape, [shape[1]]), ([shape[1]], shape), (shape, []), ([], shape),
    ] {
      func operand(_ own: Shape, _ index: Int) -> Tensor {
        let normal = Tensor.randomNormal(own, key: RandomKey(seed: 10)[index], .float64).doubles
        let numbers = own.isEmpty ? [0.5] : normal.enumerated().map { $0 % 3 == 0 ? odd[$0 / (3 + index) % 8] : $1 }
        return Tensor(numbers, shape: own, type)
      }
      let operands = [operand(firstShape, 0), operand(secondShape, 1), operand(shape, 2)]
      func results(_ given: [Tensor]) -> [Tensor] {
        let (a, b, c) = (given[0], given[1], given[2])
        return [relu(a + b), square(a - b), relu(a * b), (a .< b).cast(to: type) * c, c * (a .> b).cast(to: type)]
      }
      let found = Program(like: operands, results).run(operands).map { $0.doubles.map(\.bitPattern) }
      // One operation after the other, each in a pass of its own.
      let (a, b, c) = (operands[0], operands[1], operands[2])
      let (sum, difference, product) = ((a + b).evaluated(), (a - b).evaluated(), (a * b).evaluated())
      let (less, more) = ((a .< b).cast(to: type).evaluated(), (a .> b).cast(to: type).evaluated())
      let expected = [relu(sum), square(difference), relu(product), less * c, c * more]
      for (index, (one, other)) in zip(found, expected).enumerated() {
        let numbers = other.broadcast(to: shape).doubles
        #expect(one.count == count && numbers.contains { $0 != 0 })
        #expect(
          zip(one, numbers).allSatisfy { $0 == $1.bitPattern || Double(bitPattern: $0).isNaN && $1.isNaN }, "\(index)")
      }
    }
  }
}
