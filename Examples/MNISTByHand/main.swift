// MNIST by the loop that everybody writes: batch, loss and gradient, update. `fit(&model, …)` does the same in one line.
//
//   swift run -c release example-mnist-by-hand [folder with the four files of MNIST]
//
// Without an argument, the folder is `mnist` in that of the environment variable METALEARN_DATA.
import Foundation
import MetaLearning

/// Says what is wrong on standard error and ends the program with status 2.
func fail(_ sentence: String) -> Never {
  FileHandle.standardError.write(Data("error: \(sentence)\n".utf8))
  exit(2)
}

let data = ProcessInfo.processInfo.environment["METALEARN_DATA"].map { "\($0)/mnist" }
guard let folder = CommandLine.arguments.dropFirst().first ?? data else {
  fail("where is MNIST? Give its folder as an argument, or the folder above it as METALEARN_DATA")
}
let mnist: (train: LabeledImages, test: LabeledImages)
do { mnist = try MNIST.load(from: URL(fileURLWithPath: folder)) } catch { fail("\(error)") }

let key = RandomKey(seed: 1)
var model = Sequential {
  Flatten()
  Dense(784, 128, activation: .relu, key: key[0])
  Dense(128, 10, key: key[1])
}
let optimizer = Adam(learningRate: 1e-3)
var state = optimizer.initialState(for: model)

for epoch in 0..<3 {
  let order = Tensor.randomPermutation(mnist.train.count, key: key[2][epoch]).scalars(as: Int32.self).map { Int($0) }
  var total = 0.0
  for start in stride(from: 0, to: order.count, by: 100) {
    let batch = mnist.train.batch(of: Array(order[start..<min(start + 100, order.count)]))
    let (loss, gradient) = valueAndGradient(at: model) { model in
      softmaxCrossEntropy(logits: model(batch.inputs), labels: batch.targets)
    }
    optimizer.update(&model, along: gradient, state: &state)
    // Tensors are computed when they are read. Reading the loss in each step keeps the work of a step in that step.
    total += loss.item() * Double(batch.count)
  }
  let test = mnist.test.batch(of: Array(0..<mnist.test.count))
  let right = accuracy(logits: predict(model, test.inputs), labels: test.targets).item()
  print("epoch \(epoch + 1): training loss \(Float(total / Double(order.count))), test accuracy \(Float(right))")
}
