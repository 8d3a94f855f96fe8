import Foundation
import Testing

@testable import Adaptation
@testable import MetaLearning

/// The whole way with a table of one's own or a file of arrays: train, adapt to new rows, ask, write and read again.
@Suite struct OwnTablesTests {
  private static func write(_ text: String, _ runs: TemporaryRuns, _ name: String) throws -> URL {
    let file = runs.url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file
  }

  private static func configuration(_ dataset: DatasetName, _ data: URL) -> MetaConfiguration {
    var configuration = MetaConfiguration(defaultsFor: dataset)
    configuration.data = data.path
    configuration.hidden = [16]
    configuration.options.metaBatch = 4
    configuration.options.recordEvery = 10
    configuration.options.validateEvery = 50
    configuration.options.validationTasks = 4
    return configuration
  }

  /// Lines y = s·x + 100 with a slope for each task, in columns of very different scales.
  @Test func regression() throws {
    let runs = try TemporaryRuns()
    var generator = RandomKey(seed: 1).makeGenerator()
    var text = "x,task,target\n"
    for task in 0..<30 {
      let slope = 1 + 3 * generator.uniform()
      for _ in 0..<12 {
        let x = 1000 * generator.uniform()
        text += "\(x),t\(task),\(slope * x + 100)\n"
      }
    }
    let table = try Self.write(text, runs, "lines.csv")
    var configuration = Self.configuration(.table, table)
    configuration.shape = EpisodeShape(ways: 1, shots: 4, queries: 6)
    configuration.options.iterations = 300
    configuration.innerRate = 0.05
    let folder = try runs.folder("run")
    _ = try MetaExperiment(configuration, workers: 1).train(in: folder) { _, _, _, _ in }

    let learner = try TrainedLearner(contentsOf: folder.url)
    #expect(learner.isRegression)
    // The order of the columns does not matter, nor a column that the run does not know.
    func adapted(slope: Double) throws -> AdaptedModel {
      let rows = [100.0, 400, 700, 900].map { "\(slope * $0 + 100),a,\($0)" }
      let support = try Self.write("target,shop,x\n" + rows.joined(separator: "\n"), runs, "support.csv")
      return try learner.adapted(to: learner.support(at: support), steps: 10)
    }
    let model = try adapted(slope: 3.5)
    guard case .rows(let form) = model.form else { throw UserError("no rows") }
    let asked = try form.inputs(of: TableFile(contentsOf: Self.write("x\n250\n500\n", runs, "new.csv")))
    // On the table's own scale: 975 and 1850, 475 and 850.
    let (values, others) = (model.values(for: asked), try adapted(slope: 1.5).values(for: asked))
    #expect(abs(values[1] - 1850) < 250 && abs(others[1] - 850) < 250, "\(values), \(others)")
    #expect(values[0] > others[0] + 200)

    let file = runs.url.appendingPathComponent("model.safetensors")
    try model.write(to: file)
    #expect(try AdaptedModel(contentsOf: file).values(for: asked) == values)
    expectUserError("new.csv", "no column 'target'") {
      _ = try learner.support(at: runs.url.appendingPathComponent("new.csv"))
    }
    let bad = try Self.write("y\n1\n", runs, "bad.csv")
    expectUserError("bad.csv", "no column 'x'") { _ = try form.inputs(of: TableFile(contentsOf: bad)) }
  }

