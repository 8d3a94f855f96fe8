extension MetaConfiguration {
  enum CodingKeys: CodingKey {
    case dataset, data, algorithm, shape, innerRate, innerSteps, isFirstOrder, outerRate, seed, hidden, options
    case augmentation, finalWeights, variation, turnsClasses, split, resampling, rotations, network, filters, pooling
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
    try read(&outerRate, .outerRate)
    try read(&seed, .seed)
    try read(&hidden, .hidden)
    try read(&options, .options)
    try readIfThere(&augmentation, .augmentation)
    // Runs made before there was more than shifting.
    let former = try decoder.container(keyedBy: FormerKeys.self)
    augmentation.shift = try former.decodeIfPresent(Int.self, forKey: .shift) ?? augmentation.shift
    try read(&split, .split)
    try read(&resampling, .resampling)
    try read(&testTasks, .testTasks)
    try read(&testSteps, .testSteps)
    try readIfThere(&rotations, .rotations)
    try readIfThere(&finalWeights, .finalWeights)
    try readIfThere(&variation, .variation)
    try readIfThere(&turnsClasses, .turnsClasses)
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
}
