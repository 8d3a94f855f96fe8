/// The images to learn from and those of other classes to be judged on.
public struct DatasetSplit: Sendable {
  /// The classes to train on.
  public let train: LabeledImages

  /// The classes to choose settings on, where the split sets some apart.
  public let validation: LabeledImages?

  /// The classes to report results on.
  public let test: LabeledImages

  /// A split from its parts.
  public init(train: LabeledImages, validation: LabeledImages? = nil, test: LabeledImages) {
    self.train = train
    self.validation = validation
    self.test = test
  }
}
