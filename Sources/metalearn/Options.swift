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
func sizes(_ text: String) throws -> [Int] {
  try text.split(separator: ",").map { part in
    guard let size = Int(part.trimmingCharacters(in: .whitespaces)) else {
      throw UserError("--hidden is a list of whole numbers such as 256,128; given was '\(text)'.")
    }
    return size
  }
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
