#if compiler(>=6.2) && (os(Linux) || os(macOS))
  import Testing

  @testable import NeuralNetworks

  /// Mistakes in a program end it with one sentence.
  @Suite struct ProgrammerErrorTests {
    func expect(_ result: ExitTest.Result?, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      for part in parts { #expect(output.contains(part), "\(output)", sourceLocation: sourceLocation) }
    }

    @Test func labelOutOfRange() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        print(softmaxCrossEntropy(logits: .zeros([2, 3]), labels: Tensor([Int32(0), 3])).item())
      }
      expect(result, "3", "out of range 0..<3")
    }

    @Test func labelsOfAnotherShape() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        print(softmaxCrossEntropy(logits: .zeros([2, 3]), labels: .zeros([2, 1], .int32)).item())
      }
      expect(result, "softmaxCrossEntropy", "[2, 3]", "[2, 1]")
    }

    @Test func floatingLabels() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        print(accuracy(logits: .zeros([2, 3]), labels: .zeros([2])).item())
      }
      expect(result, "labels must be int32, not float32")
    }

    @Test func targetsThatWouldBroadcast() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        print(meanSquaredError(.zeros([4, 1]), .zeros([4])).item())
      }
      expect(result, "meanSquaredError", "[4, 1]", "[4]")
    }

    @Test func modelsOfOtherShapes() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let key = RandomKey(seed: 1)
        print((Dense(1, 2, key: key) + Dense(3, 2, key: key)).weight.floats)
      }
      expect(result, "[1, 2]", "[3, 2]")
    }

    @Test func momentumWithoutState() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var theta = Tensor([1])
        SGD(learningRate: 0.1, momentum: 0.9).update(&theta, along: theta)
      }
      expect(result, "momentum", "state")
    }

    @Test func stateOfAnotherOptimizer() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var theta = Tensor([1])
        var state = SGD(momentum: 0.9).initialState(for: theta)
        Adam().update(&theta, along: theta, state: &state)
      }
      expect(result, "Adam", "2 values", "1")
    }

    @Test func featuresThatWouldBroadcast() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        print(BatchNorm(3)(Tensor.zeros([4, 1])).floats)
      }
      expect(result, "BatchNorm", "[.., 3]", "[4, 1]")
    }

    @Test func dropoutRate() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Dropout(rate: 1)
      }
      expect(result, "Dropout", "1.0")
    }
  }
#endif
