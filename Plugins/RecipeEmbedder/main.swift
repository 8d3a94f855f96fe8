// Writes a Swift file with the texts of a folder's recipes by their names: recipe-embedder FOLDER OUTPUT
import Foundation

let (folder, output) = (URL(fileURLWithPath: CommandLine.arguments[1]), URL(fileURLWithPath: CommandLine.arguments[2]))
let recipes = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
  .filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
let entries = try recipes.map { file in
  let text = try String(contentsOf: file, encoding: .utf8)
  return "  \(String(reflecting: file.deletingPathExtension().lastPathComponent)): \(String(reflecting: text)),\n"
}
let source = """
  /// The recipes that come with the program, by their names.
  let builtInRecipes: [String: String] = [
  \(entries.joined())]

  """
try Data(source.utf8).write(to: output, options: .atomic)
