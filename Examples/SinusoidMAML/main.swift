// A first meta-learning program: MAML on sinusoids (Finn, Abbeel and Levine, 2017, section 5.1).
//
// Each task is a sinusoid of another amplitude and phase, seen at ten points. MAML looks for weights θ from which one
// step of gradient descent on these points, θ′ = θ − α∇L(θ), does best on other points of the same curve.
//
//   swift run -c release example-sinusoid-maml [folder for the picture]
import MetaLearning

let folder = CommandLine.arguments.dropFirst().first ?? "."
let key = RandomKey(seed: 1)
let tasks = CurveTasks(.sinusoids, shots: 10, queries: 10)
let untrained = MultilayerPerceptron(inputs: 1, hidden: [40, 40], outputs: 1, key: key[0])

// The inner loop, θ′ = θ − 0.01 ∇L(θ), and the outer loop, which moves θ by Adam along the mean over 25 tasks of the
// gradient of L(θ′) by θ: through the inner step, with its second derivatives.
let maml = MAML(innerRate: 0.01, steps: 1)
var trainer = MetaTrainer(untrained, learner: maml, optimizer: Adam(learningRate: 2e-3), objective: .regression)
for iteration in 0..<2000 {
  let result = trainer.step(on: tasks.episodes(25, key: key[1][iteration]))
  if iteration % 250 == 0 { print("iteration \(iteration): loss after adapting \(rounded(result.loss))") }
}

// New tasks: the mean squared error on their query points, after 0 to 5 steps on their support points.
func report(_ model: MultilayerPerceptron) -> AdaptationReport {
  maml.evaluate(model, on: tasks, tasks: 600, steps: 5, objective: .regression, key: key[2])
}
let (before, after) = (report(untrained), report(trainer.model))
print("\nMean squared error on 600 new tasks, with its 95 % interval")
print("steps   untrained       MAML")
for (untrained, trained) in zip(before.perStep, after.perStep) {
  print("  \(trained.step)     \(text(untrained.estimate))     \(text(trained.estimate))")
}

// Four tasks to look at.
let grid = Tensor.linspace(-5, 5, count: 101)
let panels = (0..<4).map { index in
  let (curve, episode) = (tasks.curve(key: key[3][index]), tasks.episode(key: key[3][index]))
  let models = maml.trajectory(from: trainer.model, on: episode.support, steps: 5, objective: .regression)
  let predictions = [(0, "before adapting"), (1, "after 1 step"), (5, "after 5 steps")].map { steps, label in
    SinusoidFigure.Prediction(label, y: models[steps](grid.reshaped([101, 1])).doubles)
  }
  return SinusoidFigure.Task(
    x: grid.doubles, truth: grid.doubles.map(curve.callAsFunction), supportX: episode.support.inputs.doubles,
    supportY: episode.support.targets.doubles, predictions: predictions)
}
try SinusoidFigure(title: "New sinusoids, learned from ten points each", tasks: panels)
  .write(to: "\(folder)/sinusoid-maml.png")
print("\nDrawn: \(folder)/sinusoid-maml.png")

func rounded(_ x: Double) -> Double { (x * 100).rounded() / 100 }
func text(_ estimate: Estimate) -> String { "\(rounded(estimate.value)) ± \(rounded(estimate.ci95))" }
