import ArgumentParser
import MetaLearning

struct Recipes: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the recipes that come with the program, or print one.",
    usage: "metalearn recipes [<name>] [--json]",
    discussion: """
      EXAMPLES:
        metalearn recipes
        metalearn recipes omniglot-5way-1shot > mine.yaml
      """)

  @Argument(help: .init("The recipe to print.", valueName: "name")) var name: String?
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var summary: String
    var expected: Double?
    var source: String?
  }

  func run() throws {
    if let name {
      print(try Recipe.text(of: name), terminator: "")
      return
    }
    var table = TextTable([.init("recipe"), .init("published", isRight: true), .init("by", widest: 34)])
    for name in Recipe.names {
      let configuration = try Recipe(name).configuration
      let expected = configuration.expected
      let unit = configuration.dataset.metric == .accuracy ? " %" : ""
      table.rows.append([name, expected.map { "\($0.value)\(unit)" } ?? "", expected?.source ?? ""])
      try output.emit(
        Line(
          name: name, summary: configuration.summary, expected: expected?.value, source: expected?.source))
    }
    for line in table.lines { output.say(line) }
  }
}
