import Foundation
import PackagePlugin

/// Puts the folder `recipes` into the program, so that a binary that is copied elsewhere knows them.
@main
struct EmbedRecipes: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "recipes")
    let recipes = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appending(path: "BuiltInRecipes.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(recipes.count) recipes", executable: try context.tool(named: "recipe-embedder").url,
        arguments: [output.path] + recipes.map(\.path), inputFiles: recipes, outputFiles: [output])
    ]
  }
}
