/// Everything that determines a meta-training run: the same configuration gives the same weights, bit for bit.
public struct MetaConfiguration: Sendable, Codable, Equatable {
  /// How tasks are learned.
  public enum Algorithm: String, Sendable, Codable, CaseIterable {
    case maml
    /// MAML++, with the parts that `plusPlus` switches on.
    case mamlPlusPlus = "maml++"
    /// Meta-SGD: a learned inner rate for every weight.
    case metaSGD = "meta-sgd"
    /// ANIL: MAML whose inner loop adapts the head alone.
    case anil
    /// The joint-training baseline.
    case joint
  }

  /// What is trained.
  public enum Network: String, Sendable, Codable, CaseIterable {
    /// A multilayer perceptron with the layers of `hidden`.
    case mlp
    /// Four blocks of convolution, batch normalization and ReLU with `filters` each, then a dense layer.
    case conv4
  }

  /// Which weights a run ends with.
  public enum FinalWeights: String, Sendable, Codable, CaseIterable {
    case last
    /// Those of the best validation.
    case best
  }

  /// What moves the initial weights along the meta-gradient.
  public enum OuterOptimizer: String, Sendable, Codable, CaseIterable {
    case adam
    /// `Muon` for matrices and filters.
    case muon
  }

  /// How the blocks of `conv4` make images smaller.
  public enum Pooling: String, Sendable, Codable, CaseIterable {
    /// By strides of 2, with the mean over the pixels at the end unless `imageSummary` says otherwise (MAML).
    case strides
    /// By the greatest of 2×2 pixels (MAML++, prototypical networks).
    case max
  }

  /// The switches of MAML++; those of its authors by default.
  public struct PlusPlus: Sendable, Codable, Equatable {
    /// The iterations at the start in which the losses after all steps count; nil: a tenth of all; 0: none.
    public var multiStepIterations: Int?
    /// The iterations with the same weights of these losses; nil: a tenth of those above.
    public var multiStepStretch: Int?
    /// Whether inner rates are learned, one for each tensor and step.
    public var learnsRates = true
    /// Whether each step has its own scale and shift of the normalizations.
    public var normalizesPerStep = true
    /// Whether the inner loop adapts these scales and shifts too.
    public var adaptsNormalization = false
    /// The layers that alone are adapted, by their names in the model, such as `blocks.3.convolution`; nil: all.
    public var adaptedLayers: [String]?
    /// The iterations at the start with first-order gradients.
    public var firstOrderIterations = 0

    public init() {}
  }

  /// A published figure to compare with.
  public struct Expected: Sendable, Codable, Equatable {
    /// As it is published: accuracy in %, or the mean squared error.
    public var value: Double
    /// Where it comes from.
    public var source: String

    public init(value: Double, source: String) {
      self.value = value
      self.source = source
    }
  }

  /// How pictures of one's own are read.
  public struct Pictures: Sendable, Codable, Equatable {
    /// What is made of a picture.
    public var preparation = ImagePreparation()
    /// What is done about a file that cannot be read.
    public var damage = ImageFolder.Damage.refuse
    /// Which classes are for what, once it has been drawn; nil where the folder itself is divided.
    public var split: ClassSplit?

    public init() {}
  }

  /// How a table of tasks is read.
  public struct Table: Sendable, Codable, Equatable {
    /// The columns with a row's task and with its target.
    public var task = "task"
    public var target = "target"
    /// Which tasks are for what, the features, their scale, and the classes that keep their labels, once they are known.
    public var split: ClassSplit?
    public var features: [String]?
    public var scaling: TableScaling?
    public var classes: [String]?

    public init() {}
  }

  /// How a file of arrays is read.
  public struct Arrays: Sendable, Codable, Equatable {
    /// The array with the examples, and that with their labels; of an `.npy` file, the other file.
    public var inputs: String?
    public var labels: String?
    /// Which classes are for what, and the shape of an example, once they are known.
    public var split: ClassSplit?
    public var exampleShape: [Int]?

    public init() {}
  }

  /// How the episodes of training differ in size; those of the test all have the largest.
  public struct Variation: Sendable, Codable, Equatable {
    /// The least ways and shots; nil: as many as the most.
    public var leastWays: Int?
    public var leastShots: Int?
    /// The most shots; nil: as many as in the test. A net that was trained with one shot can be used with five.
    public var mostShots: Int?
    /// Whether each class has shots of its own.
    public var isImbalanced = false

    public init() {}
  }

  /// The domains of one's own data that training does not see; with none to test on, classes are split at random.
  public struct HeldOut: Sendable, Codable, Equatable {
    /// Those that settings are chosen by, and those that the result is of.
    public var validation: [String] = []
    public var test: [String] = []

    public init() {}
  }

