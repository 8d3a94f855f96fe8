/// An immutable array of numbers of one type, with any number of axes, evaluated when it is read.
///
/// Operations on tensors build a graph of what is to be computed; reading a value (`scalars()`, `item()`, printing)
/// computes it. The graph is also what `gradient`, `jvp` and the other transforms walk, so anything computed from
/// tensors can be differentiated, to any order, with nothing to switch on.
///
/// ```swift
/// let x = Tensor([1, 2, 3])
/// let y = (x * x).sum()
/// print(y.item())                              // 14.0
/// print(gradient(at: x) { ($0 * $0).sum() })   // [2. 4. 6.]
/// ```
///
/// Shapes broadcast by NumPy's rules. Scalar types never mix by themselves: use `cast(to:)`. A tensor may be read by
/// several threads.
public struct Tensor: Sendable {
  let node: Node

  init(_ node: Node) { self.node = node }

  init(_ primitive: Primitive, _ inputs: [Tensor], shape: Shape, scalarType: ScalarType) {
    Tensor.check(shape)
    node = Node.make(primitive, inputs.map(\.node), shape: shape, scalarType: scalarType)
  }

  private static func check(_ shape: Shape) {
    guard shape.allSatisfy({ $0 >= 0 }) else { stop("a tensor cannot have the shape \(shape), with a negative size") }
    guard shape.count <= greatestRank else {
      stop("a tensor can have at most \(greatestRank) axes; one of shape \(shape) was asked for")
    }
  }

  /// The most axes that a tensor can have.
  public static let greatestRank = 12

  /// The sizes of the axes.
  public var shape: Shape { node.shape }
  /// The type of the numbers.
  public var scalarType: ScalarType { node.scalarType }
  /// The number of axes.
  public var rank: Int { node.shape.count }
  /// The number of elements.
  public var count: Int { node.shape.elementCount }
}

// MARK: - Creation

extension Tensor {
  /// A tensor of a shape with these values in row-major order.
  public init<S: TensorScalar>(_ values: [S], shape: Shape) {
    Tensor.check(shape)
    guard values.count == shape.elementCount else {
      stop("a tensor of shape \(shape) has \(shape.elementCount) elements, but \(values.count) values were given")
    }
    let storage = Storage(byteCount: values.count * MemoryLayout<S>.stride)
    values.withUnsafeBytes { if $0.count > 0 { storage.bytes.copyMemory(from: $0.baseAddress!, byteCount: $0.count) } }
    self.init(Node(.source, [], shape: shape, scalarType: S.scalarType, view: View(storage: storage)))
  }

  /// A tensor of a shape whose float32 values are written by a closure, without an array in between.
  public init(
    shape: Shape, initializingWith write: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    Tensor.check(shape)
    let storage = Storage(byteCount: shape.elementCount * 4)
    let values = storage.bytes.bindMemory(to: Float.self, capacity: shape.elementCount)
    try write(UnsafeMutableBufferPointer(start: values, count: shape.elementCount))
    self.init(Node(.source, [], shape: shape, scalarType: .float32, view: View(storage: storage)))
  }

  /// A tensor with one axis.
  public init<S: TensorScalar>(_ values: [S]) { self.init(values, shape: [values.count]) }

  /// A tensor with two axes; every row must have the same length.
  public init<S: TensorScalar>(_ rows: [[S]]) {
    let width = rows.first?.count ?? 0
    if let ragged = rows.firstIndex(where: { $0.count != width }) {
      stop("row 0 has \(width) values, but row \(ragged) has \(rows[ragged].count)")
    }
    self.init(Array(rows.joined()), shape: [rows.count, width])
  }

  /// A float32 tensor with one axis, for literals: `Tensor([1, 2.5])`.
  public init(_ values: [Double], _ type: ScalarType = .float32) {
    self = Tensor(values, shape: [values.count], type)
  }

  /// A float32 tensor with two axes, for literals: `Tensor([[1, 2], [3, 4]])`.
  public init(_ rows: [[Double]], _ type: ScalarType = .float32) {
    let twice: Tensor = Tensor(rows as [[Double]], exactly: ())
    self = twice.cast(to: type)
  }

  /// A tensor of a shape and scalar type with these values in row-major order.
  public init(_ values: [Double], shape: Shape, _ type: ScalarType = .float32) {
    switch type {
    case .float32: self.init(values.map { Float($0) }, shape: shape)
    case .float64: self.init(exactly: values, shape: shape)
    case .int32: self.init(values.map(Tensor.whole), shape: shape)
    case .bool: self.init(values.map { $0 != 0 }, shape: shape)
    }
  }

  private init(_ rows: [[Double]], exactly: ()) {
    func generic<S: TensorScalar>(_ rows: [[S]]) -> Tensor { Tensor(rows) }
    self = generic(rows)
  }

  private init(exactly values: [Double], shape: Shape) {
    func generic<S: TensorScalar>(_ values: [S]) -> Tensor { Tensor(values, shape: shape) }
    self = generic(values)
  }

  /// A tensor without axes.
  public init(_ value: Double, _ type: ScalarType = .float32) {
    self = .full([], value, type)
  }

  /// The same value everywhere.
  public static func full(_ shape: Shape, _ value: Double, _ type: ScalarType = .float32) -> Tensor {
    // As the type holds it, so that constants that are folded give what computing with them would.
    let held =
      switch type {
      case .float32: Double(Float(value))
      case .float64: value
      case .int32: Double(whole(value))
      case .bool: value != 0 ? 1.0 : 0
      }
    return Tensor(.constant(held), [], shape: shape, scalarType: type)
  }

