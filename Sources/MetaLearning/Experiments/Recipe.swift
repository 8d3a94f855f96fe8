import Foundation
import Yams

/// A run written down: a YAML file with a setting a line, which gives a `MetaConfiguration`.
///
/// ```yaml
/// dataset: omniglot
/// algorithm: maml++
/// ways: 5
/// inner-rate: 0.1
/// expected: {value: 99.47, source: "Antoniou et al. (2019), table 1"}
/// ```
///
/// A setting that is left out is the data set's default. The keys are listed in `RecipeKeys`.
public struct Recipe: Sendable {
  /// The recipe's name, or its file's path.
  public let name: String
  public let configuration: MetaConfiguration

  /// Finds a recipe by the name of one that comes with the program, or by the path of a file.
  public init(_ nameOrPath: String) throws {
    let isPath = nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml")
    if !isPath, let text = builtInRecipes[nameOrPath] {
      try self.init(text: text, name: nameOrPath)
      return
    }
    guard let data = FileManager.default.contents(atPath: nameOrPath) else {
      guard !isPath else { throw UserError("The recipe '\(nameOrPath)' does not exist or cannot be read.") }
      throw UserError("There is no recipe '\(nameOrPath)': \(suggestion(for: nameOrPath, among: Recipe.names))")
    }
    try self.init(text: String(decoding: data, as: UTF8.self), name: nameOrPath)
  }

  /// The names of the recipes that come with the program.
  public static var names: [String] { builtInRecipes.keys.sorted() }

  /// The text of one that comes with the program; throws a `UserError` that suggests the nearest where there is none.
  public static func text(of name: String) throws -> String {
    guard let text = builtInRecipes[name] else {
      throw UserError("There is no recipe '\(name)': \(suggestion(for: name, among: names))")
    }
    return text
  }

  /// Reads a recipe's text.
  public init(text: String, name: String) throws {
    self.name = name
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw UserError("The recipe '\(name)' is not YAML: \(Self.reason(error)).")
    }
    guard let root, case .mapping(let mapping) = root else {
      throw UserError("The recipe '\(name)' holds no settings; expected lines such as 'dataset: omniglot'.")
    }
    let entries = try mapping.map { key, value in
      guard let text = key.string else {
        throw UserError("The recipe '\(name)', line \(key.mark?.line ?? 0): a key must be a word.")
      }
      return RecipeValue(recipe: name, key: text, line: (key.mark ?? value.mark)?.line ?? 0, node: value)
    }
    guard let dataset = entries.first(where: { $0.key == "dataset" }) else {
      throw UserError("The recipe '\(name)' has no 'dataset'; expected one of \(DatasetName.names).")
    }
    var draft = RecipeDraft(MetaConfiguration(defaultsFor: try dataset.choice()))
    for entry in entries where entry.key != "dataset" {
      guard let set = RecipeKeys.all[entry.key] else {
        let known = ["dataset"] + RecipeKeys.all.keys.sorted()
        throw entry.mistake("is not a known setting; \(suggestion(for: entry.key, among: known))")
      }
      try set(&draft, entry)
    }
    configuration = try draft.finished
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      "line \(mark.line), \(problem)"
    case YamlError.duplicatedKeysInMapping(let keys, _): "it has \(keys.joined(separator: ", ")) twice"
    default: "it cannot be read"
    }
  }
}

/// What was meant by a name that is not known: the nearest ones, or else all there are.
func suggestion(for name: String, among known: [String]) -> String {
  let ranked = known.map { (name: $0, distance: editDistance($0, name.lowercased())) }
  guard let least = ranked.map(\.distance).min(), least <= max(2, name.count / 2) else {
    return "known are \(known.joined(separator: ", "))"
  }
  return "did you mean \(ranked.filter { $0.distance == least }.map(\.name).joined(separator: " or "))?"
}
