import Foundation
import MetaLearning

extension Train {
  /// The settings of the recipe or the data set, changed by the options.
  func settings() throws -> MetaConfiguration {
    let name = try dataset.map { try DatasetName(named: $0) }
    let isTable = data.map(TableFile.isReadable) ?? false
    let isArrays = data.map(LabeledArrays.isReadable) ?? false
    let usual = data == nil ? DatasetName.alphabet : isTable ? .table : isArrays ? .arrays : .folder
    var settings = try recipe.map { try Recipe($0).configuration } ?? MetaConfiguration(defaultsFor: name ?? usual)
    settings.dataset = name ?? settings.dataset
    settings.data = data ?? settings.data
    settings.algorithm = try choice(algorithm, "--algorithm") ?? settings.algorithm
    settings.shape.ways = ways ?? settings.shape.ways
    settings.shape.shots = shots ?? settings.shape.shots
    settings.shape.queries = queries ?? settings.shape.queries
    settings.innerRate = innerRate ?? settings.innerRate
    settings.outerOptimizer = try choice(outerOptimizer, "--outer-optimizer") ?? settings.outerOptimizer
    settings.outerRate = outerRate ?? settings.outerRate
    settings.precision = try choice(precision, "--precision") ?? settings.precision
    settings.innerSteps = innerSteps ?? settings.innerSteps
    settings.options.metaBatch = metaBatch ?? settings.options.metaBatch
    settings.options.iterations = iterations ?? settings.options.iterations
    settings.options.clipNorm = clipNorm ?? settings.options.clipNorm
    if let validateEvery {
      settings.options.validateEvery = validateEvery
      // Validation belongs to a record: there has to be one whenever it is due.
      settings.options.recordEvery = divisor(of: settings.options.recordEvery, validateEvery)
    }
    settings.options.patience = patience ?? settings.options.patience
    settings.finalWeights = try choice(finalWeights, "--final-weights") ?? settings.finalWeights
    settings.seed = seed ?? settings.seed
    settings.isFirstOrder = firstOrder || settings.isFirstOrder
    settings.network = try choice(model, "--model") ?? settings.network
    if let filters { settings.filters = try widths(filters) }
    augmentation.change(&settings.augmentation)
    settings.variation.leastWays = leastWays ?? settings.variation.leastWays
    settings.variation.leastShots = leastShots ?? settings.variation.leastShots
    settings.variation.mostShots = mostShots ?? settings.variation.mostShots
    settings.variation.isImbalanced = imbalanced || settings.variation.isImbalanced
    settings.turnsClasses = turnClasses || settings.turnsClasses
    settings.mirrorsClasses = mirrorClasses || settings.mirrorsClasses
    settings.takesOneForm = oneForm || settings.takesOneForm
    settings.supportCopies = supportCopies ?? settings.supportCopies
    settings.queryCopies = queryCopies ?? settings.queryCopies
    settings.labelTurns.count = labelTurns ?? settings.labelTurns.count
    settings.trainingTurns.count = trainingTurns ?? settings.trainingTurns.count
    settings.trainingCopies = trainingCopies ?? settings.trainingCopies
    if let testDomains { settings.heldOut.test = names(testDomains) }
    if let validationDomains { settings.heldOut.validation = names(validationDomains) }
    settings.pictures.preparation.size = size ?? settings.pictures.preparation.size
    settings.pictures.preparation.color = try choice(color, "--color") ?? settings.pictures.preparation.color
    settings.pictures.preparation.invert = invert || settings.pictures.preparation.invert
    settings.arrays.inputs = inputs ?? settings.arrays.inputs
    settings.arrays.labels = labels ?? settings.arrays.labels
    settings.table.task = taskColumn ?? settings.table.task
    settings.table.target = targetColumn ?? settings.table.target
    settings.pictures.damage = try choice(damaged, "--damaged") ?? settings.pictures.damage
    settings.split = try choice(split, "--split") ?? settings.split
    settings.resampling = try choice(resampling, "--resampling") ?? settings.resampling
    settings.testTasks = tasks ?? settings.testTasks
    settings.testSteps = testSteps ?? settings.testSteps
    if let hidden { settings.hidden = try sizes(hidden, "--hidden") }
    settings.plusPlus.multiStepIterations = multiStepIterations ?? settings.plusPlus.multiStepIterations
    settings.plusPlus.firstOrderIterations = firstOrderIterations ?? settings.plusPlus.firstOrderIterations
    if fixedRates { settings.plusPlus.learnsRates = false }
    if sharedNorm { settings.plusPlus.normalizesPerStep = false }
    if let adaptedLayers { settings.plusPlus.adaptedLayers = names(adaptedLayers) }
    if adaptedNorm { settings.plusPlus.adaptsNormalization = true }
    if let schedule: OuterSchedule = try choice(schedule, "--schedule") {
      var course = OuterCourse(schedule)
      course.warmUp = warmUp ?? 0
      try settings.setCourse(course)
    } else {
      if warmUp != nil { throw UserError("--warm-up goes with --schedule.") }
      settings.stretchSchedule()
    }
    return settings
  }
}

/// The greatest common divisor of two counts; the first where the second is none.
private func divisor(of a: Int, _ b: Int) -> Int { b < 1 ? a : a % b == 0 ? b : divisor(of: b, a % b) }
