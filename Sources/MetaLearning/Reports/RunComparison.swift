import Foundation

/// Runs side by side: a table of what their tests found, and a picture of their validations.
public struct RunComparison: Sendable {
  public let runs: [RecordedRun]
  private let metric: Metric

  /// A comparison of at least one run.
  ///
  /// - Throws: A `UserError` where the runs are judged by different figures.
  public init(_ runs: [RecordedRun]) throws {
    guard let first = runs.first else { throw UserError("There are no runs to compare.") }
    if let other = runs.first(where: { $0.metric != first.metric }) {
      throw UserError(
        "The runs '\(first.folder.path)' and '\(other.folder.path)' cannot be compared: one is judged by its "
          + "\(first.metric.title), the other by its \(other.metric.title).")
    }
    self.runs = runs
    metric = first.metric
  }

  /// A run as an object of JSON.
  public struct Row: Sendable, Codable {
    public var run: String
    public var dataset: String
    public var task: String
    public var algorithm: String
    /// Iterations, or epochs of supervised training.
    public var iterations: Int
    public var metric: Metric
    /// What the test found; null before there was one.
    public var value: JSONNumber?
    public var ci95: JSONNumber?
    public var tasks: Int?
    /// Where each query is judged by the statistics of the support set, and that makes a difference.
    public var inductiveValue: JSONNumber?
    public var inductiveCI95: JSONNumber?
    /// Of training.
    public var seconds: Double?
  }

  /// All runs, in their order.
  public var rows: [Row] {
    runs.map { run in
      Row(
        run: run.folder.path, dataset: run.dataset.rawValue, task: run.task, algorithm: run.algorithm,
        iterations: run.done, metric: metric, value: run.outcome.map { JSONNumber($0.value) },
        ci95: run.outcome.map { JSONNumber($0.ci95) }, tasks: run.result?.tasks,
        inductiveValue: run.inductiveOutcome.map { JSONNumber($0.value) },
        inductiveCI95: run.inductiveOutcome.map { JSONNumber($0.ci95) }, seconds: run.points.last?.seconds)
    }
  }

  /// A table of at most 80 columns, two lines a run, with what is to be known about it below.
  public var text: String {
    let isTwofold = runs.contains { $0.inductiveOutcome != nil }
    var table = TextTable([
      .init("run", widest: isTwofold ? 32 : 46), .init(isTwofold ? "transductive" : metric.title, isRight: true),
    ])
    if isTwofold { table.columns.append(.init("inductive", isRight: true)) }
    table.columns.append(.init("time", isRight: true, widest: 12))
    table.rows = runs.map { run in
      let first = run.outcome.map { metric.text($0.value, $0.ci95) } ?? "not tested"
      let figures = isTwofold ? [first, inductiveText(run)] : [first]
      let time = run.points.last.map { ProgressDisplay.duration($0.seconds) } ?? ""
      return [names[run.folder.path] ?? run.name] + figures + [time]
    }
    let lines = table.lines
    let details = runs.map { TextTable.shortened("  " + detail($0), to: 80) }
    let body = zip(lines.dropFirst(), details).flatMap { [$0, $1] }
    return (["\(metric.title), mean with its 95 % interval:", "", lines[0]] + body + notes).joined(separator: "\n")
  }

  /// A model without batch normalization has one figure: each query is judged alone in any case.
  private func inductiveText(_ run: RecordedRun) -> String {
    if let outcome = run.inductiveOutcome { return metric.text(outcome.value, outcome.ci95) }
    if case .fit = run.settings { return "" }
    return run.outcome == nil ? "" : "the same"
  }

  /// What a run did, and on how many tasks it was tested.
  private func detail(_ run: RecordedRun) -> String {
    let steps = run.isTrained ? "\(run.done)" : "\(run.done) of \(run.total)"
    let count = "\(steps) \(run.stepName)\(run.total == 1 ? "" : "s")"
    var parts = [run.dataset.rawValue, run.task, run.algorithm, count]
    if case .meta = run.settings, let result = run.result { parts.append("\(result.tasks) test tasks") }
    return parts.joined(separator: ", ")
  }

  /// What keeps the figures from being compared.
  private var notes: [String] {
    var notes: [String] = []
    if Set(runs.map { "\($0.dataset.rawValue), \($0.task)" }).count > 1 {
      notes.append("The runs are for different tasks: some are easier than others.")
    }
    return notes.isEmpty ? [] : [""] + notes
  }

  /// Names of the runs, by their paths: the folder's, or the path where two folders have the same name.
  private var names: [String: String] {
    let counts = Dictionary(runs.map { ($0.name, 1) }, uniquingKeysWith: +)
    return Dictionary(
      runs.map { ($0.folder.path, counts[$0.name] == 1 ? $0.name : $0.folder.path) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The validations of all runs over their iterations, with their intervals; of a run without validations, its score in
  /// training, dashed.
  public var figure: Figure {
    let series = runs.map { run in
      let name = names[run.folder.path] ?? run.name
      let validated = run.points.filter { $0.validation != nil }
      guard !validated.isEmpty else {
        return PlotSeries(
          "\(name) (training)", x: run.points.map { Double($0.step) }, y: run.points.map(\.score), style: .dashed)
      }
      let y = validated.map { $0.validation ?? .nan }
      let half = validated.map { $0.validationCI95 ?? .nan }
      let (lower, upper) = (zip(y, half).map { $0 - $1 }, zip(y, half).map { $0 + $1 })
      // A band has no width at a single place.
      let interval: PlotSeries.Interval =
        y.count == 1 ? .bars(lower: lower, upper: upper) : .band(lower: lower, upper: upper)
      return PlotSeries(
        name, x: validated.map { Double($0.step) }, y: y,
        interval: validated.contains { $0.validationCI95 != nil } ? interval : nil,
        style: y.count <= 30 ? .linePoints : .line)
    }
    let kinds = Set(runs.map(\.stepName))
    let count = kinds.count > 1 ? "Iteration or epoch" : runs.first?.stepName.capitalized ?? ""
    let panel = PlotPanel(x: PlotAxis(count, kind: .integers), y: metric.axis, series: series)
    let isDashed = runs.contains { $0.lastValidation == nil }
    return Figure(
      title: "Validation",
      subtitle: "Mean with its 95 % interval" + (isDashed ? "; dashed: in training, without validation" : ""),
      panels: [panel], width: 760, plotHeight: 340)
  }
}
