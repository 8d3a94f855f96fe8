import Yams

/// A value of a recipe with its place, for sentences that say what is wrong with it.
struct RecipeValue {
  let recipe: String
  let key: String
  let line: Int
  let node: Node

  /// What is wrong with the value.
  func mistake(_ what: String) -> UserError { UserError("The recipe '\(recipe)', line \(line): '\(key)' \(what)") }

  private func expected(_ what: String) -> UserError {
    let given = if case .scalar(let scalar) = node { "'\(scalar.string)'" } else { "a list or a mapping" }
    return mistake("must be \(what); given was \(given).")
  }

  func int() throws -> Int {
    guard let value = node.int else { throw expected("a whole number") }
    return value
  }

  func seed() throws -> UInt64 {
    guard let value = node.int, value >= 0 else { throw expected("a whole number that is not negative") }
    return UInt64(value)
  }

  func number() throws -> Double {
    guard let value = node.float ?? node.int.map(Double.init) else { throw expected("a number") }
    return value
  }

  func bool() throws -> Bool {
    guard let value = node.bool else { throw expected("true or false") }
    return value
  }

  func text() throws -> String {
    guard let value = node.string else { throw expected("a text") }
    return value
  }

  func texts() throws -> [String] {
    let values = node.sequence?.map(\.string) ?? []
    guard node.sequence != nil, !values.contains(nil) else { throw expected("a list of texts such as [Greek, Latin]") }
    return values.compactMap { $0 }
  }

  func ints() throws -> [Int] {
    let values = node.sequence?.map(\.int) ?? []
    guard node.sequence != nil, !values.contains(nil) else {
      throw expected("a list of whole numbers such as [256, 128]")
    }
    return values.compactMap { $0 }
  }

  /// A number, or one for each block of `conv4`.
  func widths() throws -> ConvNet4.Widths {
    guard let widths = try? ConvNet4.Widths(node.int.map { [$0] } ?? ints()) else {
      throw expected("a whole number such as 64, or four such as [32, 64, 96, 128]")
    }
    return widths
  }

  func choice<Value: RawRepresentable & CaseIterable>() throws -> Value where Value.RawValue == String {
    guard let text = node.string, let value = Value(rawValue: text) else {
      throw expected("one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  /// The parts of a mapping, all of which must be known.
  func parts(_ known: [String]) throws -> [String: RecipeValue] {
    guard case .mapping(let mapping) = node else {
      throw expected("a mapping such as {\(known.map { "\($0): …" }.joined(separator: ", "))}")
    }
    return try mapping.reduce(into: [:]) { parts, entry in
      let name = entry.key.string ?? ""
      let part = RecipeValue(
        recipe: recipe, key: "\(key).\(name)", line: entry.key.mark?.line ?? line, node: entry.value)
      guard known.contains(name) else {
        throw part.mistake("is not a known setting; \(suggestion(for: name, among: known))")
      }
      parts[name] = part
    }
  }
}
