/// Inputs and what is to be predicted from them.
public struct Batch: TensorTree {
  /// [examples, …].
  public var inputs: Tensor
  /// Labels (int32, [examples]) or values ([examples, …]).
  public var targets: Tensor

  public init(inputs: Tensor, targets: Tensor) {
    self.inputs = inputs
    self.targets = targets
  }

  /// The number of examples.
  public var count: Int { inputs.shape.first ?? 0 }
}

/// Where batches come from: examples that are asked for by their number.
public protocol ExampleSource: Sendable {
  /// The number of examples.
  var count: Int { get }
  /// Some examples, in the order of the indices.
  func batch(of indices: [Int]) -> Batch
}

extension Batch: ExampleSource {
  public func batch(of indices: [Int]) -> Batch {
    let rows = Tensor(indices.map { Int32($0) })
    return Batch(inputs: inputs.gathered(rows), targets: targets.gathered(rows))
  }
}

extension LabeledDataset {
  /// Some examples with their labels (int32).
  public func batch(of indices: [Int]) -> Batch {
    let labels = labels
    return Batch(inputs: inputs(of: indices), targets: Tensor(indices.map { labels[$0] }))
  }

  /// Some examples as a tensor. [examples, exampleShape..].
  public func inputs(of indices: [Int]) -> Tensor {
    let size = exampleSize
    return Tensor(shape: [indices.count] + exampleShape) { values in
      for (row, example) in indices.enumerated() {
        copyExample(at: example, into: UnsafeMutableBufferPointer(rebasing: values[(row * size)..<((row + 1) * size)]))
      }
    }
  }
}
