/// A configuration while a recipe is read: some of its settings depend on several keys.
struct RecipeDraft {
  var configuration: MetaConfiguration
  var course: OuterCourse

  init(_ configuration: MetaConfiguration) {
    self.configuration = configuration
    course = OuterCourse(configuration.options.schedule == .constant ? .constant : .cosine)
  }

  /// With the outer rate's course over all iterations.
  var finished: MetaConfiguration {
    get throws {
      var result = configuration
      try result.setCourse(course)
      return result
    }
  }
}

/// What the keys of a recipe set. They have the names of the command line's options where there is one.
enum RecipeKeys {
  typealias Setter = @Sendable (inout RecipeDraft, RecipeValue) throws -> Void

  /// All keys but `dataset`.
  static let all: [String: Setter] = [
    "data": { $0.configuration.data = try $1.text() },
    "split": { $0.configuration.split = try $1.choice() },
    "rotations": { $0.configuration.rotations = try $1.bool() },
    "resampling": { $0.configuration.resampling = try $1.choice() },
    "validation-domains": { $0.configuration.heldOut.validation = try $1.texts() },
    "test-domains": { $0.configuration.heldOut.test = try $1.texts() },
    "size": { $0.configuration.pictures.preparation.size = try $1.int() },
    "color": { $0.configuration.pictures.preparation.color = try $1.choice() },
    "invert": { $0.configuration.pictures.preparation.invert = try $1.bool() },
    "task-column": { $0.configuration.table.task = try $1.text() },
    "target-column": { $0.configuration.table.target = try $1.text() },
    "inputs": { $0.configuration.arrays.inputs = try $1.text() },
    "labels": { $0.configuration.arrays.labels = try $1.text() },
    "damaged": { $0.configuration.pictures.damage = try $1.choice() },
    "shift": { $0.configuration.augmentation.shift = try $1.int() },
    "rotate": { $0.configuration.augmentation.rotation = try $1.number() },
    "scale": { $0.configuration.augmentation.scale = try $1.number() },
    "shear": { $0.configuration.augmentation.shear = try $1.number() },
    "flip": { $0.configuration.augmentation.flip = try $1.bool() },
    "noise": { $0.configuration.augmentation.noise = try $1.number() },
    "cutout": { $0.configuration.augmentation.cutout = try $1.int() },
    "ways": { $0.configuration.shape.ways = try $1.int() },
    "shots": { $0.configuration.shape.shots = try $1.int() },
    "least-ways": { $0.configuration.variation.leastWays = try $1.int() },
    "least-shots": { $0.configuration.variation.leastShots = try $1.int() },
    "most-shots": { $0.configuration.variation.mostShots = try $1.int() },
    "imbalanced": { $0.configuration.variation.isImbalanced = try $1.bool() },
    "turn-classes": { $0.configuration.turnsClasses = try $1.bool() },
    "one-form": { $0.configuration.takesOneForm = try $1.bool() },
    "mirror-classes": { $0.configuration.mirrorsClasses = try $1.bool() },
    "support-copies": { $0.configuration.supportCopies = try $1.int() },
    "query-copies": { $0.configuration.queryCopies = try $1.int() },
    "training-turns": { $0.configuration.trainingTurns.count = try $1.int() },
    "label-turns": { $0.configuration.labelTurns.count = try $1.int() },
    "training-copies": { $0.configuration.trainingCopies = try $1.int() },
    "queries": { $0.configuration.shape.queries = try $1.int() },
    "model": { $0.configuration.network = try $1.choice() },
    "hidden": { $0.configuration.hidden = try $1.ints() },
    "filters": { $0.configuration.filters = try $1.widths() },
    "pooling": { $0.configuration.pooling = try $1.choice() },
    "image-summary": { $0.configuration.imageSummary = try $1.choice() },
    "algorithm": { $0.configuration.algorithm = try $1.choice() },
    "inner-rate": { $0.configuration.innerRate = try $1.number() },
    "inner-steps": { $0.configuration.innerSteps = try $1.int() },
    "first-order": { $0.configuration.isFirstOrder = try $1.bool() },
    "first-order-iterations": { $0.configuration.plusPlus.firstOrderIterations = try $1.int() },
    "multi-step-iterations": { $0.configuration.plusPlus.multiStepIterations = try $1.int() },
    "multi-step-stretch": { $0.configuration.plusPlus.multiStepStretch = try $1.int() },
    "learned-rates": { $0.configuration.plusPlus.learnsRates = try $1.bool() },
    "norm-per-step": { $0.configuration.plusPlus.normalizesPerStep = try $1.bool() },
    "adapted-layers": { $0.configuration.plusPlus.adaptedLayers = try $1.texts() },
    "adapted-norm": { $0.configuration.plusPlus.adaptsNormalization = try $1.bool() },
    "outer-optimizer": { $0.configuration.outerOptimizer = try $1.choice() },
    "precision": { $0.configuration.precision = try $1.choice() },
    "outer-rate": { $0.configuration.outerRate = try $1.number() },
    "schedule": { $0.course.schedule = try $1.choice() },
    "outer-rate-floor": { $0.course.floor = try $1.number() },
    "warm-up": { $0.course.warmUp = try $1.int() },
    "decay-every": { $0.course.decayEvery = try $1.int() },
    "decay-factor": { $0.course.decayFactor = try $1.number() },
    "clip-norm": { $0.configuration.options.clipNorm = try $1.number() },
    "meta-batch": { $0.configuration.options.metaBatch = try $1.int() },
    "patience": { $0.configuration.options.patience = try $1.int() },
    "final-weights": { $0.configuration.finalWeights = try $1.choice() },
    "iterations": { $0.configuration.options.iterations = try $1.int() },
    "record-every": { $0.configuration.options.recordEvery = try $1.int() },
    "validate-every": { $0.configuration.options.validateEvery = try $1.int() },
    "validation-tasks": { $0.configuration.options.validationTasks = try $1.int() },
    "seed": { $0.configuration.seed = try $1.seed() },
    "tasks": { $0.configuration.testTasks = try $1.int() },
    "test-steps": { $0.configuration.testSteps = try $1.int() },
    "test-seed": { $0.configuration.testSeed = try $1.seed() },
    "expected": { draft, value in
      let parts = try value.parts(["value", "source"])
      guard let figure = parts["value"], let source = parts["source"] else {
        throw value.mistake("must have a value and a source.")
      }
      draft.configuration.expected = .init(value: try figure.number(), source: try source.text())
    },
  ]
}
