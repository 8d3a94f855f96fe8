import Foundation

/// A page about a run that needs nothing but itself: what it found, its pictures, settings, and how to make it again.
public struct RunReport: Sendable {
  private let run: RecordedRun
  private let result: RunResult

  /// The report of a run that has been tested.
  ///
  /// - Throws: A `UserError` where it has not been.
  public init(_ run: RecordedRun) throws {
    guard let result = run.result else {
      let reached = "it has come to \(run.stepName) \(run.done) of \(run.total)"
      throw UserError("The run in '\(run.folder.path)' has no result yet: \(reached), and has not been tested.")
    }
    self.run = run
    self.result = result
  }

  /// Writes the page to `report.html` in the run's folder; returns the file.
  public func write() throws -> URL {
    let file = run.folder.file("report.html")
    try AtomicFile.write(Array(page.utf8), to: file.path)
    return file
  }

  /// The page.
  var page: String {
    get throws {
      let page: HTML = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(run.name)</title>
        <style>\(ReportStyle.sheet)</style>
        </head>
        <body>
        <main>
        <header>
        <h1>\(run.name)</h1>
        <p>\(summary)</p>
        </header>
        \(outcome)
        \(pictures)
        \(stepTable)
        \(mistakes)
        \(try settings)
        \(reproduction)
        </main>
        </body>
        </html>

        """
      return page.source
    }
  }

  private var summary: String {
    switch run.settings {
    case .meta(let settings): settings.summary
    case .fit(let settings):
      "\(settings.dataset.rawValue): supervised training, \(run.algorithm), Adam at \(settings.learningRate)"
    }
  }

  // MARK: What was found

  private var outcome: HTML {
    var figures = [
      figure(value: result.value.value, ci95: result.ci95.value, run.inductiveOutcome == nil ? "" : "transductive")
    ]
    if let inductive = run.inductiveOutcome {
      figures.append(figure(value: inductive.value, ci95: inductive.ci95, "inductive"))
    }
    return """
      <section>
      <h2>Result</h2>
      <div class="figures">\(figures)</div>
      <p>\(protocolText)</p>
      \(published)
      </section>
      """
  }

  private func figure(value: Double, ci95: Double, _ kind: String) -> HTML {
    let name = run.metric.title + (kind.isEmpty ? "" : ", \(kind)")
    return "<div><span class=\"value\">\(run.metric.text(value, ci95))</span><span class=\"name\">\(name)</span></div>"
  }

  /// What the figures are means of, and under which conditions.
  private var protocolText: String {
    guard case .meta(let settings) = run.settings else {
      return "Mean over the examples of the test set, with its 95\u{A0}% interval (1.96 standard errors)."
    }
    let steps = "\(settings.innerSteps) step\(settings.innerSteps == 1 ? "" : "s")"
    let kind = settings.dataset.isRegression ? "new tasks" : "new tasks of classes that training has not seen"
    let text =
      "Mean over \(result.tasks) \(kind), after \(steps) of adaptation, with its 95\u{A0}% interval "
      + "(1.96 standard errors over the tasks)."
    guard run.inductiveOutcome != nil else { return text }
    return text + " Transductive: all queries of a task are normalized together, as in MAML's published figures. "
      + "Inductive: each query is normalized by the statistics of the support set, as if it came alone."
  }

  private var published: HTML {
    guard case .meta(let settings) = run.settings, let expected = settings.expected else { return "" }
    let unit = run.metric == .accuracy ? " %" : ""
    return "<p>Published: \(String(expected.value))\(unit), \(expected.source)</p>"
  }

  private var stepTable: HTML {
    guard let steps = result.perStep, !steps.isEmpty else { return "" }
    let inductive = result.inductivePerStep
    let trained = if case .meta(let settings) = run.settings { settings.innerSteps } else { -1 }
    let hasDiverged = steps.contains { $0.diverged > 0 }
    let rows = steps.enumerated().map { index, step -> HTML in
      let other = inductive.map { index < $0.count ? cell($0[index]) : "<td></td>" } ?? ""
      let diverged: HTML = hasDiverged ? "<td>\(step.diverged)</td>" : ""
      let mark: HTML = step.step == trained ? " <small>as trained</small>" : ""
      let style: HTML = step.step == trained ? " class=\"marked\"" : ""
      return "<tr\(style)><th scope=\"row\">\(step.step)\(mark)</th>\(cell(step))\(other)\(diverged)</tr>"
    }
    let title = run.metric.heading
    let columns: HTML =
      inductive == nil
      ? "<th scope=\"col\">\(title)</th>" : "<th scope=\"col\">Transductive</th><th scope=\"col\">Inductive</th>"
    let last: HTML = hasDiverged ? "<th scope=\"col\">Tasks left out</th>" : ""
    return """
      <section>
      <h2>\(title) after each step of adaptation</h2>
      <div class="wide"><table class="numbers">
      <thead><tr><th scope="col">Steps</th>\(columns)\(last)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table></div>
      </section>
      """
  }

  private func cell(_ step: RunResult.Step) -> HTML { "<td>\(run.metric.text(step.value.value, step.ci95.value))</td>" }

  /// The hardest classes, and which are taken for which.
  private var mistakes: HTML {
    guard let mistakes = result.mistakes, !mistakes.classes.isEmpty else { return "" }
    let classes = mistakes.classes.map {
      "<tr><th scope=\"row\">\($0.name)</th><td>\(Self.share($0.right, of: $0.queries))</td></tr>" as HTML
    }
    let pairs = mistakes.pairs.map {
      "<tr><th scope=\"row\">\($0.name)</th><td>\($0.takenFor)</td><td>\(Self.share($0.times, of: $0.queries))</td></tr>"
        as HTML
    }
    let confused: HTML =
      pairs.isEmpty
      ? ""
      : """
      <h3>Most often mistaken</h3>
      <div class="wide"><table class="numbers">
      <thead><tr><th scope="col">Class</th><th scope="col">taken for</th><th scope="col">of the queries where they met</th></tr></thead>
      <tbody>
      \(pairs)
      </tbody>
      </table></div>
      """
    return """
      <section>
      <h2>Mistakes</h2>
      <p>Of the same tasks, after as many steps as in training; all of them are in confusion.csv.</p>
      <h3>Hardest classes</h3>
      <div class="wide"><table class="numbers">
      <thead><tr><th scope="col">Class</th><th scope="col">told right</th></tr></thead>
      <tbody>
      \(classes)
      </tbody>
      </table></div>
      \(confused)
      </section>
      """
  }

  private static func share(_ part: Int, of whole: Int) -> String {
    String(format: "%.1f\u{A0}%% (%d of %d)", 100 * Double(part) / Double(max(whole, 1)), part, whole)
  }

  // MARK: Pictures

  private var pictures: HTML {
    let figures = RunPictures(in: run.folder).all.map { picture -> HTML in
      // As an image rather than as elements of the page, where the names in one drawing would be taken for another's.
      """
      <figure>
      <img src="data:\(picture.type);base64,\(picture.data.base64EncodedString())" alt="\(picture.caption)">
      <figcaption>\(picture.caption)</figcaption>
      </figure>
      """
    }
    return figures.isEmpty ? "" : "<section>\n<h2>Pictures</h2>\n\(figures)\n</section>"
  }

  // MARK: Settings and origin

  private var settings: HTML {
    get throws {
      "<section>\n<h2>Settings</h2>\n\(Self.table(try run.settingsTable.rows.map { ($0.name, $0.value) }))\n</section>"
    }
  }

  private static func table(_ rows: [(name: String, value: String)]) -> HTML {
    let lines = rows.map { "<tr><th scope=\"row\">\($0.name)</th><td>\(folded($0.value))</td></tr>" as HTML }
    return "<div class=\"wide\"><table class=\"settings\"><tbody>\n\(lines)\n</tbody></table></div>"
  }

  /// What is long, such as the names of all classes, is opened by a click.
  private static func folded(_ value: String) -> HTML {
    guard value.count > 300 else { return "\(value)" }
    return "<details><summary>\(String(value.prefix(60)))…</summary>\(value)</details>"
  }

  private var reproduction: HTML {
    var commands: [String] = []
    if let command = run.origin?.command { commands.append(command) }
    // The test at the end of training is part of that call.
    if let command = result.command, command.contains(" evaluate ") { commands.append(command) }
    let seed =
      switch run.settings {
      case .meta(let settings): settings.seed
      case .fit(let settings): settings.seed
      }
    var rows = [("seed", String(seed))]
    if let origin = run.origin {
      rows += [
        ("version", "metalearn \(origin.version)"), ("machine", "\(origin.system), \(origin.processors) processors"),
        ("started", origin.started),
      ]
    }
    if let seconds = run.points.last?.seconds { rows.append(("training", ProgressDisplay.duration(seconds))) }
    rows.append(("memory at most", "\(Int(result.peakMemoryMB.rounded())) MB"))
    let call: HTML = commands.isEmpty ? "" : "<pre>\(commands.joined(separator: "\n"))</pre>"
    return """
      <section>
      <h2>How to make it again</h2>
      \(call)
      \(Self.table(rows.map { (name: $0.0, value: $0.1) }))
      <p>The same settings give the same weights, bit for bit, on any number of processors.</p>
      </section>
      """
  }
}
