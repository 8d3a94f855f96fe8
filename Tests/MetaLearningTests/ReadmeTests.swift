import Foundation
import MetaLearning
import Testing

/// The programs of the README, with fewer iterations.
@Suite struct ReadmeTests {
  @Test func firstProgram() {
    let key = RandomKey(seed: 1)
    let tasks = CurveTasks(.sinusoids, shots: 10, queries: 10)
    let model = MultilayerPerceptron(inputs: 1, hidden: [40, 40], outputs: 1, key: key[0])

    // Learn weights from which one gradient step on ten points fits a new sinusoid.
    var trainer = MetaTrainer(
      model, learner: MAML(innerRate: 0.01, steps: 1), optimizer: Adam(learningRate: 1e-3), objective: .regression)
    for i in 0..<2000 {
      trainer.step(on: tasks.episodes(25, key: key[1][i]))
    }

    // A new task: the model is a value, and so is the adapted one.
    let episode = tasks.episode(key: key[2])
    let adapted = trainer.learner.adapt(trainer.model, to: episode.support, objective: .regression)
    #expect(adapted(episode.query.inputs).shape == [10, 1])
    let report = trainer.learner.evaluate(
      trainer.model, on: tasks, tasks: 200, objective: .regression, key: key[3])
    #expect(report.after(1).estimate.value < 0.6 * report.after(0).estimate.value)
  }

  @Test func convolutionalNets() throws {
    let key = RandomKey(seed: 5)
    let images = AlphabetGenerator(key: key).dataset(classes: 0..<20)
    let tasks = try EpisodeSampler(images, shape: EpisodeShape(ways: 5, shots: 1, queries: 3))
    let model = ConvNet4.strided(8, outputs: 5, key: key[0]).normalizingPerStep(3)
    let learner = MAMLPlusPlus(innerRate: 0.1, steps: 3, multiStepLoss: MultiStepLoss(iterations: 2000, stretch: 200))
    var trainer = MetaTrainer(model, learner: learner, optimizer: Adam(), objective: .classification)
    let losses: [Double] = (0..<150).map { trainer.step(on: tasks.episodes(4, key: key[1][$0])).loss }
    let (first, last) = (losses.prefix(10).reduce(0.0, +), losses.suffix(10).reduce(0.0, +))
    #expect(last < 0.9 * first)
    #expect(trainer.learner.parameters.rates["head.weight"]?.shape == [3])
    let reports = trainer.learner.evaluate(
      trainer.model, on: tasks, tasks: 50, objective: .classification, key: key[2],
      statistics: [.batch, .support])
    #expect(reports.count == 2 && reports.allSatisfy { $0.after(3).estimate.value > 0.2 })
  }

  @Test func dataSetsThatCompose() throws {
    let key = RandomKey(seed: 3)
    let digits = AlphabetGenerator(key: key[0]).dataset(classes: 0..<4, drawingsPerClass: 12)
    let drawn = AlphabetGenerator(key: key[1]).dataset(classes: 0..<26, drawingsPerClass: 12)
    let letters = try LabeledImages(
      height: drawn.height, width: drawn.width, pixels: drawn.pixels, labels: drawn.labels,
      classNames: "abcdefghijklmnopqrstuvwxyz".map(String.init))

    let both = try DatasetUnion([("digits", digits), ("letters", letters.withQuarterTurns())])
    let split = try ClassSplit(both.classNames, test: ["digits"])
    let vowels = try RelabeledDataset(letters) { "aeiou".contains($0) ? $0 : nil }
    let tasks = try VariedEpisodes(
      both, ways: 3...5, shots: 1...5, queries: 5, imbalanced: true, augmentation: Augmentation(shift: 2, rotation: 10))
    let test = try EpisodeSampler(vowels, shape: EpisodeShape(ways: 5, shots: 1, queries: 5))
    let runs = try TemporaryRuns()
    let file = runs.url.appendingPathComponent("test.safetensors")
    #expect(throws: UserError.self) { try EpisodeList(tasks.episodes(600, key: key)) }
    try EpisodeList(test.episodes(600, key: key)).write(to: file)

    #expect(both.classCount == 4 + 4 * 26 && vowels.classNames == ["a", "e", "i", "o", "u"])
    #expect(split.train.count == 104 && split.test.count == 4)
    #expect(try EpisodeList(contentsOf: file).episodes.count == 600)
  }

  @Test func supervisedByHand() throws {
    let key = RandomKey(seed: 2)
    let images = AlphabetGenerator(key: key).dataset(classes: 0..<5, drawingsPerClass: 40)
    var model = MultilayerPerceptron(inputs: 784, hidden: [32], outputs: 5, key: key[0])
    let optimizer = Adam(learningRate: 1e-3)
    var state = optimizer.initialState(for: model)
    var losses: [Double] = []
    for step in 0..<60 {
      var generator = key[2][step].makeGenerator()
      let batch = images.batch(of: generator.choose(32, outOf: images.count))
      let (loss, descent) = valueAndGradient(at: model) { model in
        softmaxCrossEntropy(logits: model(batch.inputs), labels: batch.targets)
      }
      optimizer.update(&model, along: descent, state: &state)
      losses.append(loss.item())
    }
    #expect(losses[59] < 0.5 * losses[0])
    let history = try fit(
      &model, images, validation: 0.2, epochs: 2, batchSize: 32, optimizer: Adam(), key: key[1])
    #expect(history.epochs.count == 2)
    #expect(evaluate(model, on: images, objective: .classification).score.value > 0.8)
  }

  @Test func gradientsOfAnyOrder() {
    let x = Tensor([0.5], .float64)
    let second = gradient(at: x) { x in gradient(at: x) { sin($0).sum() }.sum() }
    #expect(Swift.abs(second.item() + 0.479425538604203) < 1e-14)
    let model = MultilayerPerceptron(inputs: 1, hidden: [4], outputs: 1, key: RandomKey(seed: 3))
    let batch = CurveTasks(.lines, shots: 5, queries: 5).episode(key: RandomKey(seed: 4)).support
    let objective = Objective<MultilayerPerceptron>.regression
    let product = hessianVectorProduct(at: model, along: model) { objective.loss($0, batch) }
    let head = gradient(at: model, by: \.output) { objective.loss($0, batch) }
    #expect(product.parameterCount == model.parameterCount)
    #expect(head.parameterCount == 5)
    let (_, byRate) = gradient(at: model, SGD(learningRate: 0.01)) { model, inner in
      MAML(inner: inner, steps: 1).outerLoss(
        model, CurveTasks(.lines, shots: 5, queries: 5).episode(key: RandomKey(seed: 4)), objective: objective
      ).loss
    }
    #expect(byRate.learningRate.item().isFinite && byRate.learningRate.item() != 0)
  }
}
