/// Some episodes of one shape as the arguments of one program.
struct TaskBatch: Sendable {
  let count: Int
  /// Support inputs and targets, query inputs and targets; with the tasks as the first axis unless there is only one.
  let tensors: [Tensor]
  private let shape: EpisodeShape

  /// What a program depends on: the shapes are those of one episode.
  struct Kind: Hashable {
    var count: Int
    var shapes: [Shape]
    var types: [ScalarType]
    var episode: EpisodeShape
  }

  init(_ episodes: [Episode]) {
    count = episodes.count
    shape = episodes[0].shape
    tensors = Self.parts.map { part in
      episodes.count == 1 ? part(episodes[0]) : Tensor.stackedCopy(of: episodes.count) { part(episodes[$0]) }
    }
  }

  init(repeating episode: Episode, count: Int) { self.init(Array(repeating: episode, count: count)) }

  private static let parts: [@Sendable (Episode) -> Tensor] = [
    { $0.support.inputs }, { $0.support.targets }, { $0.query.inputs }, { $0.query.targets },
  ]

  /// The kind of a batch of `count` episodes like this one.
  static func kind(of episode: Episode, count: Int) -> Kind {
    let tensors = parts.map { $0(episode) }
    return Kind(
      count: count, shapes: tensors.map(\.shape), types: tensors.map(\.scalarType), episode: episode.shape)
  }

  /// The sums of a function's results over the tasks, where `tensors` stand for those of this batch.
  func sum(over tensors: [Tensor], _ function: (Episode) -> [Tensor]) -> [Tensor] {
    func episode(_ tensors: [Tensor]) -> Episode {
      Episode(
        support: Batch(inputs: tensors[0], targets: tensors[1]), query: Batch(inputs: tensors[2], targets: tensors[3]),
        shape: shape)
    }
    if count == 1 { return function(episode(tensors)) }
    return vmap(over: tensors) { function(episode($0)) }.map { $0.sum() }
  }
}
