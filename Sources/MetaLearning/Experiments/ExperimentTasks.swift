import Foundation

/// The tasks of an experiment, for training, for looking meanwhile, and for the test.
struct ExperimentTasks {
  var train: AnyTasks
  /// Nil where no classes are set apart for it: looking at the test's would choose by them.
  var validation: AnyTasks?
  var test: AnyTasks
  /// The shape of an example, without the batch.
  var exampleShape: Shape
  var outputs: Int
  /// Which classes of a folder of pictures, or tasks of a table, are for what, where that was drawn.
  var split: ClassSplit?
  /// The features of a table, the scale of its columns, and the classes that keep their labels.
  var features: [String]?
  var scaling: TableScaling?
  var fixedClasses: [String]?
  /// Files that were left out, and why.
  var skipped: [String] = []

  init(_ configuration: MetaConfiguration) throws {
    try configuration.validate()
    switch configuration.dataset {
    case .sinusoid: self.init(sinusoids: configuration.shape)
    case .table, .classTable: try self.init(table: configuration)
    case .arrays: try self.init(arrays: configuration)
    default: try self.init(images: configuration)
    }
  }

  private init(sinusoids shape: EpisodeShape) {
    let curves = CurveTasks(.sinusoids, shots: shape.shots, queries: shape.queries)
    // A query set of 100 points makes the error of one task exact enough.
    let judged = CurveTasks(.sinusoids, shots: shape.shots, queries: 100)
    train = AnyTasks(curves)
    validation = AnyTasks(judged)
    test = AnyTasks(judged)
    (exampleShape, outputs) = ([1], 1)
  }

  private init(images configuration: MetaConfiguration) throws {
    if configuration.dataset == .folder {
      let (images, split, skipped) = try Self.pictures(configuration)
      try self.init(images.train, images.validation, images.test, configuration)
      (self.split, self.skipped) = (split, skipped)
    } else {
      let images = try Self.images(configuration)
      try self.init(images.train, images.validation, images.test, configuration)
    }
  }

  private init(arrays configuration: MetaConfiguration) throws {
    let settings = configuration.arrays
    let examples = try LabeledArrays.load(
      URL(fileURLWithPath: configuration.data ?? "."), inputs: settings.inputs, labels: settings.labels)
    let split = try settings.split ?? configuration.drawnSplit(of: examples.classNames)
    func part(_ names: [String]) throws -> any LabeledDataset { try examples.restricted(toClassesNamed: names) }
    try self.init(
      part(split.train), split.validation.isEmpty ? nil : part(split.validation), part(split.test), configuration)
    self.split = split
  }

  /// Tasks of the classes to train on, to validate on, and to test on.
  private init(
    _ train: any LabeledDataset, _ validation: (any LabeledDataset)?, _ test: any LabeledDataset,
    _ configuration: MetaConfiguration
  ) throws {
    func tasks(_ examples: some LabeledDataset, _ shape: EpisodeShape) throws -> AnyTasks {
      AnyTasks(try EpisodeSampler(examples, shape: shape, takesOneForm: configuration.takesOneForm))
    }
    func images(_ examples: any LabeledDataset, for option: String) throws -> LabeledImages {
      guard let images = examples as? LabeledImages else {
        throw UserError("\(option) needs images of bytes; the examples are numbers.")
      }
      return images
    }
    let shape = configuration.shape
    // More queries make the accuracy of one task more exact; a class may have too few for that.
    let most = test.indicesByClass.map(\.count).min() ?? 0
    let queries = max(shape.queries, min(15, most - shape.shots))
    let judged = EpisodeShape(ways: shape.ways, shots: shape.shots, queries: queries)
    var learned = train
    if configuration.turnsClasses { learned = try images(learned, for: "--turn-classes").withQuarterTurns() }
    if configuration.mirrorsClasses { learned = try images(learned, for: "--mirror-classes").withMirrors() }
    let copies = ImageCopies(configuration.trainingCopies, changedBy: configuration.augmentation)
    func copied(_ tasks: AnyTasks) -> AnyTasks { tasks.changed { copies.added(toSupportOf: $0, key: $1[2]) } }
    self.train = try copied(configuration.varied(learned))
    self.validation = try validation.map { try copied(tasks($0, judged)) }
    self.test = try tasks(test, judged)
    (exampleShape, outputs) = (train.exampleShape, shape.ways)
  }

