import ArgumentParser
import Foundation
import MetaLearning

extension DataCommand {
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell what is in data of one's own, and what is wrong with it.",
      usage: "metalearn data inspect <path> <options>",
      discussion: """
        A folder has a folder of PNG or JPEG files for each class, or folders train,
        val and test that have these. A table (.csv, .tsv) has a column for the task,
        one for the target, and features; a file of arrays (.npz, .npy, .safetensors)
        has examples and labels. The status is 1 where something is wrong.

        EXAMPLES:
          metalearn data inspect DIR
          metalearn data inspect tasks.csv --task-column user --target-column feels
        """)

    @Argument(help: .init("The folder or file.", valueName: "path")) var path: String
    @Option(help: .init("Table: the column with a row's task. (default: task)", valueName: "name"))
    var taskColumn = "task"
    @Option(help: .init("Table: the column with a row's target. (default: target)", valueName: "name"))
    var targetColumn = "target"
    @Option(help: .init("Arrays: the name of that with the examples.", valueName: "name")) var inputs: String?
    @Option(help: .init("Arrays: the name of that with the labels, or an .npy file.", valueName: "name"))
    var labels: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let url = URL(fileURLWithPath: path)
      let look = TableFile.isReadable(path) ? table : LabeledArrays.isReadable(path) ? arrays : pictures
      let problems = try look(url)
      if !problems.isEmpty { throw ExitCode(1) }
    }

    private func pictures(_ url: URL) throws -> [String] {
      let survey = try FolderSurvey(ImageFolder(url))
      output.say("\(survey.classes.count) classes, \(survey.pictures) pictures")
      if !survey.parts.isEmpty { output.say("divided into \(survey.parts.joined(separator: ", "))") }
      sayCounts(survey.classes.map(\.pictures), "pictures of a class")
      let sizes = survey.sizes.prefix(5).map { "\($0.width)×\($0.height) (\($0.pictures))" }
      let more = survey.sizes.count > 5 ? ", and \(survey.sizes.count - 5) more sizes" : ""
      output.say("width × height: \(sizes.joined(separator: ", "))\(more)")
      output.say("\(survey.colored) with colours; \(survey.light) light with dark strokes, for which --invert is meant")
      output.sayList("What is wrong:", survey.problems, atMost: 20)
      try output.emit(survey)
      return survey.problems
    }

    private func table(_ url: URL) throws -> [String] {
      let survey = TableSurvey(try TaskTable(inspecting: url, task: taskColumn, target: targetColumn))
      output.say("\(survey.rowsOfTasks.count) tasks, \(survey.rows) rows")
      sayCounts(survey.rowsOfTasks, "rows of a task")
      func range(_ column: TableSurvey.Column) -> String {
        "\(column.least) to \(column.most), mean \(column.mean)"
      }
      for feature in survey.features { output.say("feature \(feature.name): \(range(feature))") }
      if let target = survey.target { output.say("\(targetColumn): numbers, \(range(target))") }
      if !survey.classes.isEmpty {
        let classes = survey.classes.prefix(10).map { "\($0.name) (\($0.rows) rows, \($0.tasks) tasks)" }
        let more = survey.classes.count > 10 ? ", and \(survey.classes.count - 10) more" : ""
        output.say(
          "\(targetColumn): classes, for which --dataset class-table is meant: \(classes.joined(separator: ", "))\(more)"
        )
      }
      output.sayList("What is wrong:", survey.problems, atMost: 20)
      try output.emit(survey)
      return survey.problems
    }

    private struct Arrays: Encodable {
      var classes: Int
      var examples: Int
      var exampleShape: [Int]
      var problems: [String]
    }

    private func arrays(_ url: URL) throws -> [String] {
      let examples = try LabeledArrays.load(url, inputs: inputs, labels: labels)
      let counts = examples.indicesByClass.map(\.count)
      output.say("\(examples.classCount) classes, \(examples.count) examples")
      output.say("shape of an example: \(examples.exampleShape.map(String.init).joined(separator: "×"))")
      sayCounts(counts, "examples of a class")
      let problems = zip(examples.classNames, counts).filter { $1 < 2 }.map {
        "The class '\($0)' has \($1) example\($1 == 1 ? "" : "s"), which cannot be both learned from and asked for."
      }
      output.sayList("What is wrong:", problems, atMost: 20)
      try output.emit(
        Arrays(
          classes: examples.classCount, examples: examples.count, exampleShape: examples.exampleShape,
          problems: problems))
      return problems
    }

    private func sayCounts(_ counts: [Int], _ what: String) {
      let counts = counts.sorted()
      guard let least = counts.first, let most = counts.last else { return }
      output.say("\(what): \(least) to \(most), median \(counts[counts.count / 2])")
    }
  }
}
