import Foundation
import MetaLearning

/// `after 3 steps`, padded so that figures stand below each other.
func stepLabel(_ steps: Int) -> String {
  "after \(steps) step\(steps == 1 ? "" : "s")".padding(toLength: 16, withPad: " ", startingAt: 0)
}

/// Prints what a test found: a table for people, or the last line of JSON.
func conclude(
  _ report: AdaptationReport, steps: Int, _ folder: RunFolder, _ pictures: [URL], since start: Date,
  _ output: OutputOptions
) throws {
  let after = report.after(steps)
  output.say("\n\(report.metric.title) on \(report.tasks) new tasks, mean with its 95 % interval:")
  for step in report.perStep {
    let diverged = step.diverged > 0 ? "   (\(step.diverged) tasks diverged and are left out)" : ""
    let mark = step.step == steps ? "  <- as trained" : ""
    output.say(
      "  " + stepLabel(step.step) + report.metric.text(step.estimate.value, step.estimate.ci95) + mark + diverged)
  }
  output.list(pictures, in: folder)
  let result = RunResult(
    metric: report.metric, value: JSONNumber(after.estimate.value), ci95: JSONNumber(after.estimate.ci95),
    tasks: report.tasks,
    perStep: report.perStep.map {
      .init(
        step: $0.step, value: JSONNumber($0.estimate.value), ci95: JSONNumber($0.estimate.ci95), diverged: $0.diverged)
    }, seconds: Date().timeIntervalSince(start), run: folder.path)
  try folder.write(result, to: "result.json")
  try output.emit(result)
}
