import ArgumentParser
import Foundation
import MetaLearning

struct Adapt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adapt a run's weights to a few examples of a new task, or to one of its test tasks.",
    usage: "metalearn adapt <run> <options>",
    discussion: """
      With --support, the adapted model is written to --out, for 'metalearn predict'.
      The support set is of the kind that the run was trained on: a folder with a
      folder of pictures for each class, a table with the same columns, or a file of
      arrays. Without it, a task of the run's own test classes is drawn, adapted to,
      and pictured.

      EXAMPLES:
        metalearn adapt runs/mine --support DIR --out model.safetensors
        metalearn adapt runs/sales --support shop.csv --out shop.safetensors
        metalearn adapt runs/alphabet-5-way-1-shot-maml --seed 3 --steps 5
      """)

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(help: .init("A folder of pictures, a table, or a file of arrays, to adapt to.", valueName: "path"))
  var support: String?
  @Option(
    help: .init("The file of the adapted model. (default: adapted.safetensors in the run)", valueName: "file"))
  var out: String?
  @Flag(
    inversion: .prefixedNo,
    help: "Whether dark becomes 1 and light 0. (default: as the run's own pictures)")
  var invert: Bool?
  @Option(parsing: .unconditional, help: .init("Without --support: which task.", valueName: "n")) var seed: UInt64 = 1
  @Option(parsing: .unconditional, help: .init("Steps of adaptation. (default: as trained)", valueName: "n"))
  var steps: Int?
  @OptionGroup var output: OutputOptions

  private struct Adapted: Encodable {
    var metric: Metric
    var perStep: [JSONNumber]
    var milliseconds: Double
    var weights: String
    var run: String
  }

  func run() throws {
    output.startProfile()
    try checkRange(steps, MetaConfiguration.testStepRange, "--steps")
    let folder = try RunFolder(opening: self.folder)
    if let support { return try adapt(folder, to: URL(fileURLWithPath: support, isDirectory: true)) }
    if out != nil || invert != nil { throw UserError("--out and --invert go with --support.") }
    let experiment = try MetaExperiment(resuming: folder)
    let settings = experiment.configuration
    let metric = settings.dataset.metric
    let model = try experiment.model(of: folder)
    let learner = try experiment.learner(of: folder)
    let adaptation = experiment.adapt(model, as: learner, steps: steps ?? settings.innerSteps, seed: seed)
    let weights = folder.file("adapted-\(seed).safetensors")
    try adaptation.models.last?.writeWeights(to: weights)
    let pictures =
      settings.dataset.isRegression
      ? try experiment.drawTasks(model, adapting: learner, seed: seed, as: "adapted-\(seed)", in: folder)
      : try experiment.drawSheet(adaptation, as: "adapted-\(seed)", in: folder)
    output.say("Adapted in \(String(format: "%.1f", adaptation.milliseconds)) ms. \(metric.title) on the query set:")
    for (step, score) in adaptation.scores.enumerated() {
      output.say("  \(stepLabel(step))\(metric.text(score, nil))")
    }
    output.say("Adapted weights: \(folder.path)/\(weights.lastPathComponent)")
    for picture in pictures { output.say("Picture: \(folder.path)/\(picture.lastPathComponent)") }
    try output.emit(
      Adapted(
        metric: metric, perStep: adaptation.scores.map(JSONNumber.init), milliseconds: adaptation.milliseconds,
        weights: "\(folder.path)/\(weights.lastPathComponent)", run: folder.path))
  }

  private struct Written: Encodable {
    var classes: [String]
    var examples: Int
    var milliseconds: Double
    /// The share of the support set that is told right; in a regression the mean squared error, on the table's scale.
    var supportAccuracy: Double?
    var supportError: Double?
    var model: String
  }

  private func adapt(_ folder: RunFolder, to support: URL) throws {
    var learner = try TrainedLearner(contentsOf: folder.url)
    if let invert { learner.preparation?.invert = invert }
    let examples = try learner.support(at: support)
    let start = Date()
    let model = try learner.adapted(to: examples, steps: steps)
    let milliseconds = 1000 * Date().timeIntervalSince(start)
    let file = out.map { URL(fileURLWithPath: $0) } ?? folder.file("adapted.safetensors")
    try model.write(to: file)
    var written = Written(
      classes: examples.classNames, examples: examples.count, milliseconds: milliseconds,
      model: out ?? "\(folder.path)/adapted.safetensors")
    let time = "in \(String(format: "%.1f", milliseconds)) ms"
    if learner.isRegression {
      let error = model.squaredError(on: examples)
      written.supportError = error
      output.say("Adapted to \(examples.count) rows \(time); their mean squared error is now \(Float(error)).")
    } else {
      let labels: [Int32] = examples.batch.targets.scalars()
      let right = zip(model.predictions(for: examples.batch.inputs), labels)
        .count { $0.className == examples.classNames[Int($1)] }
      written.supportAccuracy = Double(right) / Double(examples.count)
      output.say(
        "Adapted to \(examples.count) examples of \(examples.classNames.count) classes \(time); \(right) of them are told "
          + "right.")
    }
    output.say("The model: \(written.model)")
    try output.emit(written)
  }
}

extension AdaptedModel {
  /// The mean squared error on a support set, on the scale of the run's table.
  fileprivate func squaredError(on examples: SupportSet) -> Double {
    guard case .rows(let form) = form else { return .nan }
    let wanted = examples.batch.targets.doubles.map(form.scaling.unscaled)
    let squares = zip(values(for: examples.batch.inputs), wanted).map { ($0 - $1) * ($0 - $1) }
    return squares.reduce(0, +) / Double(max(squares.count, 1))
  }
}
