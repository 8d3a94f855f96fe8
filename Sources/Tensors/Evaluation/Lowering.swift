import CKernels

/// A kernel call on arrays in numbered buffers.
struct KernelCall: Sendable {
  var kind: CKStepKind
  /// The value of the enumeration that belongs to the kind.
  var function: UInt32 = 0
  var operands: [Location]
  var out: Location
  var parameters: [Int] = []
  var chain: Chain?
  var loop: Loop?
}

/// What takes kernel calls: at once (`Computation`) or for later (`Plan`).
protocol KernelSink {
  /// In which precision products are computed.
  var precision: ProductPrecision { get }
  /// A new buffer for a dense array.
  mutating func makeArray(_ shape: Shape, _ type: ScalarType) -> Location
  /// A buffer that holds numbers already.
  mutating func addKnown(_ view: View, _ shape: Shape, _ type: ScalarType) -> Location
  mutating func call(_ kernel: KernelCall)
}

extension KernelSink {
  /// Turns one primitive into kernel calls, or into another view of its input; returns where the result lies.
  mutating func lower(_ primitive: Primitive, _ inputs: [Location], shape: Shape, scalarType: ScalarType) -> Location {
    switch primitive {
    case .source, .placeholder, .constant, .iota: preconditionFailure("a leaf is not computed from inputs")
    case .variable, .stopGradient: return inputs[0]

    case .broadcast: return inputs[0].broadcast(to: shape)
    case .reshape: return inputs[0].reshaped(to: shape) ?? copied(inputs[0]).reshaped(to: shape) ?? inputs[0]
    case .transpose(let axes): return inputs[0].transposed(axes)
    case .slice(let starts, let steps): return inputs[0].sliced(starts: starts, steps: steps, shape: shape)
    case .scan(let scan): return lower(scan, inputs)
    case .gradient(let count):
      var tuple = inputs[0]
      tuple.parts = Array(inputs[count...])
      return tuple
    case .part(let index):
      guard let part = inputs[0].parts[index] else { preconditionFailure("the part is computed") }
      return part
    default: break
    }

    let out = makeArray(shape, scalarType)
    func kernel(_ kind: CKStepKind, _ function: UInt32 = 0, _ operands: [Location]? = nil, _ parameters: [Int] = [])
      -> KernelCall
    {
      KernelCall(kind: kind, function: function, operands: operands ?? inputs, out: out, parameters: parameters)
    }
    switch primitive {
    case .unary(let function): call(kernel(.unary, function.rawValue))
    case .binary(let function): call(kernel(.binary, function.rawValue))
    case .compare(let function): call(kernel(.compare, function.rawValue))
    case .select: call(kernel(.select))
    case .matmul: call(kernel(.matmul, 0, nil, [0, Int(bitPattern: UInt(Double(1).bitPattern))]))
    case .products(let scales, let addsToFirst):
      let bits = scales.map { Int(bitPattern: UInt($0.bitPattern)) }
      call(kernel(.matmul, 0, nil, [addsToFirst ? 1 : 0] + bits))
    case .cast: call(kernel(.cast, 0, [dense(inputs[0])]))
    case .random(let kind, let path):
      let code: CKRandom =
        switch kind {
        case .uniform: .uniform
        case .normal: .normal
        case .permutation: .permutation
        case .key: .key
        }
      call(kernel(.random, code.rawValue, [dense(inputs[0])], [path.count] + path))
    case .unslice(let starts, let steps):
      call(kernel(.clear, 0, []))
      let place = out.sliced(starts: starts, steps: steps, shape: inputs[0].shape)
      call(KernelCall(kind: .copy, operands: inputs, out: place))
    case .concatenate(let axis):
      var starts = [Int](repeating: 0, count: shape.count)
      let steps = [Int](repeating: 1, count: shape.count)
      for input in inputs {
        let place = out.sliced(starts: starts, steps: steps, shape: input.shape)
        call(KernelCall(kind: .copy, operands: [input], out: place))
        starts[axis] += input.shape[axis]
      }
    case .reduce(let function, let axes):
      call(kernel(.reduce, function.rawValue, inputs, inputs[0].shape.indices.map { axes.contains($0) ? 1 : 0 }))
    case .argument(let greatest, let axis):
      let from = inputs[0].shape
      call(
        kernel(
          .argument, greatest ? 1 : 0, [dense(inputs[0])],
          [from[..<axis].elementCount, from[axis], from[(axis + 1)...].elementCount]))
    case .convolution(let geometry, let form):
      let code = geometry.code(form, inputs[0].shape, inputs[1].shape, scalarType == .float32 ? precision : .full)
      let (byteCount, pieces) = withUnsafePointer(to: code) {
        (ck_convolution_scratch(form.code, scalarType.code, $0), ck_convolution_pieces(form.code, $0, Int(CK_SHARES)))
      }
      let shares = ck_is_worth_sharing(code) ? max(1, min(Int(CK_SHARES), pieces)) : 1
      let scratch = makeArray([max(shares * byteCount, 64)], .bool)
      let operands = inputs.map { $0.isDense(from: geometry.batch) ? $0 : copied($0) }
      let numbers = withUnsafeBytes(of: code) { Array($0.bindMemory(to: Int.self)) }
      call(kernel(.convolution, form.code.rawValue, operands + [scratch], numbers + [shares]))
    case .gather(let axis, let batch):
      call(
        kernel(
          .gather, 0, inputs.map { dense($0) }, Self.picking(inputs[0].shape, inputs[1].shape, axis: axis, batch: batch)
        ))
    case .scatterAdd(let axis, let batch):
      call(
        kernel(.scatter, 0, inputs.map { dense($0) }, Self.picking(shape, inputs[1].shape, axis: axis, batch: batch)))
    default: preconditionFailure("views have been dealt with")
    }
    return out
  }

