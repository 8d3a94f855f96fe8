import Foundation

/// A fixed list of episodes of one shape, which a file can hold: what others are to be compared on.
public struct EpisodeList: Sendable {
  /// The episodes, in their order.
  public let episodes: [Episode]

  /// Episodes of one shape; throws a ``UserError`` where there is none, or two differ.
  public init(_ episodes: [Episode]) throws {
    guard let first = episodes.first else { throw UserError("A list of episodes must have one.") }
    for (index, episode) in episodes.enumerated() {
      let isAlike = zip(Self.parts, Self.tensors(first)).allSatisfy { part, like in
        let tensor = part.read(episode)
        return tensor.shape == like.shape && tensor.scalarType == like.scalarType
      }
      guard isAlike, episode.shape == first.shape else {
        throw UserError("Episode \(index) of a list has another shape than the first (\(first.shape)).")
      }
    }
    self.episodes = episodes
  }

  private static let format = "metalearn episodes 1"
  private static let parts: [(name: String, read: @Sendable (Episode) -> Tensor)] = [
    ("support.inputs", { $0.support.inputs }), ("support.targets", { $0.support.targets }),
    ("query.inputs", { $0.query.inputs }), ("query.targets", { $0.query.targets }),
  ]
  private static func tensors(_ episode: Episode) -> [Tensor] { parts.map { $0.read(episode) } }

  /// Writes the list as a safetensors file with the tensors `support.inputs` [episodes, examples, …], `support.targets`,
  /// `query.inputs` and `query.targets`.
  ///
  /// Throws a ``UserError`` that names the file where it cannot be written.
  public func write(to url: URL) throws {
    let shape = String(decoding: try JSONEncoder().encode(episodes[0].shape), as: UTF8.self)
    let tensors = Self.parts.map { part in (part.name, stack(episodes.map(part.read))) }
    try SafeTensors.write(
      Dictionary(uniqueKeysWithValues: tensors), metadata: ["format": Self.format, "shape": shape], to: url)
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// Throws a ``UserError`` that names the file and says what is wrong with it.
  public init(contentsOf url: URL) throws {
    let contents = try SafeTensors.read(from: url)
    guard contents.metadata["format"] == Self.format, let text = contents.metadata["shape"],
      let shape = try? JSONDecoder().decode(EpisodeShape.self, from: Data(text.utf8))
    else {
      throw UserError("\(url.path) is not a list of episodes; 'metalearn data episodes RUN --out FILE' writes one")
    }
    let tensors = try Self.parts.map { part in
      guard let tensor = contents.tensors[part.name], tensor.rank > 1 else {
        throw UserError("\(url.path) is a damaged list of episodes: it has no '\(part.name)'")
      }
      return tensor
    }
    let count = tensors[0].shape[0]
    let (support, query) = (shape.ways * shape.shots, shape.ways * shape.queries)
    guard count > 0, tensors.allSatisfy({ $0.shape[0] == count }), tensors[0].shape[1] == support,
      tensors[1].shape[1] == support, tensors[2].shape[1] == query, tensors[3].shape[1] == query
    else { throw UserError("\(url.path) is a damaged list of episodes: its tensors have other numbers of examples") }
    try self.init(
      (0..<count).map { index in
        Episode(
          support: Batch(inputs: tensors[0][index], targets: tensors[1][index]),
          query: Batch(inputs: tensors[2][index], targets: tensors[3][index]), shape: shape)
      })
  }
}
