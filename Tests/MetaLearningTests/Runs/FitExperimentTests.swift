import Foundation
import Testing

@testable import MetaLearning

@Suite struct FitExperimentTests {
  private func configuration(_ dataset: DatasetName) -> FitConfiguration {
    var configuration = FitConfiguration(dataset: dataset)
    configuration.hidden = [16]
    configuration.epochs = 3
    configuration.batchSize = 100
    configuration.dropout = 0.1
    configuration.isFalling = true
    return configuration
  }

  @Test func sinusoidsFromStartToEnd() throws {
    let runs = try TemporaryRuns()
    let (first, second) = (try runs.folder("first"), try runs.folder("second"))
    let configuration = configuration(.sinusoid)
    var seen: [History.Epoch] = []
    let outcome = try FitExperiment(configuration).run(in: first) { seen.append($0) }
    #expect(seen.map(\.epoch) == [1, 2, 3])
    #expect(first.metrics(History.Epoch.self) == seen)
    #expect(outcome.history.epochs == seen)
    #expect(outcome.history.metric == .meanSquaredError)
    #expect(!outcome.wasInterrupted)
    #expect(outcome.test.score.value.isFinite)
    #expect(outcome.pictures.map(\.lastPathComponent) == ["curves.png", "curves.svg"])
    #expect(try first.read(FitConfiguration.self, from: "config.json") == configuration)
    // 800 examples in batches of 100, three times: half a cosine over 24 steps.
    expectClose([seen[2].learningRate], [1e-3 * (1 + cos(.pi * 23 / 24)) / 2], 1e-12, "rate of the last step")

    let again = try FitExperiment(configuration).run(in: second) { _ in }
    #expect(try first.bytes("weights.safetensors") == second.bytes("weights.safetensors"))
    #expect(again.test.score == outcome.test.score)
  }

  @Test func charactersFromStartToEnd() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    var configuration = configuration(.alphabet)
    (configuration.epochs, configuration.augmentation.shift, configuration.hidden) = (1, 2, [32])
    let outcome = try FitExperiment(configuration).run(in: folder) { _ in }
    #expect(outcome.history.metric == .accuracy)
    // 40 of 240 drawings of each of 20 characters are set apart.
    #expect(outcome.test.score.count == 800)
    #expect(outcome.test.score.value > 0.1, "better than one of twenty")
    #expect(
      outcome.pictures.map(\.lastPathComponent) == ["curves.png", "curves.svg", "confusion.png", "confusion.svg"])
    for picture in outcome.pictures { #expect(FileManager.default.fileExists(atPath: picture.path)) }
  }

  @Test func anInterruptedRunKeepsTheLastEpoch() throws {
    let runs = try TemporaryRuns()
    let (stopped, short) = (try runs.folder("stopped"), try runs.folder("short"))
    var configuration = configuration(.sinusoid)
    configuration.isFalling = false
    var epochs = 0
    let outcome = try FitExperiment(configuration).run(in: stopped, isInterrupted: { epochs == 2 }) {
      epochs = $0.epoch
    }
    #expect(outcome.wasInterrupted)
    #expect(stopped.metrics(History.Epoch.self).map(\.epoch) == [1, 2])
    configuration.epochs = 2
    #expect(try !FitExperiment(configuration).run(in: short) { _ in }.wasInterrupted)
    #expect(try stopped.bytes("weights.safetensors") == short.bytes("weights.safetensors"))
  }

  @Test func aFolderThatGoesAwayEndsTheRun() throws {
    let runs = try TemporaryRuns()
    let folder = try runs.folder("run")
    var epochs = 0
    expectUserError("metrics.jsonl", "cannot be written") {
      _ = try FitExperiment(configuration(.sinusoid)).run(in: folder) { _ in
        epochs += 1
        try? FileManager.default.removeItem(at: folder.url)
      }
    }
    #expect(epochs == 1)
  }
}
