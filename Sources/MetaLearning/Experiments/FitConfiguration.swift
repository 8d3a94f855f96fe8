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
  /// By how many pixels training images are shifted at most.
  public var shift = 0
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
    try require(shift: shift, of: dataset)
    try require(folder: data, of: dataset)
  }
}