  /// Batches, outer, count, inner, picks.
  private static func picking(_ whole: Shape, _ indices: Shape, axis: Int, batch: Int) -> [Int] {
    [
      whole[..<batch].elementCount, whole[batch..<axis].elementCount, whole[axis], whole[(axis + 1)...].elementCount,
      indices[batch...].elementCount,
    ]
  }

  mutating func dense(_ location: Location) -> Location { location.isDense ? location : copied(location) }

  private mutating func copied(_ location: Location) -> Location {
    let out = makeArray(location.shape, location.scalarType)
    call(KernelCall(kind: .copy, operands: [location], out: out))
    return out
  }
}

/// Memory that C reads by pointer for as long as this object lives.
final class PinnedArrays: @unchecked Sendable {
  // @unchecked: filled by its one owner before it is shared, read-only after.
  private var blocks: [UnsafeMutableRawPointer] = []

  func pin<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafePointer<Value> {
    let block = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
    values.withUnsafeBufferPointer { if let first = $0.baseAddress { block.initialize(from: first, count: $0.count) } }
    blocks.append(UnsafeMutableRawPointer(block))
    return UnsafePointer(block)
  }

  deinit { for block in blocks { block.deallocate() } }
}

extension KernelCall {
  /// The call as C reads it, with each buffer as a base and an offset in bytes.
  func packed(_ pins: PinnedArrays, _ place: (Int) -> (base: Int, offset: Int)) -> ck_step {
    func operand(_ location: Location) -> ck_operand {
      let (base, offset) = place(location.buffer)
      // Strides that say what density says cost the kernels a look at every axis.
      let strides = location.isDense ? nil : location.strides.map(pins.pin)
      return ck_operand(
        base: Int32(base), type: location.scalarType.code,
        offset: Int64(offset + location.offset * location.scalarType.byteCount), rank: Int32(location.shape.count),
        shape: pins.pin(location.shape), strides: strides)
    }
    let code = chain.map { chain in
      pins.pin([
        ck_chain_code(
          count: Int32(chain.instructions.count), inputs: Int32(chain.inputCount),
          registers: Int32(chain.registers.count), instructions: pins.pin(chain.instructions.map(ck_resolved)),
          all_registers: pins.pin(chain.registers), outer: chain.outer, whole: chain.whole, kept: chain.kept,
          all: chain.outerOfAll, rank: Int32(chain.foldShape.count), shape: pins.pin(chain.foldShape),
          folded: pins.pin(chain.isFoldedAxis),
          tile: chain.tile, shares: chain.shares, scratch: chain.scratchByteCount)
      ])
    }
    return ck_step(
      kind: kind, function: function, count: Int32(operands.count), operands: pins.pin(operands.map(operand)),
      out: operand(out), parameters: pins.pin(parameters), chain: code,
      loop: loop.map { pins.pin([$0.packed(pins, place)]) })
  }
}

extension ck_failure {
  /// Ends the program for an index out of range that a kernel has met.
  func stopForIndex() -> Never {
    let name = gather ? "gather" : "scatterAdd"
    stop("\(name): index \(index) at position \(position) is out of range 0..<\(count)")
  }
}
