import CKernels

/// Kernel calls that run several times, on arrays that move from step to step.
///
/// The calls have buffers of their own. Each of them lies either in one block for all that a step needs only for itself,
/// or where a binding says.
struct Loop: Sendable {
  /// Where a buffer of the calls begins at each step.
  struct Binding: Sendable {
    /// At step t it begins `(t + shift) & mask` strides (in bytes) after this array.
    var array: Location
    var stride = 0
    var shift = 0
    var mask = -1
    /// Where it begins at the first step and at the last, if elsewhere.
    var first: Location?
    var last: Location?

    fileprivate var arrays: [Location] { [array] + [first, last].compactMap { $0 } }
  }

  let steps: Int
  fileprivate(set) var calls: [KernelCall] = []
  fileprivate(set) var bindings: [Binding] = []
  /// The number of the binding of a buffer, for those that have one.
  fileprivate var binding: [Int: Int] = [:]
  /// Where the other buffers lie in the block, in bytes.
  fileprivate var offsets: [Int: Int] = [:]
  fileprivate(set) var block: Location

  /// The arrays outside that the loop reads or writes.
  var arrays: [Location] { bindings.flatMap(\.arrays) + [block] }
}

extension KernelSink {
  /// Turns a loop into a kernel call; of its parts only those with these numbers are made.
  mutating func lower(_ scan: Scan, _ inputs: [Location], parts wanted: Set<Int>? = nil) -> Location {
    var draft = LoopDraft(scan.steps, precision)
    let body = scan.body
    let (carryCount, sliceCount) = (body.carries.count, body.slices.count)
    var parts = [Location?](repeating: nil, count: scan.histories.upperBound)
    func isWanted(_ part: Int) -> Bool { wanted?.contains(part) ?? true }
    func keeps(_ carry: Int) -> Bool { scan.keepsHistory && isWanted(scan.histories.lowerBound + carry) }
    // What nothing that is wanted depends on is left out.
    let isLive = body.leading(
      toCarries: scan.finals.map { isWanted($0) || keeps($0) }, outputs: scan.outputs.map(isWanted),
      differentiably: false)
    func stacked(_ part: Int, _ node: Node) -> Location {
      let array = makeArray([scan.steps] + node.shape, node.scalarType)
      parts[part] = array
      return array
    }

    var given: [Location] = []
    var results: [Loop.Binding] = []
    for (carry, node) in body.carries.enumerated() {
      guard isLive[carry] else {
        given.append(draft.argument(node, nil))
        continue
      }
      let last = makeArray(node.shape, node.scalarType)
      parts[carry] = last
      let stride = node.shape.elementCount * node.scalarType.byteCount
      if keeps(carry) {
        // Each step writes the carry of the next into the history; the last one has a place of its own.
        let array = stacked(scan.histories.lowerBound + carry, node)
        call(KernelCall(kind: .copy, operands: [inputs[carry]], out: array.element(0)))
        given.append(draft.argument(node, Loop.Binding(array: array, stride: stride)))
        results.append(Loop.Binding(array: array, stride: stride, shift: 1, last: last))
      } else {
        // Two places in turn.
        let pair = scan.steps > 1 ? makeArray([2] + node.shape, node.scalarType) : last
        let first = dense(inputs[carry])
        given.append(draft.argument(node, Loop.Binding(array: pair, stride: stride, shift: 1, mask: 1, first: first)))
        results.append(Loop.Binding(array: pair, stride: stride, mask: 1, last: last))
      }
    }
    for (index, node) in zip(carryCount..., body.slices) {
      let (array, stride) = (inputs[index], inputs[index].allStrides[0] * node.scalarType.byteCount)
      given.append(
        draft.argument(node, isLive[index] ? Loop.Binding(array: array.element(0), stride: stride) : nil))
    }
    for (index, node) in zip((carryCount + sliceCount)..., body.captures) {
      given.append(draft.argument(node, isLive[index] ? Loop.Binding(array: inputs[index]) : nil))
    }
    var roots = zip(body.next, isLive).filter { $1 }.map { $0.0 }
    for (output, node) in zip(carryCount..., body.outputs) where isWanted(output) {
      let array = stacked(output, node)
      results.append(Loop.Binding(array: array, stride: node.shape.elementCount * node.scalarType.byteCount))
      roots.append(node)
    }
    draft.addBody(roots, body.placeholders, at: given, results: results)
    let loop = draft.finished(in: &self)
    guard let first = parts.compactMap({ $0 }).first else { preconditionFailure("a loop has a result") }
    call(KernelCall(kind: .loop, operands: [], out: first, loop: loop))
    var tuple = first
    tuple.parts = parts
    return tuple
  }
}

