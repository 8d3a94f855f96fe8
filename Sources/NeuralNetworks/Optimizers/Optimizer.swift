/// A rule that changes parameters along a gradient: a pure value, whose state is passed in and returned.
///
/// Every update is written in tensor operations, so it can be differentiated through: by the parameters, by the
/// gradient, and by the optimizer itself, for an optimizer is a `TensorTree` with the learning rate as a leaf:
///
/// ```swift
/// gradient(at: model, optimizer) { model, optimizer in outerLoss(adapt(model, with: optimizer)) }
/// ```
public protocol Optimizer: TensorTree {
  /// The step size, a float64 scalar.
  var learningRate: Tensor { get set }
  /// What is remembered for a parameter at the start, such as zeros for a momentum.
  func initialSlots(for parameter: Tensor) -> [Tensor]
  /// The parameter after a step, and what is to be remembered. `step` counts from 1 (float64 scalar).
  func update(_ parameter: Tensor, along gradient: Tensor, slots: [Tensor], step: Tensor) -> (Tensor, slots: [Tensor])
}

/// What an optimizer remembers between steps.
public struct OptimizerState<M: TensorTree>: TensorTree {
  /// The number of steps taken (int32 scalar).
  public var step = Tensor(0, .int32)
  /// For each quantity that is remembered, one value for each parameter.
  public var slots: [M]
}

extension Optimizer {
  /// The state before the first step.
  public func initialState<M: TensorTree>(for model: M) -> OptimizerState<M> {
    let slots = model.trainable.map(initialSlots(for:))
    let count = slots.first?.count ?? 0
    return OptimizerState(slots: (0..<count).map { slot in model.replacing(slots.map { $0[slot] }) })
  }

  /// Moves a model one step along a gradient, which has the model's shapes; buffers are left alone.
  ///
  /// A closure of a gradient can call this: the new parameters and the new state are functions of the old ones, of the
  /// gradient and of the learning rate.
  public func update<M: TensorTree>(_ model: inout M, along gradient: M, state: inout OptimizerState<M>) {
    state.step = state.step + 1
    let step = state.step.cast(to: .float64)
    let (parameters, gradients, slots) = (model.trainable, gradient.trainable, state.slots.map(\.trainable))
    guard parameters.map(\.shape) == gradients.map(\.shape) else {
      stop("a gradient with the shapes \(gradients.map(\.shape)) does not fit a model with \(parameters.map(\.shape))")
    }
    let slotCount = parameters.first.map { initialSlots(for: $0).count } ?? slots.count
    guard slots.count == slotCount else {
      stop("\(Self.self) remembers \(slotCount) values for each parameter, but was given a state with \(slots.count)")
    }
    let updated = parameters.indices.map { i in
      update(parameters[i], along: gradients[i], slots: slots.map { $0[i] }, step: step)
    }
    model = model.replacing(updated.map(\.0))
    state.slots = state.slots.indices.map { slot in state.slots[slot].replacing(updated.map { $0.slots[slot] }) }
  }

  /// A number of the optimizer as the scalar type of a parameter.
  func rate(for parameter: Tensor) -> Tensor { learningRate.cast(to: parameter.scalarType) }
}

extension TensorTree {
  func replacing(_ trainable: [Tensor]) -> Self {
    var tensors = trainable[...]
    return replacingTrainable(from: &tensors)
  }
}