  private init(table configuration: MetaConfiguration) throws {
    let (shape, settings) = (configuration.shape, configuration.table)
    let url = URL(fileURLWithPath: configuration.data ?? ".")
    let asksForClasses = configuration.dataset == .classTable
    let table = try TaskTable(
      contentsOf: url, task: settings.task, target: settings.target, kind: asksForClasses ? .classes : .numbers)
    // Tasks that are too small are left out, unless all are.
    let lacks = table.tasks.compactMap { TableTasks.lack(of: $0, shape, asksForClasses: asksForClasses) }
    if lacks.count == table.tasks.count { throw UserError("\(url.path): no task is large enough. \(lacks[0])") }
    skipped = lacks
    let large = table.tasks.filter { TableTasks.lack(of: $0, shape, asksForClasses: asksForClasses) == nil }
    let split = try settings.split ?? configuration.drawnSplit(of: large.map(\.name))
    let known = Dictionary(uniqueKeysWithValues: large.map { ($0.name, $0) })
    func tasks(_ names: [String]) throws -> [TaskTable.Task] {
      try names.map { name in
        guard let task = known[name] else {
          throw UserError("\(url.path) has no task '\(name)' any more, which the run was made with")
        }
        return task
      }
    }
    let fixed = settings.classes ?? (asksForClasses ? TableTasks.fixedClasses(of: large, ways: shape.ways) : nil)
    let own = try tasks(split.train)
    let scaling = settings.scaling ?? TableScaling(of: own, features: table.features.count)
    func distribution(_ tasks: [TaskTable.Task], isJudged: Bool) throws -> AnyTasks {
      guard asksForClasses else {
        // More rows make the error of one task more exact; a task may have too few for that.
        let most = (tasks.map(\.count).min() ?? 0) - shape.shots
        let queries = isJudged ? max(shape.queries, min(100, most)) : shape.queries
        return AnyTasks(
          try TableTasks(
            tasks, features: table.features.count, scaling: scaling, shots: shape.shots, queries: queries))
      }
      return AnyTasks(
        try TableTasks(
          classesOf: tasks, features: table.features.count, scaling: scaling, shape: shape, fixed: fixed))
    }
    train = try distribution(own, isJudged: false)
    validation = split.validation.isEmpty ? nil : try distribution(tasks(split.validation), isJudged: true)
    test = try distribution(tasks(split.test), isJudged: true)
    (exampleShape, outputs) = ([table.features.count], shape.ways)
    (self.split, self.scaling, features) = (split, scaling, table.features)
    fixedClasses = fixed
  }

  /// The pictures of a folder that is divided, or whose classes are split as the seed says, or as they once were.
  private static func pictures(_ configuration: MetaConfiguration) throws -> (
    images: DatasetSplit, split: ClassSplit?, skipped: [String]
  ) {
    let folder = try ImageFolder(URL(fileURLWithPath: configuration.data ?? ".", isDirectory: true))
    let settings = configuration.pictures
    var skipped: [String] = []
    func load(_ folder: ImageFolder) throws -> LabeledImages {
      let (images, reasons) = try folder.load(settings.preparation, damage: settings.damage)
      skipped += reasons
      return images
    }
    if settings.split == nil, let parts = folder.parts {
      guard configuration.heldOut == .init() else {
        throw UserError("\(folder.url.path) is divided into train and test; --test-domains cannot divide it anew.")
      }
      let images = DatasetSplit(
        train: try load(parts.train), validation: try parts.validation.map(load), test: try load(parts.test))
      return (images, nil, skipped)
    }
    let split = try settings.split ?? configuration.drawnSplit(of: folder.classes.map(\.name))
    func load(_ names: [String]) throws -> LabeledImages { try load(folder.restricted(to: names)) }
    let images = DatasetSplit(
      train: try load(split.train), validation: split.validation.isEmpty ? nil : try load(split.validation),
      test: try load(split.test))
    return (images, split, skipped)
  }

