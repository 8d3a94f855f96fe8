extension MetaConfiguration {
  /// Throws a `UserError` that names the first setting that makes no sense.
  public func validate() throws {
    let many = Self.countRange
    try require("--ways", shape.ways, in: many)
    try require("--shots", shape.shots, in: many)
    try require("--queries", shape.queries, in: many)
    try require("--inner-rate", positive: innerRate)
    try require("--outer-rate", positive: outerRate)
    try require("--inner-steps", innerSteps, in: 0...1000)
    try require("--meta-batch", options.metaBatch, in: many)
    try require("--iterations", options.iterations, in: 1...1_000_000_000)
    try require("--tasks", testTasks, in: Self.testTaskRange)
    try require("--test-steps", testSteps, in: Self.testStepRange)
    try require(hidden: hidden)
    for width in filters.blocks { try require("--filters", width, in: 1...4096) }
    try require(
      network != .conv4 || dataset.hasImages, "--model conv4 is for images; \(dataset.rawValue) has none.")
    try require(
      network == .conv4 || precision == .full,
      "--precision \(precision.rawValue) is for --model conv4: it is of the products of convolutions.")
    try require("--multi-step-iterations", plusPlus.multiStepIterations ?? 0, in: 0...1_000_000_000)
    try require("--multi-step-stretch", plusPlus.multiStepStretch ?? 1, in: 1...1_000_000_000)
    try require("--first-order-iterations", plusPlus.firstOrderIterations, in: 0...1_000_000_000)
    try require(
      algorithm != .mamlPlusPlus || innerSteps > 0,
      "--inner-steps must be at least 1 for maml++; given was \(innerSteps).")
    try require(augmentation: augmentation, of: dataset)
    try require("--least-ways", variation.leastWays ?? shape.ways, in: 1...max(shape.ways, 1))
    let mostShots = variation.mostShots ?? shape.shots
    try require("--most-shots", mostShots, in: many)
    try require("--least-shots", variation.leastShots ?? mostShots, in: 1...max(mostShots, 1))
    try require(variation == Variation() || dataset.hasImages, "Episodes of different sizes are drawn of images only.")
    try require(
      heldOut == HeldOut() || dataset.isOwn, "--test-domains is for data of one's own, not for \(dataset.rawValue).")
    try require(
      heldOut.validation.isEmpty || !heldOut.test.isEmpty, "--validation-domains goes with --test-domains.")
    try require(!turnsClasses || dataset.hasImages, "--turn-classes is for images; \(dataset.rawValue) has none.")
    try require(!takesOneForm || dataset.hasImages, "--one-form is for images; \(dataset.rawValue) has none.")
    try require(!mirrorsClasses || dataset.hasImages, "--mirror-classes is for images; \(dataset.rawValue) has none.")
    for (option, count) in [
      ("--support-copies", supportCopies), ("--query-copies", queryCopies), ("--training-copies", trainingCopies),
    ] {
      try require(option, count, in: 0...1000)
      try require(
        count == 0 || !augmentation.isNone,
        "\(option) needs random changes of images, such as --shift 2; all copies would be alike.")
    }
    try require("--label-turns", labelTurns.count, in: 1...max(1, shape.ways))
    try require("--training-turns", trainingTurns.count, in: 1...max(1, shape.ways))
    try require("--size", pictures.preparation.size, in: ImagePreparation.sizes)
    try require(!dataset.isRegression || shape.ways == 1, "--ways has no meaning for \(dataset.rawValue).")
    try require(folder: data, of: dataset)
    try require("--record-every", options.recordEvery, in: many)
    try require("--validate-every", options.validateEvery, in: many)
    try require("--validation-tasks", options.validationTasks, in: many)
    try require("--patience", options.patience ?? 1, in: many)
    if let clipNorm = options.clipNorm { try require("--clip-norm", positive: clipNorm) }
    // No option sets the others, but a configuration is read from a file.
    if let mistake = options.mistake { throw UserError("The setting \(mistake).") }
  }

  /// How many tasks a test may have; an interval needs two.
  public static let testTaskRange = 2...10_000_000
  /// How many classes, or examples of one, an episode may have.
  public static let countRange = 1...1_000_000
  /// How many steps a test may take.
  public static let testStepRange = 0...1000
}
