import Foundation
import PackagePlugin

/// Puts the folder `recipes` into the program, so that a binary that is copied elsewhere knows them.
@main
struct EmbedRecipes: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    // The folder is the input, not its files, because which these are changes without a new plan of the build. One that is
    // written over in place is only seen after `touch recipes`; a test compares the two.
    let folder = context.package.directoryURL.appending(path: "recipes")
    let output = context.pluginWorkDirectoryURL.appending(path: "BuiltInRecipes.swift")
    return [
      .buildCommand(
        displayName: "Embedding the recipes", executable: try context.tool(named: "recipe-embedder").url,
        arguments: [folder.path, output.path], inputFiles: [folder], outputFiles: [output])
    ]
  }
}
