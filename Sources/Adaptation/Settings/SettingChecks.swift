/// Throws a `UserError` with a sentence unless a setting is right.
package func require(_ isRight: Bool, _ sentence: @autoclosure () -> String) throws {
  if !isRight { throw UserError(sentence()) }
}

/// Throws a `UserError` unless a count makes sense; the upper ends keep slips of the keyboard from overflowing memory.
package func require(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  try require(value >= range.lowerBound, "\(option) must be at least \(range.lowerBound); given was \(value).")
  try require(value <= range.upperBound, "\(option) must be at most \(range.upperBound); given was \(value).")
}

/// Throws a `UserError` unless a rate is a positive number.
package func require(_ option: String, positive value: Double) throws {
  try require(value > 0 && value.isFinite, "\(option) must be positive; given was \(value).")
}

/// Throws a `UserError` unless a share is at least 0 and below 1.
package func require(_ option: String, share value: Double) throws {
  try require((0..<1).contains(value), "\(option) must be at least 0 and below 1; given was \(value).")
}

/// Throws a `UserError` unless the units of the hidden layers make sense; no hidden layer is a linear model.
package func require(hidden sizes: [Int]) throws {
  try require(
    sizes.allSatisfy { (1...65_536).contains($0) }, "--hidden sizes must be from 1 to 65536; given were \(sizes).")
}

/// Throws a `UserError` where a data set is read from files and their folder is not given.
package func require(folder: String?, of dataset: DatasetName) throws {
  try require(
    !dataset.needsFiles || folder != nil,
    "The data set \(dataset.rawValue) is read from files; give their folder with --data.")
}

/// Throws a `UserError` unless the images of a data set can be changed so far.
package func require(augmentation: Augmentation, of dataset: DatasetName) throws {
  try require(augmentation.isNone || dataset.hasImages, "Augmentation is for images; \(dataset.rawValue) has none.")
  if let mistake = augmentation.mistake { throw UserError("--\(mistake)") }
  try require("--shift", augmentation.shift, in: 0...4095)
}
