// Batching: a function of single examples turned into one of whole batches, without a loop.

/// Applies a function of one example to each slice of a batch along the first axis, and stacks the results.
///
/// The function is traced once on a single example, and each of its operations is replaced by one on the whole batch. So
/// `vmap` of a gradient and the gradient of a `vmap` are what they say, and tensors that the function takes from outside
/// are shared by all slices:
///
/// ```swift
/// let losses = vmap(over: episodes) { episode in maml.outerLoss(model, episode, objective: objective).loss }   // [tasks]
/// ```
///
/// Every tensor of the argument needs the batch as its first axis.
public func vmap<T: TensorTree, U: TensorTree>(over batch: T, _ function: (T) throws -> U) rethrows -> U {
  let leaves = batch.leaves.map(\.tensor)
  guard let size = leaves.first?.shape.first, leaves.allSatisfy({ $0.shape.first == size }) else {
    stop("vmap: every tensor needs the batch as its first axis; the shapes are \(leaves.map(\.shape))")
  }
  let placeholders = leaves.enumerated().map {
    Tensor(
      Node(.placeholder($0.offset), [], shape: Array($0.element.shape.dropFirst()), scalarType: $0.element.scalarType))
  }
  var single = placeholders[...]
  let output = try function(batch.replacingLeaves(from: &single))
  var batching = Batching(size: size, from: placeholders, to: leaves)
  var results = output.leaves.map { batching.batched($0.tensor) }[...]
  return output.replacingLeaves(from: &results)
}

/// The replay of a traced function on batches.
struct Batching {
  let size: Int
  /// What stands for a node of the trace: the batch of its values, or itself where it is the same for all slices.
  enum Value {
    case batched(Tensor)
    case shared(Tensor)

    var isBatched: Bool { if case .batched = self { true } else { false } }
    var tensor: Tensor {
      switch self {
      case .batched(let tensor), .shared(let tensor): tensor
      }
    }
  }
  private var values: [ObjectIdentifier: Value] = [:]
  /// The parts of the tuples of the trace.
  private var parts: [ObjectIdentifier: (Int) -> Value] = [:]

  init(size: Int, from placeholders: [Tensor], to batches: [Tensor]) {
    self.size = size
    for (placeholder, batch) in zip(placeholders, batches) {
      values[ObjectIdentifier(placeholder.node)] = .batched(batch)
    }
  }

  init(size: Int, from placeholders: [Node], to given: [Value]) {
    self.size = size
    for (placeholder, value) in zip(placeholders, given) { values[ObjectIdentifier(placeholder)] = value }
  }

  /// The batch of a tensor of the trace.
  mutating func batched(_ tensor: Tensor) -> Tensor { full(value(of: tensor)) }

  /// What stands for a tensor of the trace.
  mutating func value(of tensor: Tensor) -> Value {
    let known = values
    // Only what depends on a placeholder can depend on the batch.
    let below = postOrder([tensor.node]) { known[ObjectIdentifier($0)] == nil ? ($0.isSymbolic ? $0.inputs : []) : nil }
    for (node, inputs) in below { values[ObjectIdentifier(node)] = replay(node, inputs) }
    return values[ObjectIdentifier(tensor.node)] ?? .shared(tensor)
  }

  private mutating func replay(_ node: Node, _ inputs: [Node]) -> Value {
    if case .part(let index) = node.primitive, let part = inputs.first.flatMap({ parts[ObjectIdentifier($0)] }) {
      return part(index)
    }
    let given = inputs.map { values[ObjectIdentifier($0)] ?? .shared(Tensor($0)) }
    guard given.contains(where: \.isBatched) else { return .shared(shared(node, inputs, given.map(\.tensor))) }
    switch node.primitive {
    case .scan(let scan): parts[ObjectIdentifier(node)] = replay(scan, given)
    case .gradient(let count): parts[ObjectIdentifier(node)] = gradient(node, given, count)
    default: return .batched(rule(node, given))
    }
    return .shared(Tensor(node))
  }

  /// The slices have a gradient each, so all of them together are one, if each point belongs to one slice.
  private func gradient(_ node: Node, _ given: [Value], _ count: Int) -> (Int) -> Value {
    guard given.allSatisfy(\.isBatched) else { return { given[count + $0] } }
    let tuple = Tensor(node.primitive, given.map(\.tensor), shape: [], scalarType: node.scalarType)
    return { part in
      let slope = given[count + part].tensor
      return .batched(Tensor(.part(part), [tuple], shape: slope.shape, scalarType: slope.scalarType))
    }
  }

  /// A node that is the same for all slices: itself, unless something else stands for its inputs.
  private func shared(_ node: Node, _ inputs: [Node], _ given: [Tensor]) -> Tensor {
    if zip(inputs, given).allSatisfy({ $0 === $1.node }) { return Tensor(node) }
    if case .scan(let scan) = node.primitive { return Tensor(scan.applied(to: given)) }
    return Tensor(node.primitive, given, shape: node.shape, scalarType: node.scalarType)
  }

  /// A value with the batch axis, repeated along it where it is shared.
  func full(_ value: Value) -> Tensor {
    switch value {
    case .batched(let tensor): tensor
    case .shared(let tensor): tensor.broadcast(to: [size] + tensor.shape)
    }
  }

