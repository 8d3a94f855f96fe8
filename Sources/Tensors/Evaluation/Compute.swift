import CKernels

/// An input of a computation: where its numbers lie, and what they are.
struct Operand {
  var view: View
  var shape: Shape
  var scalarType: ScalarType

  /// The same numbers, lying densely. Where that takes a copy, only the result holds it: extend its lifetime over the
  /// use of its pointer.
  var dense: Operand {
    guard let strides = view.strides else { return self }
    if strides == shape.denseStrides {
      return Operand(view: View(storage: view.storage, offset: view.offset), shape: shape, scalarType: scalarType)
    }
    let storage = Storage(byteCount: shape.elementCount * scalarType.byteCount)
    copy(to: storage.bytes, strides: nil)
    return Operand(view: View(storage: storage), shape: shape, scalarType: scalarType)
  }

  func copy(to place: UnsafeMutableRawPointer, strides: [Int]?) {
    withPointer(view.strides) { from in
      withPointer(strides) { to in
        ck_copy(scalarType.code, Int32(shape.count), shape, pointer, from, place, to)
      }
    }
  }

  var pointer: UnsafeMutableRawPointer { view.pointer(scalarType) }
  var strides: [Int] { view.strides ?? shape.denseStrides }
}

private func withPointer<Result>(_ strides: [Int]?, _ body: (UnsafePointer<Int>?) -> Result) -> Result {
  guard let strides else { return body(nil) }
  return strides.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// Runs one primitive: the only place where kernels are called.
func compute(_ primitive: Primitive, _ operands: [Operand], shape: Shape, scalarType: ScalarType) -> View {
  let rank = Int32(shape.count)
  let type = scalarType.code
  func makeStorage() -> Storage { Storage(byteCount: shape.elementCount * scalarType.byteCount) }

  switch primitive {
  case .source, .placeholder:
    preconditionFailure("a leaf holds its value and is never computed")

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

  case .random(let kind, let path):
    let storage = makeStorage()
    let words = operands[0].dense
    let origin = withExtendedLifetime(words) {
      let words = words.pointer.assumingMemoryBound(to: UInt32.self)
      return UInt64(words[0]) | UInt64(words[1]) << 32
    }
    let key = path.reduce(origin) { RandomKey.child($1, of: $0) }
    switch kind {
    case .uniform: ck_random_uniform(type, key, shape.elementCount, storage.bytes)
    case .normal: ck_random_normal(type, key, shape.elementCount, storage.bytes)
    case .permutation:
      ck_random_permutation(key, shape.elementCount, storage.bytes.assumingMemoryBound(to: Int32.self))
    }
    return View(storage: storage)

  case .variable, .stopGradient:
    return operands[0].view

  case .unary(let function):
    let storage = makeStorage()
    let x = operands[0]
    withPointer(x.view.strides) { ck_unary(function, type, rank, shape, x.pointer, $0, storage.bytes) }
    return View(storage: storage)

  case .binary(let function):
    let storage = makeStorage()
    let (x, y) = (operands[0], operands[1])
    withPointer(x.view.strides) { xs in
      withPointer(y.view.strides) { ys in
        ck_binary(function, type, rank, shape, x.pointer, xs, y.pointer, ys, storage.bytes)
      }
    }
    return View(storage: storage)

  case .compare(let function):
    let storage = makeStorage()
    let (x, y) = (operands[0], operands[1])
    withPointer(x.view.strides) { xs in
      withPointer(y.view.strides) { ys in
        ck_compare(
          function, x.scalarType.code, rank, shape, x.pointer, xs, y.pointer, ys,
          storage.bytes.assumingMemoryBound(to: Bool.self))
      }
    }
    return View(storage: storage)

  case .select:
    let storage = makeStorage()
    let (mask, x, y) = (operands[0], operands[1], operands[2])
    withPointer(mask.view.strides) { ms in
      withPointer(x.view.strides) { xs in
        withPointer(y.view.strides) { ys in
          ck_select(
            type, rank, shape, mask.pointer.assumingMemoryBound(to: Bool.self), ms, x.pointer, xs, y.pointer, ys,
            storage.bytes)
        }
      }
    }
    return View(storage: storage)

  case .cast:
    let storage = makeStorage()
    let x = operands[0].dense
    defer { withExtendedLifetime(x) {} }
    ck_cast(x.scalarType.code, type, shape.elementCount, x.pointer, storage.bytes)
    return View(storage: storage)

  case .broadcast: return operands[0].broadcast(to: shape)
  case .reshape: return operands[0].reshaped(to: shape)

  case .transpose(let axes):
    let strides = operands[0].strides
    return View(storage: operands[0].view.storage, offset: operands[0].view.offset, strides: axes.map { strides[$0] })

  case .slice(let starts, let steps):
    let strides = operands[0].strides
    var view = operands[0].view
    for axis in starts.indices { view.offset += starts[axis] * strides[axis] }
    view.strides = zip(strides, steps).map(*)
    return view

  case .unslice(let starts, let steps):
    let storage = makeStorage()
    storage.bytes.initializeMemory(as: UInt8.self, repeating: 0, count: storage.byteCount)
    let strides = shape.denseStrides
    let offset = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    operands[0].copy(to: storage.bytes + offset * scalarType.byteCount, strides: zip(strides, steps).map(*))
    return View(storage: storage)

  case .concatenate(let axis):
    let storage = makeStorage()
    let strides = shape.denseStrides
    var start = 0
    for operand in operands {
      operand.copy(to: storage.bytes + start * strides[axis] * scalarType.byteCount, strides: strides)
      start += operand.shape[axis]
    }
    return View(storage: storage)

  case .reduce(let function, let axes):
    let storage = makeStorage()
    let x = operands[0]
    let reduced = x.shape.indices.map { axes.contains($0) }
    withPointer(x.view.strides) {
      ck_reduce(function, type, Int32(x.shape.count), x.shape, x.pointer, $0, reduced, storage.bytes)
    }
    return View(storage: storage)

  case .argument(let greatest, let axis):
    let storage = makeStorage()
    let x = operands[0].dense
    defer { withExtendedLifetime(x) {} }
    ck_argument(
      greatest, x.scalarType.code, x.shape[..<axis].reduce(1, *), x.shape[axis], x.shape[(axis + 1)...].reduce(1, *),
      x.pointer, storage.bytes.assumingMemoryBound(to: Int32.self))
    return View(storage: storage)

  case .matmul:
    let storage = makeStorage()
    multiply(operands[0], operands[1], into: storage.bytes, shape: shape, scalarType: scalarType)
    return View(storage: storage)

  case .gather(let axis):
    let storage = makeStorage()
    let (x, indices) = (operands[0].dense, operands[1].dense)
    defer { withExtendedLifetime((x, indices)) {} }
    let wrong = ck_gather(
      scalarType.byteCount, x.shape[..<axis].reduce(1, *), x.shape[axis], x.shape[(axis + 1)...].reduce(1, *),
      x.pointer, indices.pointer.assumingMemoryBound(to: Int32.self), indices.shape.elementCount, storage.bytes)
    indices.check(wrong, below: x.shape[axis], in: "gather")
    return View(storage: storage)

  case .scatterAdd(let axis):
    let storage = makeStorage()
    let (x, indices) = (operands[0].dense, operands[1].dense)
    defer { withExtendedLifetime((x, indices)) {} }
    let wrong = ck_scatter_add(
      type, shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *), x.pointer,
      indices.pointer.assumingMemoryBound(to: Int32.self), indices.shape.elementCount, storage.bytes)
    indices.check(wrong, below: shape[axis], in: "scatterAdd")
    return View(storage: storage)
  }
}

