#if canImport(CCairo)
  import Foundation
  import Testing

  @testable import Adaptation
  @testable import MetaLearning

  /// What `metalearn serve` answers with.
  @Suite struct AdaptationServiceTests {
    private static func service(_ limits: AdaptationService.Limits = .init()) throws -> (
      TemporaryRuns, AdaptationService
    ) {
      var configuration = MetaConfiguration(defaultsFor: .alphabet)
      configuration.hidden = [16]
      configuration.options.iterations = 2
      configuration.options.metaBatch = 2
      let runs = try TemporaryRuns()
      let folder = try runs.folder("run")
      _ = try MetaExperiment(configuration, workers: 1).train(in: folder) { _, _, _, _ in }
      return (runs, try AdaptationService(TrainedLearner(contentsOf: folder.url), run: "run", limits: limits))
    }

    /// A picture of a figure that the package draws itself, which every class has another title in.
    private static func picture(_ title: String) throws -> String {
      let runs = try TemporaryRuns()
      let folder = try runs.folder(title)
      let figure = TrainingCurves(
        title: title, xTitle: title, metrics: [.init(PlotAxis(title), training: .init(x: [0, 1], y: [0, 1]))])
      let files = try folder.draw(figure, as: "picture")
      let png = try #require(files.first { $0.pathExtension == "png" })
      return try Data(contentsOf: png).base64EncodedString()
    }

    @Test func adaptsAndPredicts() async throws {
      let (runs, service) = try Self.service()
      defer { withExtendedLifetime(runs) {} }
      let (a, b) = (try Self.picture("a"), try Self.picture("bbbbbbbbbbbbbbb"))
      let reply = try await service.adapt(
        .init(classes: [.init(name: "a", pictures: [a]), .init(name: "b", pictures: ["data:image/png;base64," + b])]))
      #expect(reply.classes == ["a", "b"])
      let answer = try #require(try await service.predict(.init(model: reply.model, pictures: [a, b])))
      #expect(answer.predictions.count == 2)
      #expect(answer.predictions.allSatisfy { Swift.abs($0.probabilities.reduce(0, +) - 1) < 1e-5 })
      #expect(try await service.predict(.init(model: "unknown", pictures: [a])) == nil)
    }

    @Test func boundsAndMistakes() async throws {
      var limits = AdaptationService.Limits()
      (limits.models, limits.pictures) = (2, 3)
      let (runs, service) = try Self.service(limits)
      defer { withExtendedLifetime(runs) {} }
      let picture = try Self.picture("a")
      func adapt(_ classes: [(String, [String])], steps: Int? = nil) async throws -> String {
        try await service.adapt(
          .init(classes: classes.map { .init(name: $0.0, pictures: $0.1) }, steps: steps)
        ).model
      }
      func expectRefusal(_ part: String, _ body: () async throws -> Void) async {
        let error = await #expect(throws: UserError.self) { try await body() }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
      }
      let two = [("a", [picture]), ("b", [picture])]
      let first = try await adapt(two)
      for _ in 0..<2 { _ = try await adapt(two) }
      // With the third the first has gone.
      #expect(try await service.predict(.init(model: first, pictures: [picture])) == nil)
      await expectRefusal("from 1 to 3") {
        _ = try await adapt([("a", [picture, picture]), ("b", [picture, picture])])
      }
      await expectRefusal("1 class;") { _ = try await adapt([("a", [picture])]) }
      await expectRefusal("same name") { _ = try await adapt([("a", [picture]), ("a", [picture])]) }
      await expectRefusal("'b' has no picture") { _ = try await adapt([("a", [picture]), ("b", [])]) }
      await expectRefusal("steps") { _ = try await adapt(two, steps: 1000) }
      await expectRefusal("Picture 1 is not base64") { _ = try await adapt([("a", [picture]), ("b", ["?"])]) }
      await expectRefusal("neither a PNG") { _ = try await adapt([("a", [picture]), ("b", ["AAAA"])]) }
    }
  }
#endif
