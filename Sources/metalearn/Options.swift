import ArgumentParser
import Foundation
import MetaLearning

/// Reads a choice by its name.
func choice<Value: RawRepresentable & CaseIterable>(_ name: String?, _ option: String) throws -> Value?
where Value.RawValue == String {
  guard let name else { return nil }
  guard let value = Value(rawValue: name) else {
    throw UserError(
      "\(option) is one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")); given was '\(name)'.")
  }
  return value
}

/// Reads a list of sizes such as `256,128`.
func sizes(_ text: String, _ option: String) throws -> [Int] {
  try text.split(separator: ",").map { part in
    guard let size = Int(part.trimmingCharacters(in: .whitespaces)) else {
      throw UserError("\(option) is a list of whole numbers such as 256,128; given was '\(text)'.")
    }
    return size
  }
}

/// Reads the filters of `conv4`: a number, or one for each block.
func widths(_ text: String) throws -> ConvNet4.Widths {
  guard let widths = ConvNet4.Widths(try sizes(text, "--filters")) else {
    throw UserError("--filters is one number, or four such as 32,64,96,128; given was '\(text)'.")
  }
  return widths
}

/// Reads a list of names such as `Greek,Latin`.
func names(_ text: String) -> [String] {
  text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
}

/// Throws a `UserError` unless the number of threads makes sense.
func checkWorkers(_ workers: Int?) throws {
  if let workers, workers < 1 { throw UserError("--workers must be at least 1; given was \(workers).") }
}

/// Throws a `UserError` unless a count is in a range.
func checkRange(_ value: Int?, _ range: ClosedRange<Int>, _ option: String) throws {
  guard let value, !range.contains(value) else { return }
  throw UserError("\(option) must be from \(range.lowerBound) to \(range.upperBound); given was \(value).")
}

/// When a run is saved.
struct SavingOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .init("Seconds between checkpoints.", valueName: "seconds"))
  var saveEvery = 30.0
  @Option(parsing: .unconditional, help: .init("How many of the latest checkpoints to keep.", valueName: "n"))
  var keep = 1

  func options() throws -> CheckpointOptions {
    guard saveEvery >= 0, saveEvery.isFinite else {
      throw UserError("--save-every must be at least 0; given was \(saveEvery).")
    }
    try checkRange(keep, 1...10_000, "--keep")
    var options = CheckpointOptions()
    (options.seconds, options.kept) = (saveEvery, keep)
    return options
  }
}

/// How far training images are changed at random.
struct AugmentationOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .init("Shift by up to so many pixels.", valueName: "n")) var shift: Int?
  @Option(parsing: .unconditional, help: .init("Turn by up to so many degrees.", valueName: "degrees"))
  var rotate: Double?
  @Option(
    parsing: .unconditional, help: .init("Stretch each axis by up to such a share, as 0.1.", valueName: "share"))
  var scale: Double?
  @Option(parsing: .unconditional, help: .init("Slant by up to so many pixels a row, as 0.2.", valueName: "slope"))
  var shear: Double?
  @Flag(help: "Mirror every other image, left to right.") var flip = false
  @Option(parsing: .unconditional, help: .init("Add noise of such a deviation.", valueName: "deviation"))
  var noise: Double?
  @Option(parsing: .unconditional, help: .init("Set a square of such a side to 0.", valueName: "n")) var cutout: Int?

  func change(_ augmentation: inout Augmentation) {
    augmentation.shift = shift ?? augmentation.shift
    augmentation.rotation = rotate ?? augmentation.rotation
    augmentation.scale = scale ?? augmentation.scale
    augmentation.shear = shear ?? augmentation.shear
    augmentation.flip = flip || augmentation.flip
    augmentation.noise = noise ?? augmentation.noise
    augmentation.cutout = cutout ?? augmentation.cutout
  }
}
