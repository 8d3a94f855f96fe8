// Writes a Swift file with the texts of recipes by their names: recipe-embedder OUTPUT RECIPE…
import Foundation

let entries = try CommandLine.arguments.dropFirst(2).map { path in
  let file = URL(fileURLWithPath: path)
  let text = try String(contentsOf: file, encoding: .utf8)
  return "  \(String(reflecting: file.deletingPathExtension().lastPathComponent)): \(String(reflecting: text)),\n"
}
let source = """
  /// The recipes that come with the program, by their names.
  let builtInRecipes: [String: String] = [
  \(entries.joined())]

  """
try Data(source.utf8).write(to: URL(fileURLWithPath: CommandLine.arguments[1]), options: .atomic)