  /// Tasks of a domain that is held out are in no other part; a domain that is not there is named.
  @Test func domainsHeldOut() throws {
    let runs = try TemporaryRuns()
    var text = "task,x,target\n"
    for region in ["north", "south", "west"] {
      for shop in 0..<4 { for x in 0..<8 { text += "\(region)/\(shop),\(x),\(x * shop)\n" } }
    }
    var configuration = Self.configuration(.table, try Self.write(text, runs, "regions.csv"))
    configuration.shape = EpisodeShape(ways: 1, shots: 2, queries: 2)
    configuration.heldOut.test = ["west"]
    configuration.heldOut.validation = ["south"]
    func shops(_ region: String) -> [String] { (0..<4).map { "\(region)/\($0)" } }
    #expect(
      try MetaExperiment(configuration, workers: 1).configuration.table.split
        == ClassSplit(train: shops("north"), validation: shops("south"), test: shops("west")))
    #expect(
      try JSONDecoder().decode(MetaConfiguration.self, from: JSONEncoder().encode(configuration)) == configuration)
    configuration.heldOut.test = ["east"]
    expectUserError("'east'", "north, south, west") { _ = try MetaExperiment(configuration, workers: 1) }
    configuration.heldOut.test = []
    expectUserError("--validation-domains goes with --test-domains") {
      _ = try MetaExperiment(configuration, workers: 1)
    }
    var sinusoids = MetaConfiguration(defaultsFor: .sinusoid)
    sinusoids.heldOut.test = ["west"]
    expectUserError("not for sinusoid") { _ = try MetaExperiment(sinusoids, workers: 1) }
  }

  /// In each task "hot" lies above a threshold of the task's own and "cold" below it: the classes keep their labels.
  @Test func classes() throws {
    let runs = try TemporaryRuns()
    var generator = RandomKey(seed: 2).makeGenerator()
    var text = "user,degrees,noise,feels\n"
    func rows(_ threshold: Double, _ count: Int) -> [(degrees: Double, feels: String)] {
      (0..<count).map { index in
        let distance = 1 + 9 * generator.uniform()
        return index % 2 == 0 ? (threshold + distance, "hot") : (threshold - distance, "cold")
      }
    }
    for user in 0..<40 {
      for row in rows(20 * generator.uniform(), 20) {
        text += "u\(user),\(row.degrees),\(generator.uniform()),\(row.feels)\n"
      }
    }
    var configuration = Self.configuration(.classTable, try Self.write(text, runs, "feels.csv"))
    (configuration.table.task, configuration.table.target) = ("user", "feels")
    configuration.shape = EpisodeShape(ways: 2, shots: 5, queries: 5)
    configuration.options.iterations = 200
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 1)
    #expect(experiment.configuration.table.classes == ["cold", "hot"])
    _ = try experiment.train(in: folder) { _, _, _, _ in }

    let learner = try TrainedLearner(contentsOf: folder.url)
    let threshold = 11.0
    let support =
      "degrees,noise,feels\n" + rows(threshold, 10).map { "\($0.degrees),0.5,\($0.feels)" }.joined(separator: "\n")
    let model = try learner.adapted(to: learner.support(at: Self.write(support, runs, "me.csv")))
    #expect(model.classNames == ["cold", "hot"])
    guard case .rows(let form) = model.form else { throw UserError("no rows") }
    let new = rows(threshold, 40)
    let asked = try Self.write(
      "noise,degrees\n" + new.map { "0.1,\($0.degrees)" }.joined(separator: "\n"), runs, "new.csv")
    let predictions = model.predictions(for: try form.inputs(of: TableFile(contentsOf: asked)))
    let right = zip(predictions, new).count { $0.className == $1.feels }
    #expect(right >= 34, "\(right) of 40")
    let file = runs.url.appendingPathComponent("model.safetensors")
    try model.write(to: file)
    #expect(
      try AdaptedModel(contentsOf: file).predictions(for: form.inputs(of: TableFile(contentsOf: asked))) == predictions)
    expectUserError("'mild'", "cold, hot") {
      _ = try learner.support(at: Self.write("degrees,noise,feels\n1,2,mild\n", runs, "mild.csv"))
    }
  }

  @Test func arrays() throws {
    let runs = try TemporaryRuns()
    // 20 classes of 8 points each around a corner of their own.
    let labels = (0..<160).map { Int32($0 % 20) }
    let noise = Tensor.randomNormal([160, 5], key: RandomKey(seed: 3), .float32)
    let centres = Tensor.randomNormal([20, 5], key: RandomKey(seed: 4), .float32) * 3
    let file = runs.url.appendingPathComponent("points.safetensors")
    try SafeTensors.write(["x": noise * 0.3 + centres.gathered(Tensor(labels)), "y": Tensor(labels)], to: file)
    var configuration = Self.configuration(.arrays, file)
    configuration.shape = EpisodeShape(ways: 3, shots: 2, queries: 3)
    configuration.options.iterations = 50
    let folder = try runs.folder("run")
    let experiment = try MetaExperiment(configuration, workers: 1)
    _ = try experiment.train(in: folder) { _, _, _, _ in }
    let split = try #require(try MetaConfiguration(of: folder).arrays.split)
    #expect(split.train.count + split.validation.count + split.test.count == 20)

    let learner = try TrainedLearner(contentsOf: folder.url)
    #expect(learner.form == .values(shape: [5]))
    let support = runs.url.appendingPathComponent("support.safetensors")
    let corners = Tensor([Float](repeating: 0, count: 5) + [Float](repeating: 4, count: 5), shape: [2, 5])
    let pairs = Tensor([Int32(0), 1, 0, 1])
    try SafeTensors.write(["x": noise.sliced(0..<4, axis: 0) * 0.3 + corners.gathered(pairs), "y": pairs], to: support)
    let model = try learner.adapted(to: learner.support(at: support), steps: 5)
    let new = noise.sliced(10..<14, axis: 0) * 0.3 + corners.gathered(pairs)
    #expect(model.predictions(for: new).map(\.className) == ["0", "1", "0", "1"])
  }

  /// Lists of the run's test tasks give the report of the run itself.
  @Test func testTasksAsAList() throws {
    let runs = try TemporaryRuns()
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    configuration.hidden = [16]
    let experiment = try MetaExperiment(configuration, workers: 2)
    let file = runs.url.appendingPathComponent("test.safetensors")
    try experiment.testEpisodes(6, seed: 3).write(to: file)
    let model = experiment.initialModel
    let (own, listed) = (
      experiment.reports(model, tasks: 6, steps: 2, seed: 3),
      try experiment.reports(model, on: EpisodeList(contentsOf: file), steps: 2)
    )
    #expect(own.count == 2 && own.map { $0.perStep.map(\.estimate) } == listed.map { $0.perStep.map(\.estimate) })
    let curves = try MetaExperiment(MetaConfiguration(defaultsFor: .sinusoid))
    expectUserError("[28, 28, 1]") {
      _ = try curves.reports(curves.initialModel, on: EpisodeList(contentsOf: file), steps: 1)
    }
  }
}
