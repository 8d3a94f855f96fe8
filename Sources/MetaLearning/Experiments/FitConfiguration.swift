/// Everything that determines a supervised training run.
public struct FitConfiguration: Sendable, Codable, Equatable {
  public var dataset: DatasetName
  /// The folder with the data set's files.
  public var data: String?
  /// The units of the hidden layers.
  public var hidden = [128]
  public var epochs = 10
  public var batchSize = 32
  public var validation = 0.2
  public var learningRate = 1e-3
  /// The share of hidden units that are left out in training.
  public var dropout = 0.0
  /// How training images are changed at random.
  public var augmentation = Augmentation.none
  /// Whether the learning rate falls to 0 along half a cosine.
  public var isFalling = false
  public var seed: UInt64 = 0

  public init(dataset: DatasetName) { self.dataset = dataset }

  /// Throws a `UserError` that names the first setting that makes no sense.
  public func validate() throws {
    try require("--epochs", epochs, in: 1...1_000_000)
    try require("--batch-size", batchSize, in: 1...1_000_000)
    try require("--validation", share: validation)
    try require("--rate", positive: learningRate)
    try require("--dropout", share: dropout)
    try require(hidden: hidden)
    try require(augmentation: augmentation, of: dataset)
    try require(folder: data, of: dataset)
  }
}

extension FitConfiguration {
  private enum FormerKeys: CodingKey { case shift }

  /// Reads a configuration, also one of a run that was made when images could only be shifted.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(dataset: try container.decode(DatasetName.self, forKey: .dataset))
    data = try container.decodeIfPresent(String.self, forKey: .data)
    hidden = try container.decode([Int].self, forKey: .hidden)
    epochs = try container.decode(Int.self, forKey: .epochs)
    batchSize = try container.decode(Int.self, forKey: .batchSize)
    validation = try container.decode(Double.self, forKey: .validation)
    learningRate = try container.decode(Double.self, forKey: .learningRate)
    dropout = try container.decode(Double.self, forKey: .dropout)
    isFalling = try container.decode(Bool.self, forKey: .isFalling)
    seed = try container.decode(UInt64.self, forKey: .seed)
    augmentation = try container.decodeIfPresent(Augmentation.self, forKey: .augmentation) ?? .none
    let former = try decoder.container(keyedBy: FormerKeys.self)
    augmentation.shift = try former.decodeIfPresent(Int.self, forKey: .shift) ?? augmentation.shift
  }
}
