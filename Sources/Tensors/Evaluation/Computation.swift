import CKernels

/// Runs kernel calls at once, each on storage of its own: plain evaluation.
struct Computation: KernelSink {
  private var storages: [Storage]
  var precision: ProductPrecision { .full }

  /// Computes one primitive on evaluated inputs.
  static func compute(
    _ primitive: Primitive, _ inputs: [(view: View, shape: Shape, scalarType: ScalarType)], shape: Shape,
    scalarType: ScalarType
  ) -> View {
    switch primitive {
    case .constant(let value):
      let storage = Storage(byteCount: scalarType.byteCount)
      storage.fill(with: value, scalarType)
      return View(storage: storage, strides: [Int](repeating: 0, count: shape.count))
    case .iota(let axis):
      let storage = Storage(byteCount: shape[axis] * scalarType.byteCount)
      storage.count(upTo: shape[axis], scalarType)
      var strides = [Int](repeating: 0, count: shape.count)
      strides[axis] = 1
      return View(storage: storage, strides: strides)
    case .part(let index): return inputs[0].view.parts[index]
    default:
      var computation = Computation(storages: inputs.map(\.view.storage))
      let locations = inputs.enumerated().map { buffer, input in
        Location(
          buffer: buffer, offset: input.view.offset, strides: input.view.strides, shape: input.shape,
          scalarType: input.scalarType)
      }
      let result = computation.lower(primitive, locations, shape: shape, scalarType: scalarType)
      return computation.view(of: result)
    }
  }

  private func view(of location: Location) -> View {
    View(
      storage: storages[location.buffer], offset: location.offset, strides: location.strides,
      parts: location.parts.compactMap { $0.map(view(of:)) })
  }

  /// The same numbers, lying densely.
  static func dense(_ view: View, shape: Shape, scalarType: ScalarType) -> View {
    let location = Location(
      buffer: 0, offset: view.offset, strides: view.strides, shape: shape, scalarType: scalarType)
    if location.isDense { return View(storage: view.storage, offset: view.offset) }
    var computation = Computation(storages: [view.storage])
    let out = computation.makeArray(shape, scalarType)
    computation.call(KernelCall(kind: .copy, operands: [location], out: out))
    return View(storage: computation.storages[out.buffer])
  }

  private init(storages: [Storage]) { self.storages = storages }

  mutating func makeArray(_ shape: Shape, _ type: ScalarType) -> Location {
    storages.append(Storage(byteCount: shape.elementCount * type.byteCount))
    return Location(buffer: storages.count - 1, shape: shape, scalarType: type)
  }

  mutating func addKnown(_ view: View, _ shape: Shape, _ type: ScalarType) -> Location {
    storages.append(view.storage)
    return Location(
      buffer: storages.count - 1, offset: view.offset, strides: view.strides, shape: shape, scalarType: type)
  }

  mutating func call(_ kernel: KernelCall) {
    let pins = PinnedArrays()
    var step = kernel.packed(pins) { (base: $0, offset: 0) }
    let bases: [UnsafeMutableRawPointer?] = storages.map(\.bytes)
    var failure = ck_failure()
    let failed =
      Profile.isOn ? Profile.shared.run(&step, of: kernel, bases, &failure) : ck_run(nil, 1, &step, bases, &failure)
    if failed >= 0 { failure.stopForIndex() }
    withExtendedLifetime((pins, storages)) {}
  }
}

extension Storage {
  fileprivate func fill(with value: Double, _ type: ScalarType) {
    switch type {
    case .float32: bytes.storeBytes(of: Float(value), as: Float.self)
    case .float64: bytes.storeBytes(of: value, as: Double.self)
    case .int32: bytes.storeBytes(of: Int32(value), as: Int32.self)
    case .bool: bytes.storeBytes(of: value != 0, as: Bool.self)
    }
  }

  fileprivate func count(upTo count: Int, _ type: ScalarType) {
    switch type {
    case .float32: for i in 0..<count { bytes.storeBytes(of: Float(i), toByteOffset: 4 * i, as: Float.self) }
    case .float64: for i in 0..<count { bytes.storeBytes(of: Double(i), toByteOffset: 8 * i, as: Double.self) }
    case .int32: for i in 0..<count { bytes.storeBytes(of: Int32(i), toByteOffset: 4 * i, as: Int32.self) }
    case .bool: preconditionFailure("bool tensors do not count")
    }
  }
}