  /// The batching rule of each primitive: the batch is always the first axis.
  private func rule(_ node: Node, _ given: [Value]) -> Tensor {
    let shape = [size] + node.shape
    func make(_ primitive: Primitive, _ inputs: [Tensor]) -> Tensor {
      Tensor(primitive, inputs, shape: shape, scalarType: node.scalarType)
    }
    var x: Tensor { full(given[0]) }
    switch node.primitive {
    case .source, .constant, .iota, .placeholder, .scan, .part, .gradient:
      preconditionFailure("leaves do not depend on the batch, and tuples have rules of their own")
    // The transform that made a variable is over, but a gradient still tells it from its input.
    case .variable, .stopGradient, .unary, .binary, .compare, .select, .cast:
      return make(node.primitive, given.map(full))
    case .broadcast:
      let own = x.shape.dropFirst()
      let ones = [Int](repeating: 1, count: node.shape.count - own.count)
      return x.reshaped([size] + ones + own).broadcast(to: shape)
    case .reshape: return x.reshaped(shape)
    case .transpose(let axes): return x.transposed([0] + axes.map { $0 + 1 })
    case .slice(let starts, let strides): return x.slice(starts: [0] + starts, strides: [1] + strides, shape: shape)
    case .unslice(let starts, let strides): return x.unslice(starts: [0] + starts, strides: [1] + strides, shape: shape)
    case .concatenate(let axis): return concatenate(given.map(full), axis: axis + 1)
    case .reduce(let function, let axes): return make(.reduce(function, axes: axes.map { $0 + 1 }), [x])
    case .argument(let greatest, let axis): return make(.argument(greatest: greatest, axis: axis + 1), [x])
    case .matmul: return product(given, shape)
    case .products: preconditionFailure("made after all transforms")
    case .convolution(let geometry, let form): return convolution(geometry, form, given, shape)
    case .gather(let axis, let batch):
      if batch == 0, case .shared(let indices) = given[1] { return x.gathered(indices, axis: axis + 1) }
      if batch == 0, case .shared(let table) = given[0] {
        return table.gathered(full(given[1]), axis: axis).movingAxis(axis, to: 0)
      }
      return x.gathered(full(given[1]), axis: axis + 1, batch: batch + 1)
    case .scatterAdd(let axis, let batch):
      let count = node.shape[axis]
      if batch == 0, case .shared(let indices) = given[1] { return x.scattered(indices, axis: axis + 1, count: count) }
      return x.scattered(full(given[1]), axis: axis + 1, count: count, batch: batch + 1)
    case .random:
      let keys = x
      return stack(
        (0..<size).map { Tensor(node.primitive, [keys[$0]], shape: node.shape, scalarType: node.scalarType) })
    }
  }

  /// With shared filters the slices are more images of one convolution; filters of their own make a batch of convolutions.
  private func convolution(
    _ geometry: ConvolutionGeometry, _ form: ConvolutionGeometry.Operand, _ given: [Value], _ shape: Shape
  ) -> Tensor {
    let (first, second) = form.others
    if geometry.batch == 0, let place = [first, second].firstIndex(of: .filters), !given[place].isBatched {
      let images = given[1 - place].tensor
      let merged = images.reshaped([images.shape[0] * images.shape[1]] + images.shape[2...])
      return geometry.apply(form, from: [.filters: given[place].tensor, [first, second][1 - place]: merged])
        .reshaped(shape)
    }
    if geometry.batch == 0, geometry.groups == 1, form != .input, !given[0].isBatched {
      // Of the same images: filters of all slices side by side are those of one convolution.
      return sideBySide(geometry, form, given, shape)
    }
    var batched = geometry
    batched.batch += 1
    return batched.apply(form, from: [first: full(given[0]), second: full(given[1])])
  }

  /// The output by filters [slices, height, width, channels, outputs], or the filters by an output [slices, images, height, width, outputs],
  /// of images that all slices share.
  private func sideBySide(
    _ geometry: ConvolutionGeometry, _ form: ConvolutionGeometry.Operand, _ given: [Value], _ shape: Shape
  ) -> Tensor {
    let batch = given[1].tensor
    let wide = batch.transposed([1, 2, 3, 0, 4]).reshaped(Array(batch.shape[1...3]) + [-1])
    let result = geometry.apply(form, from: [.input: given[0].tensor, form.others.second: wide])
    return result.reshaped(Array(shape[1...3]) + [size, shape[4]]).transposed([3, 0, 1, 2, 4])
  }

  /// A shared matrix on the right makes one tall product; one on the left, one wide product.
  private func product(_ given: [Value], _ shape: Shape) -> Tensor {
    switch (given[0], given[1]) {
    case (.batched(let x), .shared(let y)) where y.rank == 2: return matmul(x, y)
    case (.shared(let x), .batched(let y)) where x.rank == 2 && y.rank == 3:
      // x · yᵦ for all b is x · [y₁ y₂ …].
      let wide = y.transposed([1, 0, 2]).reshaped([y.shape[1], -1])
      return matmul(x, wide).reshaped([x.shape[0], size, y.shape[2]]).transposed([1, 0, 2])
    default: return matmul(full(given[0]), full(given[1]))
    }
  }
}
