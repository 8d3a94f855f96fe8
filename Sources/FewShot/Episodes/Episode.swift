/// The size of an episode: N ways, K shots, Q queries.
public struct EpisodeShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Classes in an episode; 1 in a regression.
  public var ways: Int
  /// Support examples of each class.
  public var shots: Int
  /// Query examples of each class.
  public var queries: Int

  public init(ways: Int, shots: Int, queries: Int) {
    self.ways = ways
    self.shots = shots
    self.queries = queries
  }

  public var description: String { "\(ways)-way \(shots)-shot, \(queries) queries a class" }
}

/// One task: examples to adapt to, and others on which the adapted model is judged.
public struct Episode: TensorTree {
  /// What a model adapts to: ways × shots examples, class after class.
  public var support: Batch
  /// What the adapted model is judged on: ways × queries other examples, class after class.
  public var query: Batch
  /// Ways, shots and queries.
  public var shape: EpisodeShape
  /// How many changed copies of all queries lie behind them, round after round; what a model says of a query is the mean over
  /// it and its copies.
  public var queryCopies = 0

  public init(support: Batch, query: Batch, shape: EpisodeShape) {
    self.support = support
    self.query = query
    self.shape = shape
  }

  /// The targets of the queries, of each once.
  public var queryTargets: Tensor {
    queryCopies == 0 ? query.targets : query.targets.sliced(0..<(query.count / (1 + queryCopies)), axis: 0)
  }
}

/// Where tasks come from. The same key gives the same episode.
public protocol TaskDistribution: Sendable {
  /// The size of every episode; where they differ, of the largest.
  var shape: EpisodeShape { get }
  /// Whether all episodes have one size, as they do unless a distribution says otherwise.
  var hasOneShape: Bool { get }
  /// Draws a task and its examples.
  func episode(key: RandomKey) -> Episode
}

extension TaskDistribution {
  public var hasOneShape: Bool { true }

  /// Draws several tasks, the n-th from the n-th child of the key.
  public func episodes(_ count: Int, key: RandomKey) -> [Episode] {
    guard count >= 0 else { stop("episodes: their number must not be negative; given was \(count)") }
    return (0..<count).map { episode(key: key[$0]) }
  }
}
