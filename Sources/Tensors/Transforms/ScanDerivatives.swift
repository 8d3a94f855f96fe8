// The derivatives of a loop are loops. Both walk the carries that the loop has kept and replay one step at a time, so what
// lies between the carries is never stored. Their bodies are graphs like any other, so they have derivatives too.
//
// What a loop takes from outside goes in as carries that no step changes: taken directly, what is computed from it alone
// would be computed before the loop and kept, and a checkpoint has nothing else.

extension Scan {
  /// Reverse: the cotangents of the inputs, given those of some parts.
  ///
  /// From the last step to the first, λₜ = (∂f/∂c)ᵀ λₜ₊₁ + the cotangent of the t-th carry in the history. What the steps
  /// take from outside collects its cotangent from all of them.
  func pullBack(
    _ given: [Int: Tensor], _ at: Primitive.Application, needed: [Bool], inside scope: Scope
  ) -> [Tensor?] {
    let (carryCount, sliceCount) = (body.carries.count, body.slices.count)
    let carries = 0..<carryCount
    let (slices, captures) = (carryCount..<(carryCount + sliceCount), (carryCount + sliceCount)..<needed.count)
    // Only carries that depend on what is asked for, and that what is given depends on, have a cotangent.
    let varying = body.reached(from: needed, differentiably: true).carries
    let leading = body.leading(
      toCarries: carries.map { given[$0] != nil || given[histories.lowerBound + $0] != nil },
      outputs: outputs.map { given[$0] != nil }, differentiably: true)
    let moving = carries.filter { varying[$0] && leading[$0] }
    let asked = (slices.filter { needed[$0] && leading[$0] }, captures.filter { needed[$0] && leading[$0] })
    let (askedSlices, askedCaptures) = asked
    let givenOutputs = outputs.filter { given[$0] != nil }
    let givenHistories = moving.filter { given[histories.lowerBound + $0] != nil }

    let backwards =
      (carries.map { part(histories.lowerBound + $0, of: at.output.node) } + at.inputs[slices]
      + givenOutputs.compactMap { given[$0] } + givenHistories.compactMap { given[histories.lowerBound + $0] })
      .map { $0.reversed([0]) }
    let sums = captures.filter { askedCaptures.contains($0) }.map { Tensor.zeros(like: at.inputs[$0]) }
    let result = scanTensors(
      moving.map { given[$0] ?? .zeros(like: at.inputs[$0]) } + sums + at.inputs[captures], over: backwards,
      steps: steps,
      keepsHistory: (at.inputs + given.values).contains { $0.node.isWalkable(outside: scope) }
    ) { carried, slice in
      let (lambdas, captured) = (carried.prefix(moving.count), carried.suffix(captures.count))
      let sums = carried.dropFirst(moving.count).prefix(askedCaptures.count)
      let own = slice.prefix(carryCount + sliceCount)
      let outputCotangents = slice.dropFirst(own.count).prefix(givenOutputs.count)
      let step = DifferentiatedStep(
        body, at: own + captured, by: moving + askedSlices + askedCaptures)
      var cotangents = zip(moving, lambdas).map { (step.next[$0].node, $1) }
      cotangents += zip(givenOutputs, outputCotangents).map { (step.outputs[$0 - carryCount].node, $1) }
      var pulled = step.pullBack(cotangents)[...]
      var earlier = pulled.prefix(moving.count).map { $0 }
      pulled.removeFirst(moving.count)
      for (carry, cotangent) in zip(givenHistories, slice.suffix(givenHistories.count)) {
        guard let place = moving.firstIndex(of: carry) else { continue }
        earlier[place] = earlier[place].map { $0 + cotangent } ?? cotangent
      }
      let next = zip(earlier, lambdas).map { $0 ?? .zeros(like: $1) }
      let ofSlices = zip(pulled, askedSlices).map { $0 ?? .zeros(like: own[$1]) }
      let collected = zip(sums, pulled.dropFirst(askedSlices.count)).map { sum, new in new.map { sum + $0 } ?? sum }
      return (next + collected + captured, ofSlices)
    }

    var cotangents = [Tensor?](repeating: nil, count: needed.count)
    for (place, index) in (moving + askedCaptures).enumerated() { cotangents[index] = result.finals[place] }
    for (place, index) in askedSlices.enumerated() { cotangents[index] = result.outputs[place].reversed([0]) }
    return cotangents
  }