  private static func images(_ configuration: MetaConfiguration) throws -> DatasetSplit {
    let folder = URL(fileURLWithPath: configuration.data ?? ".", isDirectory: true)
    switch configuration.dataset {
    case .sinusoid, .folder, .table, .classTable, .arrays: preconditionFailure("these are made elsewhere")
    case .alphabet:
      let generator = AlphabetGenerator(key: RandomKey(seed: configuration.seed)[100])
      return DatasetSplit(
        train: generator.dataset(classes: 0..<1200), validation: generator.dataset(classes: 1200..<1300),
        test: generator.dataset(classes: 1300..<1700))
    case .omniglot:
      return try Omniglot.load(
        from: folder, resampling: configuration.resampling, rotations: configuration.rotations,
        split: configuration.split)
    case .mnist, .fashionMNIST:
      let loaded = try MNIST.load(from: folder, variant: configuration.dataset == .mnist ? .digits : .fashion)
      // Five classes to learn from, the other five to be tested on.
      return DatasetSplit(
        train: try loaded.train.restricted(toClasses: 0..<5), validation: nil,
        test: try loaded.test.restricted(toClasses: 5..<10))
    case .cifarFS, .fc100:
      return try CIFAR100.load(from: folder, split: configuration.dataset == .fc100 ? .fc100 : .cifarFS)
    }
  }
}

extension MetaConfiguration {
  /// The tasks of training: of one size, or of several.
  fileprivate func varied(_ examples: some LabeledDataset) throws -> AnyTasks {
    let most = EpisodeShape(ways: shape.ways, shots: variation.mostShots ?? shape.shots, queries: shape.queries)
    let ways = (variation.leastWays ?? most.ways)...most.ways
    let shots = (variation.leastShots ?? most.shots)...most.shots
    guard ways.count > 1 || shots.count > 1 else {
      return AnyTasks(
        try EpisodeSampler(examples, shape: most, augmentation: augmentation, takesOneForm: takesOneForm))
    }
    return AnyTasks(
      try VariedEpisodes(
        examples, ways: ways, shots: shots, queries: most.queries, imbalanced: variation.isImbalanced,
        augmentation: augmentation, takesOneForm: takesOneForm))
  }

  /// Classes, or tasks of a table, split by their domains or as the seed says.
  fileprivate func drawnSplit(of names: [String]) throws -> ClassSplit {
    if !heldOut.test.isEmpty {
      return try ClassSplit(names, validation: Set(heldOut.validation), test: Set(heldOut.test))
    }
    return try ClassSplit(names, least: dataset.isTable ? 1 : shape.ways, key: RandomKey(seed: seed)[3])
  }
}

/// A task distribution of any kind.
public struct AnyTasks: TaskDistribution {
  public let shape: EpisodeShape
  public let hasOneShape: Bool
  private let draw: @Sendable (RandomKey) -> Episode
  /// The names of the classes of the episode that a key gives; empty in a regression.
  let classNames: @Sendable (RandomKey) -> [String]
  /// The curve of the task that a key gives; nil for classes.
  let curve: @Sendable (RandomKey) -> Curve?

  init<D: LabeledDataset>(_ sampler: EpisodeSampler<D>) {
    (shape, hasOneShape) = (sampler.shape, sampler.hasOneShape)
    draw = { sampler.episode(key: $0) }
    classNames = { sampler.classNames(key: $0) }
    curve = { _ in nil }
  }

  /// Tasks of which no names or curves are known.
  init(_ tasks: some TaskDistribution) {
    (shape, hasOneShape) = (tasks.shape, tasks.hasOneShape)
    draw = { tasks.episode(key: $0) }
    classNames = { _ in [] }
    curve = { _ in nil }
  }

  init(_ curves: CurveTasks) {
    (shape, hasOneShape) = (curves.shape, curves.hasOneShape)
    draw = { curves.episode(key: $0) }
    classNames = { _ in [] }
    curve = { curves.curve(key: $0) }
  }

  private init(_ tasks: AnyTasks, drawing draw: @escaping @Sendable (RandomKey) -> Episode) {
    (shape, hasOneShape, classNames, curve) = (tasks.shape, tasks.hasOneShape, tasks.classNames, tasks.curve)
    self.draw = draw
  }

  /// The same tasks, each episode changed as its key says.
  func changed(_ change: @escaping @Sendable (Episode, RandomKey) -> Episode) -> AnyTasks {
    AnyTasks(self) { change(draw($0), $0) }
  }

  public func episode(key: RandomKey) -> Episode { draw(key) }
}
