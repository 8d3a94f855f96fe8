extension MetaConfiguration {
  enum CodingKeys: CodingKey {
    case dataset, data, algorithm, shape, innerRate, innerSteps, isFirstOrder, outerOptimizer, outerRate
    case precision, seed, hidden
    case options, augmentation, finalWeights, variation, turnsClasses, mirrorsClasses, takesOneForm, supportCopies,
      queryCopies, labelTurns, trainingTurns
    case trainingCopies, split, resampling, rotations, network, filters, pooling
    case imageSummary, heldOut, plusPlus, pictures, table, arrays, testTasks, testSteps, testSeed, expected
  }

  private enum FormerKeys: CodingKey { case shift }

  /// Reads a configuration, also one of a run that was made before a setting existed: it then has the setting's default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(defaultsFor: try container.decode(DatasetName.self, forKey: .dataset))
    func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try container.decode(Value.self, forKey: key)
    }
    func readIfThere<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try container.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    data = try container.decodeIfPresent(String.self, forKey: .data)
    try read(&algorithm, .algorithm)
    try read(&shape, .shape)
    try read(&innerRate, .innerRate)
    try read(&innerSteps, .innerSteps)
    try read(&isFirstOrder, .isFirstOrder)
    try readIfThere(&outerOptimizer, .outerOptimizer)
    try read(&outerRate, .outerRate)
    try readIfThere(&precision, .precision)
    try read(&seed, .seed)
    try readIfThere(&hidden, .hidden)
    try read(&options, .options)
    try readIfThere(&augmentation, .augmentation)
    // Runs made before there was more than shifting.
    let former = try decoder.container(keyedBy: FormerKeys.self)
    augmentation.shift = try former.decodeIfPresent(Int.self, forKey: .shift) ?? augmentation.shift
    try readIfThere(&split, .split)
    try readIfThere(&resampling, .resampling)
    try read(&testTasks, .testTasks)
    try read(&testSteps, .testSteps)
    try readIfThere(&rotations, .rotations)
    try readIfThere(&finalWeights, .finalWeights)
    try readIfThere(&variation, .variation)
    try readIfThere(&turnsClasses, .turnsClasses)
    try readIfThere(&mirrorsClasses, .mirrorsClasses)
    try readIfThere(&takesOneForm, .takesOneForm)
    try readIfThere(&supportCopies, .supportCopies)
    try readIfThere(&queryCopies, .queryCopies)
    try readIfThere(&labelTurns, .labelTurns)
    try readIfThere(&trainingTurns, .trainingTurns)
    try readIfThere(&trainingCopies, .trainingCopies)
    try readIfThere(&heldOut, .heldOut)
    try readIfThere(&network, .network)
    try readIfThere(&filters, .filters)
    try readIfThere(&pooling, .pooling)
    imageSummary = try container.decodeIfPresent(ConvNet4.Summary.self, forKey: .imageSummary)
    try readIfThere(&plusPlus, .plusPlus)
    try readIfThere(&pictures, .pictures)
    try readIfThere(&table, .table)
    try readIfThere(&arrays, .arrays)
    testSeed = try container.decodeIfPresent(UInt64.self, forKey: .testSeed)
    expected = try container.decodeIfPresent(Expected.self, forKey: .expected)
  }

  /// Writes what has a meaning for the data set, the network and the algorithm.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func write(_ value: some Encodable, _ key: CodingKeys, if hasMeaning: Bool = true) throws {
      if hasMeaning { try container.encode(value, forKey: key) }
    }
    try write(dataset, .dataset)
    try write(data, .data, if: data != nil)
    try write(split, .split, if: dataset == .omniglot)
    try write(resampling, .resampling, if: dataset == .omniglot)
    try write(rotations, .rotations, if: dataset == .omniglot)
    try write(pictures, .pictures, if: dataset == .folder)
    try write(table, .table, if: dataset.isTable)
    try write(arrays, .arrays, if: dataset == .arrays)
    try write(heldOut, .heldOut, if: heldOut != HeldOut())
    try write(augmentation, .augmentation, if: dataset.hasImages)
    try write(variation, .variation, if: variation != Variation())
    try write(turnsClasses, .turnsClasses, if: turnsClasses)
    try write(mirrorsClasses, .mirrorsClasses, if: mirrorsClasses)
    try write(takesOneForm, .takesOneForm, if: takesOneForm)
    try write(supportCopies, .supportCopies, if: supportCopies > 0)
    try write(queryCopies, .queryCopies, if: queryCopies > 0)
    try write(labelTurns, .labelTurns, if: labelTurns != .none)
    try write(trainingTurns, .trainingTurns, if: trainingTurns != .none)
    try write(trainingCopies, .trainingCopies, if: trainingCopies > 0)
    try write(shape, .shape)
    try write(network, .network)
    try write(hidden, .hidden, if: network == .mlp)
    try write(filters, .filters, if: network == .conv4)
    try write(pooling, .pooling, if: network == .conv4)
    try write(imageSummary, .imageSummary, if: network == .conv4 && imageSummary != nil)
    try write(algorithm, .algorithm)
    try write(plusPlus, .plusPlus, if: algorithm == .mamlPlusPlus)
    try write(innerRate, .innerRate)
    try write(innerSteps, .innerSteps)
    try write(isFirstOrder, .isFirstOrder)
    try write(outerOptimizer, .outerOptimizer)
    try write(outerRate, .outerRate)
    try write(precision, .precision, if: network == .conv4)
    try write(options, .options)
    try write(finalWeights, .finalWeights)
    try write(seed, .seed)
    try write(testTasks, .testTasks)
    try write(testSteps, .testSteps)
    try write(testSeed, .testSeed, if: testSeed != nil)
    try write(expected, .expected, if: expected != nil)
  }
}
