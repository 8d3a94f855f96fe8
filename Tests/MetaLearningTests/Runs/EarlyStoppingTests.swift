import Foundation
import Testing

@testable import MetaLearning

/// The best validation, stopping when nothing gets better, and the checkpoints that stay.
@Suite struct EarlyStoppingTests {
  private func configuration() -> MetaConfiguration {
    var configuration = MetaConfiguration(defaultsFor: .sinusoid)
    configuration.hidden = [8]
    configuration.options.iterations = 40
    configuration.options.metaBatch = 2
    configuration.options.recordEvery = 2
    configuration.options.validateEvery = 2
    configuration.options.validationTasks = 4
    // So high that the best comes early.
    configuration.outerRate = 0.2
    return configuration
  }

  private func train(_ configuration: MetaConfiguration, in folder: RunFolder, kept: Int = 1) throws {
    var saving = CheckpointOptions()
    (saving.seconds, saving.kept) = (0, kept)
    let outcome = try MetaExperiment(configuration, workers: 1).train(in: folder, saving: saving) { _, _, _, _ in }
    #expect(outcome == .finished)
  }

  @Test func stopsWhenValidationsGetNoBetterAndUsesTheBest() throws {
    let runs = try TemporaryRuns()
    let (whole, stopped) = (try runs.folder("whole"), try runs.folder("stopped"))
    var configuration = configuration()
    try train(configuration, in: whole)
    let scores = whole.metrics(MetaHistory.Record.self).map { $0.validationScore! }
    // What patience of 3 has to come to, from the scores of the run without it.
    var (best, since, end) = (Double.infinity, 0, scores.count)
    for (index, score) in scores.enumerated() where end == scores.count {
      since = score < best ? 0 : since + 1
      best = min(best, score)
      if since == 3 { end = index + 1 }
    }
    #expect(end < scores.count, "the settings are meant to get worse")

    configuration.options.patience = 3
    configuration.finalWeights = .best
    try train(configuration, in: stopped)
    let records = stopped.metrics(MetaHistory.Record.self)
    #expect(records.map { $0.validationScore! } == Array(scores.prefix(end)))
    // The final weights give the best score again on the tasks of validation.
    let experiment = try MetaExperiment(configuration, workers: 1)
    let report = configuration.maml.evaluate(
      try experiment.model(of: stopped), on: experiment.tasks.validation!, tasks: 4, objective: .regression,
      key: RandomKey(seed: configuration.seed)[1][1])
    #expect(report.after(1).estimate.value == best)
    let last = try experiment.initialModel.loading(weightsFrom: stopped.file("weights.safetensors"))
    #expect(bits(last) != bits(try experiment.model(of: stopped)))
  }

  @Test func keepsTheLastCheckpointsAndGoesOnFromAnyOfThem() throws {
    let runs = try TemporaryRuns()
    let (whole, other) = (try runs.folder("whole"), try runs.folder("other"))
    var configuration = configuration()
    configuration.options.iterations = 10
    try train(configuration, in: whole, kept: 3)
    #expect(whole.checkpoints.map(\.iteration) == [8, 9, 10])
    #expect(try whole.bytes("checkpoint-10.safetensors") == whole.bytes("checkpoint.safetensors"))
    #expect(try whole.bytes("checkpoint-9.safetensors") != whole.bytes("checkpoint.safetensors"))

    try FileManager.default.removeItem(at: other.url)
    try FileManager.default.copyItem(at: whole.url, to: other.url)
    var saving = CheckpointOptions()
    saving.resumed = "checkpoint-8.safetensors"
    let experiment = try MetaExperiment(resuming: other, workers: 2)
    var seen: [Int] = []
    _ = try experiment.train(in: other, resuming: true, saving: saving) { iteration, _, _, _ in seen.append(iteration) }
    #expect(seen == [9, 10])
    for name in ["weights.safetensors", "best-weights.safetensors"] {
      #expect(try whole.bytes(name) == other.bytes(name))
    }
    #expect(
      timeless(whole.metrics(MetaHistory.Record.self)) == timeless(other.metrics(MetaHistory.Record.self)))
    saving.resumed = "checkpoint-7.safetensors"
    expectUserError("checkpoint-7.safetensors") {
      _ = try experiment.train(in: other, resuming: true, saving: saving) { _, _, _, _ in }
    }
  }
}
