// Learning to read: MAML learns to tell five characters apart from one drawing of each.
//
// The characters come from an endless made-up alphabet, so nothing has to be downloaded. The ones of the test are new.
//
//   swift run -c release example-few-shot-characters [folder for the picture]
import MetaLearning

let folder = CommandLine.arguments.dropFirst().first ?? "."
let key = RandomKey(seed: 1)
let alphabet = AlphabetGenerator(key: key[0], size: 20)

// An episode is 5-way 1-shot: one drawing of each of five characters to learn from, three of each to be judged on.
let shape = EpisodeShape(ways: 5, shots: 1, queries: 3)
let train = try EpisodeSampler(alphabet.dataset(classes: 0..<800), shape: shape)
let test = try EpisodeSampler(alphabet.dataset(classes: 800..<1000), shape: shape)

let untrained = MultilayerPerceptron(
  inputs: 400, hidden: [128, 64], outputs: 5, normalization: .batch, key: key[1])

// The inner loop: one step of gradient descent with the rate 0.4 on the support set.
let maml = MAML(innerRate: 0.4, steps: 1)
var trainer = MetaTrainer(untrained, learner: maml, optimizer: Adam(learningRate: 2e-3), objective: .classification)
for iteration in 0..<1000 {
  let result = trainer.step(on: train.episodes(16, key: key[2][iteration]))
  if iteration % 200 == 0 { print("iteration \(iteration): \(percent(result.score)) right after adapting") }
}

// New characters. Guessing would give 20 %.
let report = maml.evaluate(trainer.model, on: test, tasks: 400, steps: 3, objective: .classification, key: key[3])
print("\nRight on 400 episodes of new characters, with the 95 % interval")
for step in report.perStep {
  print("  steps \(step.step): \(percent(step.estimate.value)) ± \(percent(step.estimate.ci95))")
}

// One new episode to look at: adapt a copy of the model to its support set, and ask it for the queries.
let episode = test.episode(key: key[4])
let names = test.classNames(key: key[4])
let adapted = maml.adapt(trainer.model, to: episode.support, steps: 3, objective: .classification)
let answers = adapted(episode.query.inputs).argmax()

/// The n-th image of a batch.
func image(_ batch: Batch, _ n: Int) -> GreyImage { GreyImage(width: 20, height: 20, ink: batch.inputs[n].floats) }
func name(_ labels: Tensor, _ n: Int) -> String { names[Int(labels[n].item())] }
let sheet = CharacterSheet(
  title: "5-way 1-shot: characters never seen before",
  support: names.indices.map { .init(names[$0], images: [image(episode.support, $0)]) },
  queries: (0..<episode.query.count).map {
    .init(image(episode.query, $0), truth: name(episode.query.targets, $0), prediction: name(answers, $0))
  }, width: 680)
try sheet.write(to: "\(folder)/few-shot-characters.png")
print("\nDrawn: \(folder)/few-shot-characters.png")

func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
