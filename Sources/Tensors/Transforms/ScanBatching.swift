extension Batching {
  /// A loop over batches: one loop, each step of which takes all slices of the batch.
  ///
  /// A carry is batched if a step makes it so; what is stacked has the steps as the first axis and the batch as the second.
  func replay(_ scan: Scan, _ given: [Value]) -> (Int) -> Value {
    let body = scan.body
    let (carryCount, sliceCount) = (body.carries.count, body.slices.count)
    let isBatched = body.reached(from: given.map(\.isBatched), differentiably: false)
    let initial = zip(given, isBatched.carries).map { $1 ? full($0) : $0.tensor }
    let (slices, captures) = (
      given.dropFirst(carryCount).prefix(sliceCount), given.dropFirst(carryCount + sliceCount)
    )
    let result = scanTensors(
      initial + captures.map(\.tensor), over: slices.map { $0.isBatched ? $0.tensor.movingAxis(1, to: 0) : $0.tensor },
      steps: scan.steps,
      keepsHistory: scan.keepsHistory ? true : nil
    ) { carried, slice in
      let own =
        zip(carried, isBatched.carries).map { $1 ? Value.batched($0) : .shared($0) }
        + zip(slice + carried.suffix(captures.count), slices + captures).map {
          $1.isBatched ? Value.batched($0) : .shared($0)
        }
      var step = Batching(size: size, from: body.placeholders, to: own)
      func results(_ nodes: [Node], _ batched: [Bool]) -> [Tensor] {
        zip(nodes, batched).map { node, isBatched in
          let value = step.value(of: Tensor(node))
          return isBatched ? step.full(value) : value.tensor
        }
      }
      return (
        results(body.next, isBatched.carries) + carried.suffix(captures.count),
        results(body.outputs, isBatched.outputs)
      )
    }
    func stacked(_ tensor: Tensor, _ isBatched: Bool) -> Value {
      isBatched ? .batched(tensor.movingAxis(1, to: 0)) : .shared(tensor)
    }
    return { part in
      if scan.finals.contains(part) {
        isBatched.carries[part] ? .batched(result.finals[part]) : .shared(result.finals[part])
      } else if scan.outputs.contains(part) {
        stacked(result.outputs[part - carryCount], isBatched.outputs[part - carryCount])
      } else {
        stacked(
          result.history(part - scan.histories.lowerBound), isBatched.carries[part - scan.histories.lowerBound])
      }
    }
  }
}