  /// A number as int32, which must be able to hold it: cutting fractions off in silence would make `x * 0.5` zero.
  private static func whole(_ value: Double) -> Int32 {
    guard let exact = Int32(exactly: value) else { stop("\(value) is not a number that an int32 tensor can hold") }
    return exact
  }

  /// Zeros.
  public static func zeros(_ shape: Shape, _ type: ScalarType = .float32) -> Tensor { full(shape, 0, type) }

  /// Ones.
  public static func ones(_ shape: Shape, _ type: ScalarType = .float32) -> Tensor { full(shape, 1, type) }

  /// Zeros of the shape and type of another tensor.
  public static func zeros(like other: Tensor) -> Tensor { zeros(other.shape, other.scalarType) }

  /// Ones of the shape and type of another tensor.
  public static func ones(like other: Tensor) -> Tensor { ones(other.shape, other.scalarType) }

  /// The numbers 0, 1, …, `count` − 1.
  public static func arange(_ count: Int, _ type: ScalarType = .float32) -> Tensor {
    iota([count], axis: 0, type)
  }

  /// The numbers from `start` by steps of `step`, up to `end`, which is left out.
  public static func arange(_ start: Double, _ end: Double, by step: Double = 1, _ type: ScalarType = .float32)
    -> Tensor
  {
    guard step != 0 else { stop("arange: the step is zero") }
    return Tensor(Array(stride(from: start, to: end, by: step)), type)
  }

  /// `count` evenly spaced numbers from `start` to `end`, both included.
  public static func linspace(_ start: Double, _ end: Double, count: Int, _ type: ScalarType = .float32) -> Tensor {
    let values = (0..<count).map { i in
      i == count - 1 && count > 1 ? end : start + (end - start) * Double(i) / Double(Swift.max(count - 1, 1))
    }
    return Tensor(values, type)
  }

  /// The identity matrix of a size.
  public static func identity(_ size: Int, _ type: ScalarType = .float32) -> Tensor {
    (iota([size, size], axis: 0, .int32) .== iota([size, size], axis: 1, .int32)).cast(to: type)
  }

  static func iota(_ shape: Shape, axis: Int, _ type: ScalarType) -> Tensor {
    guard type != .bool else { stop("a bool tensor cannot count; count in int32 and compare") }
    return Tensor(.iota(axis: axis), [], shape: shape, scalarType: type)
  }
}

// MARK: - Reading

extension Tensor {
  /// Computes the value now; without it, that happens when the value is first read.
  @discardableResult
  public func evaluated() -> Tensor {
    evaluatePending([node])
    return self
  }

  /// The elements in row-major order, as the Swift type `S` that matches `scalarType`.
  public func scalars<S: TensorScalar>(as type: S.Type = S.self) -> [S] {
    guard S.scalarType == scalarType else {
      stop("a tensor of \(scalarType) cannot be read as \(S.self); cast it to \(S.scalarType) first")
    }
    return withDenseBytes { bytes in
      Array(UnsafeBufferPointer(start: bytes.baseAddress?.assumingMemoryBound(to: S.self), count: count))
    }
  }

  /// The elements in row-major order as float32, whatever their type.
  public var floats: [Float] { cast(to: .float32).scalars() }

  /// The elements in row-major order as float64, whatever their type.
  public var doubles: [Double] { cast(to: .float64).scalars() }

  /// The value of a tensor with one element.
  public func item() -> Double {
    guard count == 1 else { stop("item() reads a tensor with one element; this one has the shape \(shape)") }
    // Read as it lies: losses are read in every step, and a cast would be a graph of its own.
    return withDenseBytes { bytes in
      switch scalarType {
      case .float32: Double(bytes.loadUnaligned(as: Float.self))
      case .float64: bytes.loadUnaligned(as: Double.self)
      case .int32: Double(bytes.loadUnaligned(as: Int32.self))
      case .bool: bytes[0] != 0 ? 1 : 0
      }
    }
  }

  /// Calls a closure with the bytes of the elements in row-major order.
  package func withDenseBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    if node.isPending { evaluatePending([node]) }
    guard let view = node.view else { preconditionFailure("evaluated tensors have a value") }
    let dense = view.strides == nil ? view : Computation.dense(view, shape: shape, scalarType: scalarType)
    return try withExtendedLifetime(dense.storage) {
      try body(UnsafeRawBufferPointer(start: dense.pointer(scalarType), count: count * scalarType.byteCount))
    }
  }

  /// The stack of evaluated tensors of one shape and type along a new first axis, copied at once: for data that goes into
  /// a program, where a graph of small copies would cost more than they do.
  package static func stackedCopy(of count: Int, _ tensor: (Int) -> Tensor) -> Tensor {
    let first = tensor(0)
    let (shape, type) = (first.shape, first.scalarType)
    let size = first.count * type.byteCount
    let storage = Storage(byteCount: size * count)
    for index in 0..<count {
      let tensor = tensor(index)
      guard tensor.shape == shape, tensor.scalarType == type else {
        stop("tensors of different shapes or types cannot be stacked: \(shape) and \(tensor.shape)")
      }
      tensor.withDenseBytes { bytes in
        if let start = bytes.baseAddress { (storage.bytes + index * size).copyMemory(from: start, byteCount: size) }
      }
    }
    return Tensor(Node(.source, [], shape: [count] + shape, scalarType: type, view: View(storage: storage)))
  }

  /// Computes several tensors at once, sharing the work that they have in common.
  public static func evaluate(_ tensors: [Tensor]) { evaluatePending(tensors.map(\.node)) }
}