/// A loop while it is being made.
private struct LoopDraft {
  private var draft: PlanDraft
  private var bindings: [(buffer: Int, Loop.Binding)] = []
  private let steps: Int

  init(_ steps: Int, _ precision: ProductPrecision) {
    self.steps = steps
    draft = PlanDraft(precision)
  }

  /// An array that the calls read, laid out as the array that it is bound to; nil for one that they do not read.
  mutating func argument(_ node: Node, _ binding: Loop.Binding?) -> Location {
    var location = draft.makeArgument(node.shape, node.scalarType)
    guard let binding else { return location }
    bindings.append((location.buffer, binding))
    let given = binding.array
    if given.shape == node.shape, !given.isDense { location.strides = given.strides }
    return location
  }

  /// The calls that compute `roots`, which are written where `results` say.
  mutating func addBody(_ roots: [Node], _ placeholders: [Node], at given: [Location], results: [Loop.Binding]) {
    let computed = Program.lower(roots, placeholders, at: given, into: &draft)
    var written: Set<Int> = []
    for (location, binding) in zip(computed, results) {
      var place = location
      // A result that has a whole buffer is computed where it belongs, all others are copied there.
      if !draft.isWhole(location) || !written.insert(location.buffer).inserted {
        place = draft.makeArray(location.shape, location.scalarType)
        draft.call(KernelCall(kind: .copy, operands: [location], out: place))
        written.insert(place.buffer)
      }
      bindings.append((place.buffer, binding))
    }
  }

  func finished<Sink: KernelSink>(in sink: inout Sink) -> Loop {
    var all = bindings
    for (buffer, kind) in draft.buffers.enumerated() {
      guard case .known(let storage) = kind else { continue }
      all.append((buffer, Loop.Binding(array: sink.addKnown(View(storage: storage), [], .bool))))
    }
    let draft = draft.sweeping(keeping: Set(all.map(\.buffer)))
    let arena = Arena(draft, except: Set(all.map(\.buffer)))
    var loop = Loop(steps: steps, block: sink.makeArray([max(arena.size, 1)], .bool))
    loop.calls = draft.calls
    loop.bindings = all.map { $1 }
    loop.binding = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.buffer, $0) })
    loop.offsets = arena.offsets
    return loop
  }
}

extension Loop {
  /// The loop as C reads it, where `place` says where the buffers outside lie.
  func packed(_ pins: PinnedArrays, _ place: (Int) -> (base: Int, offset: Int)) -> ck_scan {
    func packed(_ location: Location) -> ck_place {
      let (base, offset) = place(location.buffer)
      return ck_place(
        base: Int32(base), offset: Int64(offset + location.offset * location.scalarType.byteCount))
    }
    // Base 0 is the block of the step.
    let steps = calls.map { call in
      call.packed(pins) { buffer in
        binding[buffer].map { (base: $0 + 1, offset: 0) } ?? (base: 0, offset: offsets[buffer] ?? 0)
      }
    }
    let places = bindings.map { binding in
      ck_binding(
        place: packed(binding.array), stride: Int64(binding.stride), shift: Int64(binding.shift),
        mask: Int64(binding.mask), first: packed(binding.first ?? binding.array),
        last: packed(binding.last ?? binding.array), has_first: binding.first != nil, has_last: binding.last != nil)
    }
    return ck_scan(
      steps: Int64(self.steps), count: Int64(steps.count), body: pins.pin(steps), bindings: Int32(places.count),
      places: pins.pin(places), block: packed(block))
  }
}

extension Location {
  /// An element along the first axis.
  fileprivate func element(_ index: Int) -> Location {
    var element = self
    element.offset += index * allStrides[0]
    element.strides = Array(allStrides.dropFirst())
    element.shape = Array(shape.dropFirst())
    return element
  }
}