extension Operand {
  fileprivate func check(_ wrong: Int, below count: Int, in operation: String) {
    guard wrong >= 0 else { return }
    let index = pointer.assumingMemoryBound(to: Int32.self)[wrong]
    stop("\(operation): index \(index) at position \(wrong) is out of range 0..<\(count)")
  }

  fileprivate func broadcast(to shape: Shape) -> View {
    var strides = [Int](repeating: 0, count: shape.count)
    let own = self.strides
    let added = shape.count - own.count
    for axis in own.indices where self.shape[axis] != 1 { strides[added + axis] = own[axis] }
    return View(storage: view.storage, offset: view.offset, strides: strides)
  }

  /// Finds strides for the new shape where there are any, and copies where there are none.
  fileprivate func reshaped(to newShape: Shape) -> View {
    guard let strides = view.strides else { return view }
    var result = [Int](repeating: 0, count: newShape.count)
    let old = shape.indices.filter { shape[$0] != 1 }
    var (i, j) = (0, 0)
    guard shape.elementCount > 0 else { return dense.view }
    while i < old.count || j < newShape.count {
      if j < newShape.count, newShape[j] == 1 {
        j += 1
        continue
      }
      // A group of old axes and a group of new ones with the same product; the old ones must lie evenly.
      var (iEnd, jEnd) = (i + 1, j + 1)
      var (oldProduct, newProduct) = (shape[old[i]], newShape[j])
      while oldProduct != newProduct {
        if oldProduct < newProduct {
          oldProduct *= shape[old[iEnd]]
          iEnd += 1
        } else {
          newProduct *= newShape[jEnd]
          jEnd += 1
        }
      }
      for k in i..<(iEnd - 1) where strides[old[k]] != strides[old[k + 1]] * shape[old[k + 1]] { return dense.view }
      var step = strides[old[iEnd - 1]]
      for k in stride(from: jEnd - 1, through: j, by: -1) {
        result[k] = step
        step *= newShape[k]
      }
      (i, j) = (iEnd, jEnd)
    }
    return View(storage: view.storage, offset: view.offset, strides: result)
  }
}

/// A product for each element of the batch axes; transposed operands are read in place.
private func multiply(
  _ x: Operand, _ y: Operand, into out: UnsafeMutableRawPointer, shape: Shape, scalarType: ScalarType
) {
  let batchRank = shape.count - 2
  let (m, n, k) = (shape[batchRank], shape[batchRank + 1], x.shape[batchRank + 1])
  let (xs, ys) = (x.strides, y.strides)
  let size = scalarType.byteCount
  var index = [Int](repeating: 0, count: batchRank)
  var (from, other) = (0, 0)
  for product in 0..<shape[..<batchRank].reduce(1, *) {
    ck_matmul(
      scalarType.code, m, n, k, x.pointer + from * size, xs[batchRank], xs[batchRank + 1], y.pointer + other * size,
      ys[batchRank], ys[batchRank + 1], out + product * m * n * size)
    for axis in stride(from: batchRank - 1, through: 0, by: -1) {
      index[axis] += 1
      from += xs[axis]
      other += ys[axis]
      if index[axis] < shape[axis] { break }
      from -= xs[axis] * shape[axis]
      other -= ys[axis] * shape[axis]
      index[axis] = 0
    }
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
