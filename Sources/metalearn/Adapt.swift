import ArgumentParser
import Foundation
import MetaLearning

struct Adapt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adapt a run's weights to a few pictures of new classes, or to one of its test tasks.",
    usage: "metalearn adapt <run> <options>",
    discussion: """
      With --support, a folder with a folder of pictures for each class, the adapted
      model is written to --out, for 'metalearn predict'. Without it, a task of the
      run's own test classes is drawn, adapted to, and pictured.

      EXAMPLES:
        metalearn adapt runs/mine --support DIR --out model.safetensors
        metalearn adapt runs/alphabet-5-way-1-shot-maml --seed 3 --steps 5
      """)

  @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
  @Option(help: .init("A folder with a folder of pictures for each class.", valueName: "folder")) var support: String?
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
    var pictures: Int
    var milliseconds: Double
    var supportAccuracy: Double
    var model: String
  }

  private func adapt(_ folder: RunFolder, to support: URL) throws {
    var learner = try TrainedLearner(contentsOf: folder.url)
    learner.preparation.invert = invert ?? learner.preparation.invert
    let pictures = try learner.pictures(in: support)
    let start = Date()
    let model = try learner.adapted(to: pictures, steps: steps)
    let milliseconds = 1000 * Date().timeIntervalSince(start)
    let predicted = model.predictions(for: pictures.inputs(of: Array(0..<pictures.count)))
    let right = zip(predicted, pictures.labels).count { $0.className == pictures.classNames[Int($1)] }
    let accuracy = Double(right) / Double(pictures.count)
    let file = out.map { URL(fileURLWithPath: $0) } ?? folder.file("adapted.safetensors")
    try model.write(to: file)
    let path = out ?? "\(folder.path)/adapted.safetensors"
    output.say(
      "Adapted to \(pictures.count) pictures of \(pictures.classCount) classes in "
        + "\(String(format: "%.1f", milliseconds)) ms; \(right) of them are told right.")
    output.say("The model: \(path)")
    try output.emit(
      Written(
        classes: pictures.classNames, pictures: pictures.count, milliseconds: milliseconds, supportAccuracy: accuracy,
        model: path))
  }
}
