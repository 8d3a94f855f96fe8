import Testing

@testable import Training

@Suite struct EvaluateTests {
  private let key = RandomKey(seed: 12)
  private var data: Batch { TrainingData.blobs(100, spread: 2, key: key[0]) }
  private var model: MultilayerPerceptron { TrainingData.classifier(key: key[1]) }

  /// Batches of any size give the means of one batch: each is weighted by its examples.
  @Test(arguments: [1, 7, 32, 99, 100, 1000]) func meansAreThoseOfOneBatch(size: Int) {
    let whole = Objective.classification.judge(model, data)
    let report = evaluate(model, on: data, objective: .classification, batchSize: size)
    expectClose(report.loss, whole.loss.item(), 1e-6)
    expectClose(report.score.value, whole.score.item(), 1e-6)
    #expect(report.score.count == 100)
  }

  @Test(arguments: [1, 7, 32, 100]) func errorsAreThoseOfOneBatch(size: Int) {
    let x = Tensor.randomNormal([50, 2], key: key[2])
    let data = Batch(inputs: x, targets: x.sum(1, keepingAxes: true))
    let line = Dense(2, 1, key: key[3])
    let whole = Objective.regression.judge(line, data).loss.item()
    let report = evaluate(line, on: data, objective: .regression, batchSize: size)
    expectClose(report.loss, whole, 1e-6)
    expectClose(report.score.value, whole, 1e-6)
  }

  /// The interval of an accuracy p of n examples, 1.96 · √(p (1 − p) / n), whatever the batches.
  @Test func theIntervalOfAnAccuracy() {
    // Logits that are right for 3 of 4 examples: the model always says class 0.
    let constant = Dense(weight: .zeros([1, 2]), bias: Tensor([1, 0]))
    let data = Batch(inputs: .zeros([40, 1]), targets: Tensor((0..<40).map { Int32($0 % 4 == 0 ? 1 : 0) }))
    for size in [3, 40] {
      let report = evaluate(constant, on: data, objective: .classification, batchSize: size)
      expectClose(report.score.value, 0.75, 1e-7)
      expectClose(report.score.ci95, 1.96 * (0.75 * 0.25 / 40).squareRoot(), 1e-7)
    }
  }

  /// Evaluation has no key: dropout does nothing.
  @Test func nothingIsDrawn() {
    let dropping = Sequential {
      Dense(2, 8, key: key[4])
      Dropout(rate: 0.5)
      Dense(8, 3, key: key[5])
    }
    let plain = Sequential {
      Dense(2, 8, key: key[4])
      Dense(8, 3, key: key[5])
    }
    let (a, b) = (
      evaluate(dropping, on: data, objective: .classification), evaluate(plain, on: data, objective: .classification)
    )
    #expect(a.loss == b.loss)
    #expect(a.score == b.score)
  }

  @Test(arguments: [1, 7, 100, 1000]) func predictionsAreTheModelsOutputs(size: Int) {
    let outputs = predict(model, data.inputs, batchSize: size)
    #expect(outputs.shape == [100, 3])
    let whole = model(data.inputs).doubles
    for (a, b) in zip(outputs.doubles, whole) { expectClose(a, b, 1e-6) }
    // In batches of the same size, exactly.
    #expect(outputs.sliced(0..<min(size, 100), axis: 0).floats == model(data.inputs[0..<min(size, 100)]).floats)
  }

  @Test func predictionsKeepTheShapeOfOneExample() {
    let images = Tensor.randomNormal([5, 4, 3], key: key)
    let reshape = Reshape([3, 2, 2])
    #expect(predict(reshape, images, batchSize: 2).shape == [5, 3, 2, 2])
    #expect(predict(reshape, images, batchSize: 2).floats == images.floats)
  }

  /// By hand: 1, 2, 3, 6 have the mean 3 and the squares 4 + 1 + 0 + 9 = 14, so that s² = 14/3 and the interval is
  /// 1.96 · √(14/3) / 2.
  @Test func estimates() {
    let estimate = Estimate([1, 2, 3, 6])
    #expect(estimate.value == 3)
    #expect(estimate.count == 4)
    expectClose(estimate.ci95, 1.96 * (14.0 / 3).squareRoot() / 2, 1e-15)
    #expect(Estimate([5]).value == 5)
    #expect(Estimate([5]).ci95.isNaN, "one figure says nothing about its spread")
    #expect(Estimate([]).value.isNaN)
    #expect(Estimate([]).count == 0)
    #expect(Estimate([2, 2, 2]).ci95 == 0)
  }

  @Test func batchesCoverAllOnce() {
    #expect(batches(of: Array(0..<7), size: 3) == [[0, 1, 2], [3, 4, 5], [6]])
    #expect(batches(of: Array(0..<6), size: 3) == [[0, 1, 2], [3, 4, 5]])
    #expect(batches(of: [4], size: 3) == [[4]])
    #expect(batches(of: [], size: 3) == [])
  }
}