  /// Forward: the tangents of the parts, given those of some inputs; those of the history only if they are asked for.
  func pushForward(
    _ tangents: [Tensor?], _ at: Primitive.Application, movesHistory: Bool, inside scope: Scope
  ) -> [Tensor?] {
    let (carryCount, sliceCount) = (body.carries.count, body.slices.count)
    let (slices, captures) = (
      carryCount..<(carryCount + sliceCount), (carryCount + sliceCount)..<tangents.count
    )
    let reached = body.reached(from: tangents.map { $0 != nil }, differentiably: true)
    let moving = finals.filter { reached.carries[$0] }
    let movingSlices = slices.filter { tangents[$0] != nil }
    let movingCaptures = captures.filter { tangents[$0] != nil }
    let movingOutputs = outputs.filter { reached.outputs[$0 - carryCount] }
    let stacked =
      finals.map { part(histories.lowerBound + $0, of: at.output.node) } + at.inputs[slices]
      + movingSlices.compactMap { tangents[$0] }
    let result = scanTensors(
      moving.map { tangents[$0] ?? .zeros(like: at.inputs[$0]) } + at.inputs[captures], over: stacked, steps: steps,
      keepsHistory: movesHistory
        || (at.inputs + tangents.compactMap { $0 }).contains { $0.node.isWalkable(outside: scope) }
    ) { carried, slice in
      let (own, captured) = (slice.prefix(carryCount + sliceCount), carried.suffix(captures.count))
      let step = DifferentiatedStep(body, at: own + captured, by: moving + movingSlices + movingCaptures)
      let given =
        Array(carried.prefix(moving.count)) + slice.dropFirst(own.count)
        + movingCaptures.compactMap { tangents[$0] }
      let moved = moving.map { step.next[$0] } + movingOutputs.map { step.outputs[$0 - carryCount] }
      let pushed = zip(step.pushForward(given, to: moved.map(\.node)), moved).map { $0 ?? .zeros(like: $1) }
      return (Array(pushed.prefix(moving.count)) + captured, Array(pushed.dropFirst(moving.count)))
    }

    var moved = [Tensor?](repeating: nil, count: histories.upperBound)
    for (place, carry) in moving.enumerated() {
      moved[carry] = result.finals[place]
      if movesHistory { moved[histories.lowerBound + carry] = result.history(place) }
    }
    for (place, output) in movingOutputs.enumerated() { moved[output] = result.outputs[place] }
    return moved
  }
}

/// A step of a loop on new nodes, and its derivatives by some of its placeholders.
private struct DifferentiatedStep {
  let next, outputs: [Tensor]
  private let variables: [Node]
  private let tape: Tape

  init(_ body: ScanBody, at point: some Collection<Tensor>, by chosen: [Int]) {
    let scope = Scope()
    var given = Array(point)
    variables = chosen.map { index in
      Node(.variable, [given[index].node], shape: given[index].shape, scalarType: given[index].scalarType, scope: scope)
    }
    for (index, variable) in zip(chosen, variables) { given[index] = Tensor(variable) }
    (next, outputs) = body.replay(given)
    tape = Tape(from: variables, to: (next + outputs).map(\.node), scope: scope)
    scope.close()
  }

  func pullBack(_ cotangents: [(Node, Tensor)]) -> [Tensor?] { tape.pullBack(cotangents, to: variables) }

  func pushForward(_ tangents: [Tensor], to moved: [Node]) -> [Tensor?] { tape.pushForward(tangents, to: moved) }
}
