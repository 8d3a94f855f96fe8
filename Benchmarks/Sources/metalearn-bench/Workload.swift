import ArgumentParser
import MetaLearning

/// Something that is timed: what belongs to one step, on data that lie in memory.
protocol Workload {
  /// Takes the n-th step, counted from 0, and returns when its result is computed.
  mutating func step(_ index: Int)
  /// The initial weights and the first batch, named as the README says.
  var inputs: NamedTensors { get }
  /// What a step computes from these before it moves anything, named by the parameters: a gradient, or a product with
  /// the Hessian.
  var result: NamedTensors { get }
}

/// Tensors as they are written to a file.
typealias NamedTensors = [String: Tensor]

/// The workloads, numbered as in the README.
enum WorkloadName: String, CaseIterable, ExpressibleByArgument {
  case w1 = "W1"
  /// W1 by plain evaluation, without a trainer.
  case w1plain = "W1P"
  case w2 = "W2"
  case w3 = "W3"
  case w4 = "W4"
  /// W4 in first order.
  case w4first = "W4F"
  case w5 = "W5"
  /// W5 with every inner step in the trace.
  case w5unrolled = "W5U"
  case w6 = "W6"
  case w7 = "W7"
  /// W7 with five steps.
  case w7five = "W7X5"
  case w8 = "W8"
  case w9 = "W9"
  case w10 = "W10"

  init?(argument: String) { self.init(rawValue: argument.uppercased()) }

  /// The workload, with its weights and its only batch from a file where there is one.
  func make(_ settings: WorkloadSettings) throws -> any Workload {
    switch self {
    case .w1: try SinusoidMetaStep(steps: settings.innerSteps ?? 1, settings)
    case .w1plain: PlainMetaStep(try SinusoidMetaStep(steps: 1, settings))
    case .w2: try SinusoidMetaStep(steps: 5, settings)
    case .w3: try ConvolutionalMetaStep(.w3, settings)
    case .w4: try ConvolutionalMetaStep(.w4, settings)
    case .w4first: try ConvolutionalMetaStep(.w4.firstOrder, settings)
    case .w5: try ConvolutionalMetaStep(.w5, settings)
    case .w5unrolled: try ConvolutionalMetaStep(.w5.unrolled, settings)
    case .w7: try AdaptationStep(steps: 1, settings)
    case .w7five: try AdaptationStep(steps: 5, settings)
    case .w9: try PrototypeStep(settings)
    case .w6: try TrainingStep(settings)
    case .w8: try HessianProduct(settings)
    case .w10: try OmniglotMetaStep(settings)
    }
  }
}

/// What can be chosen about a workload.
struct WorkloadSettings {
  var threads = 1
  var inputs: InputFile?
  /// Of convolutions.
  var precision = ProductPrecision.full
  /// Of W1; nil for what the README says.
  var innerSteps: Int?
  var tasks: Int?
}

extension MultilayerPerceptron {
  /// A perceptron whose weights are normal with variance 1 / inputs, as the peers' are.
  init(_ inputs: Int, _ hidden: [Int], _ outputs: Int, normalization: Normalization = .none) {
    self.init(inputs: inputs, hidden: hidden, outputs: outputs, normalization: normalization, key: RandomKey(seed: 0))
    for i in self.hidden.indices { self.hidden[i].dense.drawWeight(key: RandomKey(seed: 1)[i]) }
    output.drawWeight(key: RandomKey(seed: 1)[hidden.count])
  }
}

extension Dense {
  fileprivate mutating func drawWeight(key: RandomKey) {
    weight = .randomNormal(weight.shape, standardDeviation: 1 / Double(weight.shape[0]).squareRoot(), key: key)
  }
}

extension TensorTree {
  /// All tensors, by their paths after a prefix: `model.output.bias`.
  func named(_ prefix: String) -> NamedTensors {
    Dictionary(uniqueKeysWithValues: leaves.map { ("\(prefix).\($0.name)", $0.tensor) })
  }
}

extension Batch {
  /// Inputs and labels drawn at random; nothing can be learned from them, and a step takes as long as any other.
  static func random(_ examples: Int, features: Int, classes: Int, key: RandomKey) -> Batch {
    var generator = key[1].makeGenerator()
    let labels = (0..<examples).map { _ in Int32(generator.below(classes)) }
    return Batch(inputs: .randomNormal([examples, features], key: key[0]).evaluated(), targets: Tensor(labels))
  }
}
