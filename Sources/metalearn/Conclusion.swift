import Foundation
import MetaLearning

/// `after 3 steps`, padded so that figures stand below each other.
func stepLabel(_ steps: Int) -> String {
  "after \(steps) step\(steps == 1 ? "" : "s")".padding(toLength: 16, withPad: " ", startingAt: 0)
}

/// Prints what a test found: a table for people, or the last line of JSON. The first report is the one that counts; there
/// is a second where it makes a difference whether queries are judged together.
func conclude(
  _ reports: [AdaptationReport], _ settings: MetaConfiguration, _ folder: RunFolder, _ pictures: [URL],
  mistakes: ClassMistakes? = nil, since start: Date, _ output: OutputOptions
) throws {
  guard let first = reports.first else { return }
  let after = first.after(settings.innerSteps)
  for report in reports {
    let kind =
      switch (reports.count, report.statistics) {
      case (1, _): ""
      case (_, .batch): ", all queries of a task normalized together (transductive)"
      case (_, .support): ", each query by the statistics of the support set (inductive)"
      }
    output.say("\n\(report.metric.title) on \(report.tasks) new tasks, mean with its 95 % interval\(kind):")
    for step in report.perStep {
      let diverged = step.diverged > 0 ? "   (\(step.diverged) tasks diverged and are left out)" : ""
      let mark = step.step == settings.innerSteps ? "  <- as trained" : ""
      output.say(
        "  " + stepLabel(step.step) + report.metric.text(step.estimate.value, step.estimate.ci95) + mark + diverged)
    }
  }
  if let expected = settings.expected {
    let unit = first.metric == .accuracy ? " %" : ""
    output.say("\nPublished: \(expected.value)\(unit), \(expected.source)")
  }
  output.list(pictures, in: folder)
  func steps(_ report: AdaptationReport) -> [RunResult.Step] {
    report.perStep.map {
      .init(
        step: $0.step, value: JSONNumber($0.estimate.value), ci95: JSONNumber($0.estimate.ci95), diverged: $0.diverged)
    }
  }
  let result = RunResult(
    metric: first.metric, value: after.estimate.value, ci95: after.estimate.ci95, tasks: first.tasks,
    perStep: steps(first),
    inductivePerStep: reports.first { reports.count > 1 && $0.statistics == .support }.map(steps),
    mistakes: mistakes?.prefix(10), seconds: Date().timeIntervalSince(start), run: folder.path,
    command: RunOrigin.command(CommandLine.arguments))
  try folder.write(result, to: "result.json")
  try output.emit(result)
}
