import Foundation
import Testing

@testable import FewShot

@Suite struct CurveTasksTests {
  private let key = RandomKey(seed: 8)

  /// The points of a batch.
  private func points(_ batch: Batch) -> [(x: Double, y: Double)] {
    Array(zip(batch.inputs.doubles, batch.targets.doubles)).map { (x: $0.0, y: $0.1) }
  }

  @Test func curvesAreTheirFormulas() {
    #expect(Curve.sinusoid(amplitude: 2, phase: 0.5)(1) == 2 * Foundation.sin(1.5))
    #expect(Curve.line(slope: 3, intercept: -1)(2) == 5)
  }

  @Test(arguments: CurveTasks.Family.allCases) func pointsLieOnTheCurve(_ family: CurveTasks.Family) {
    let tasks = CurveTasks(family, shots: 6, queries: 9)
    for index in 0..<40 {
      let curve = tasks.curve(key: key[index])
      let episode = tasks.episode(key: key[index])
      for (x, y) in points(episode.support) + points(episode.query) {
        // Both are rounded to float32; a line's slope of 3 carries the rounding of x, 2⁻²³ · 4, into y.
        #expect(abs(curve(x) - y) < 2e-6)
      }
    }
  }

  @Test func shapes() {
    let episode = CurveTasks(shots: 6, queries: 9).episode(key: key)
    #expect(episode.shape == EpisodeShape(ways: 1, shots: 6, queries: 9))
    #expect(episode.support.inputs.shape == [6, 1])
    #expect(episode.support.targets.shape == [6, 1])
    #expect(episode.query.inputs.shape == [9, 1])
    #expect(episode.query.targets.shape == [9, 1])
    #expect(episode.support.inputs.scalarType == .float32)
    #expect(episode.query.targets.scalarType == .float32)
  }

  /// The ranges of the MAML paper (section 5.1), by default, and others that are asked for.
  @Test func rangesAreFilledToTheirEnds() {
    var tasks = CurveTasks(.mixture, shots: 5, queries: 5)
    #expect(tasks.inputs == -5...5)
    #expect(tasks.amplitude == 0.1...5)
    #expect(tasks.phase == 0...Double.pi)
    #expect(tasks.slope == -3...3)
    for changed in [false, true] {
      if changed {
        tasks.inputs = 1...2
        tasks.amplitude = 3...4
        tasks.phase = -1...0
        tasks.slope = 7...9
      }
      var (inputs, amplitudes, phases, slopes, intercepts): ([Double], [Double], [Double], [Double], [Double]) =
        ([], [], [], [], [])
      for index in 0..<2000 {
        switch tasks.curve(key: key[index]) {
        case .sinusoid(let amplitude, let phase):
          amplitudes.append(amplitude)
          phases.append(phase)
        case .line(let slope, let intercept):
          slopes.append(slope)
          intercepts.append(intercept)
        }
        if index < 200 {
          let episode = tasks.episode(key: key[index])
          inputs += (points(episode.support) + points(episode.query)).map(\.x)
        }
      }
      expectFilled(inputs, tasks.inputs)
      expectFilled(amplitudes, tasks.amplitude)
      expectFilled(phases, tasks.phase)
      expectFilled(slopes, tasks.slope)
      expectFilled(intercepts, tasks.slope)
    }
  }

  /// Expects at least 900 numbers within a range, evenly: each tenth has a tenth of them, to within five standard
  /// deviations (1 % for 1000 numbers).
  private func expectFilled(
    _ values: [Double], _ range: ClosedRange<Double>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(values.count > 900, sourceLocation: sourceLocation)
    #expect(values.allSatisfy(range.contains), sourceLocation: sourceLocation)
    var tenths = [Int](repeating: 0, count: 10)
    for value in values {
      tenths[min(9, Int(10 * (value - range.lowerBound) / (range.upperBound - range.lowerBound)))] += 1
    }
    let deviation = (Double(values.count) * 0.1 * 0.9).squareRoot()
    let expected = Double(values.count) / 10
    #expect(tenths.allSatisfy { abs(Double($0) - expected) <= 5 * deviation }, sourceLocation: sourceLocation)
  }

  @Test func familiesComeAsOftenAsTheyShould() {
    func lines(_ family: CurveTasks.Family) -> Int {
      (0..<4000).count { if case .line = CurveTasks(family).curve(key: key[$0]) { true } else { false } }
    }
    #expect(lines(.sinusoids) == 0)
    #expect(lines(.lines) == 4000)
    // Half of them, to within five standard deviations of 32.
    #expect(abs(lines(.mixture) - 2000) <= 160)
  }

  /// With noise of 0.5 the distances from the curve have the mean 0 and the standard deviation 0.5: over 8000 points, to
  /// within five standard errors, 0.028 and 0.02.
  @Test func noise() {
    var tasks = CurveTasks(.mixture, shots: 20, queries: 20)
    tasks.noise = 0.5
    var (support, query): ([Double], [Double]) = ([], [])
    for index in 0..<200 {
      let curve = tasks.curve(key: key[index])
      let episode = tasks.episode(key: key[index])
      support += points(episode.support).map { $0.y - curve($0.x) }
      query += points(episode.query).map { $0.y - curve($0.x) }
    }
    #expect(zip(support, query).allSatisfy { abs($0 - $1) > 1e-9 }, "support and query have noise of their own")
    let all = support + query
    let mean = all.reduce(0, +) / 8000
    let deviation = (all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7999).squareRoot()
    #expect(abs(mean) <= 0.028)
    #expect(abs(deviation - 0.5) <= 0.02)
  }

  /// Noise is added to the same points of the same curves.
  @Test func noiseChangesNothingElse() {
    let exact = CurveTasks(.mixture)
    var noisy = exact
    noisy.noise = 0.1
    for index in 0..<10 {
      #expect(noisy.curve(key: key[index]) == exact.curve(key: key[index]))
      let (a, b) = (noisy.episode(key: key[index]), exact.episode(key: key[index]))
      #expect(a.support.inputs.floats == b.support.inputs.floats)
      #expect(a.support.targets.floats != b.support.targets.floats)
    }
  }

  @Test func theKeyDecides() {
    let tasks = CurveTasks(.mixture)
    var (curves, inputs): (Set<Curve>, Set<[Float]>) = ([], [])
    for index in 0..<100 {
      let (a, b) = (tasks.episode(key: key[index]), tasks.episode(key: key[index]))
      #expect(a.support.inputs.floats == b.support.inputs.floats)
      #expect(a.query.targets.floats == b.query.targets.floats)
      curves.insert(tasks.curve(key: key[index]))
      inputs.insert(a.support.inputs.floats)
      inputs.insert(a.query.inputs.floats)
    }
    #expect(curves.count == 100)
    #expect(inputs.count == 200, "support and query points are drawn apart")
  }
}