  public var dataset: DatasetName
  /// The folder with the data set's files.
  public var data: String?
  public var algorithm = Algorithm.maml
  public var shape: EpisodeShape
  public var variation = Variation()
  /// The inner learning rate α, on the mean loss.
  public var innerRate: Double
  public var innerSteps = 1
  public var isFirstOrder = false
  public var outerOptimizer = OuterOptimizer.adam
  public var outerRate = 1e-3
  /// In which precision training multiplies what convolutions sum over; tests are always in full.
  public var precision = ProductPrecision.full
  public var seed: UInt64 = 0
  /// The units of the hidden layers.
  public var hidden: [Int]
  public var options = MetaTrainingOptions()
  /// Which weights are tested and used.
  public var finalWeights = FinalWeights.last
  /// How training images are changed at random.
  public var augmentation = Augmentation.none
  /// Whether quarter turns of training classes are classes of their own; of Omniglot, `rotations` says so for all.
  public var turnsClasses = false
  /// Whether mirror images of training classes are classes of their own, after they have been turned.
  public var mirrorsClasses = false
  /// Whether a task takes at most one form of a class: it, a turn, or a mirror image.
  public var takesOneForm = false
  /// How many copies a learner gets of each support image in tests and in use, changed as training images are.
  public var supportCopies = 0
  /// How many copies are made of each image to be told apart, in tests and in use; the mean of what a model says counts.
  public var queryCopies = 0
  /// How often a learner adapts to a task in tests and in use, each time with its classes at other outputs; the mean of what
  /// the adapted models say counts.
  public var labelTurns = LabelTurns.none
  /// How often a learner adapts so to a task of training, where the mean of the losses counts.
  public var trainingTurns = LabelTurns.none
  /// How many copies of support images a learner gets in training, where each costs time; fewer will do.
  public var trainingCopies = 0
  public var heldOut = HeldOut()
  /// Of Omniglot: which characters are for what.
  public var split = OmniglotSplit.vinyals
  /// Of Omniglot: how drawings become 28×28.
  public var resampling = Resampling.antialiased
  /// Of Omniglot: whether quarter turns of characters are classes of their own.
  public var rotations = true
  public var network = Network.mlp
  /// The filters of the blocks of `conv4`.
  public var filters: ConvNet4.Widths = 64
  public var pooling = Pooling.strides
  /// What the head of `conv4` sees of the last block's image; the mean over its pixels after strides, all of them after
  /// pooling, where nothing is said.
  public var imageSummary: ConvNet4.Summary?
  public var plusPlus = PlusPlus()
  /// Of a folder of pictures: how it is read.
  public var pictures = Pictures()
  /// Of a table: how it is read.
  public var table = Table()
  /// Of a file of arrays: how it is read.
  public var arrays = Arrays()
  /// The tasks of the test at the end.
  public var testTasks = 600
  /// The most steps of adaptation in the test.
  public var testSteps = 10
  /// Which tasks are those of the test; nil: as `seed` says.
  public var testSeed: UInt64?
  /// The figure to compare with, if there is one.
  public var expected: Expected?

  /// The settings that a data set starts from: MAML's own for sinusoids (Finn et al., 2017), a multilayer perceptron
  /// with batch normalization for characters.
  public init(defaultsFor dataset: DatasetName) {
    self.dataset = dataset
    if dataset.isRegression {
      shape = EpisodeShape(ways: 1, shots: 10, queries: 10)
      innerRate = 0.01
      hidden = [40, 40]
      options.iterations = dataset == .table ? 5000 : 70_000
      options.metaBatch = 25
      options.recordEvery = 100
      options.validateEvery = dataset == .table ? 500 : 5000
    } else {
      shape = EpisodeShape(ways: 5, shots: 1, queries: 5)
      innerRate = dataset == .folder ? 0.4 : 0.5
      hidden = [256, 128, 64, 64]
      network = dataset == .folder ? .conv4 : .mlp
      options.iterations = dataset == .omniglot ? 50_000 : dataset.isOwn ? 5000 : 2500
      options.metaBatch = dataset == .folder ? 8 : 32
      options.recordEvery = 50
      options.validateEvery = dataset == .omniglot ? 2500 : 500
      if dataset == .omniglot {
        // All 1,200 characters that the test does not use, as in the MAML paper.
        split = .vinyalsTrainval
        augmentation.shift = 1
      }
      options.schedule = .cosine(steps: options.iterations, to: 0.01)
    }
  }

  /// Tests with other shots than the run trains with; the published figure is not of such tasks.
  public mutating func test(shots: Int) {
    guard shots != shape.shots else { return }
    if dataset.hasImages { variation.mostShots = variation.mostShots ?? shape.shots }
    (shape.shots, expected) = (shots, nil)
  }

  /// A short name for the run's folder.
  public var name: String {
    dataset.isRegression
      ? "\(dataset.rawValue)-\(shape.shots)-shot-\(algorithm.rawValue)"
      : "\(dataset.rawValue)-\(shape.ways)-way-\(shape.shots)-shot-\(algorithm.rawValue)"
  }

  /// One line that says what is done.
  public var summary: String {
    let way =
      switch algorithm {
      case .joint: "joint training"
      case .maml: isFirstOrder ? "first-order MAML" : "MAML, second order"
      case .mamlPlusPlus: "MAML++"
      case .anil: isFirstOrder ? "ANIL, first order" : "ANIL, second order"
      case .metaSGD: isFirstOrder ? "Meta-SGD, first order" : "Meta-SGD, second order"
      }
    let steps = "\(innerSteps) inner step\(innerSteps == 1 ? "" : "s") at \(innerRate)"
    let task = dataset.isRegression ? "\(shape.shots) points" : "\(shape.ways)-way \(shape.shots)-shot"
    return
      "\(dataset.rawValue), \(task): \(way), \(steps), \(options.metaBatch) tasks a step, "
      + (outerOptimizer == .adam ? "outer rate \(outerRate)" : "\(outerOptimizer.rawValue) at \(outerRate)")
  }
}
