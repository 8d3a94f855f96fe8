import Foundation
import Testing

@testable import Training

@Suite struct PlotLayoutTests {
  @Test(arguments: [3, 5, 8, 12])
  func linearTicksAreRoundAndEven(target: Int) {
    for index in 0..<2000 {
      let power = pow(10, 16 * SamplePictures.noise(index, 1) - 8)
      let low = (SamplePictures.noise(index, 2) - 0.5) * power
      let high = low + power * (0.01 + SamplePictures.noise(index, 3))
      let ticks = Ticks.linear(from: low, to: high, target: target)
      let step = Ticks.roundStep(atLeast: (high - low) / Double(target))
      let mantissa = step / pow(10, (log10(step) + 1e-9).rounded(.down))
      #expect([1, 2, 5].contains { abs($0 - mantissa) < 1e-6 })
      #expect(ticks.values.count >= 1 && ticks.values.count <= target + 1)
      #expect(ticks.labels.count == ticks.values.count && Set(ticks.labels).count == ticks.labels.count)
      for (a, b) in zip(ticks.values, ticks.values.dropFirst()) { #expect(abs(b - a - step) < 1e-6 * step) }
      for value in ticks.values {
        #expect(value >= low && value <= high)
        #expect(abs((value / step).rounded() - value / step) < 1e-6)
      }
    }
  }

  @Test func ticksReadWell() {
    #expect(Ticks.linear(from: 0, to: 1, target: 5).labels == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks.linear(from: -1, to: 1, target: 4).labels == ["−1.0", "−0.5", "0", "0.5", "1.0"])
    #expect(Ticks.linear(from: 0, to: 70_000, target: 4).labels == ["0", "20,000", "40,000", "60,000"])
    #expect(Ticks.linear(from: 0, to: 3e6, target: 3).labels == ["0", "1e6", "2e6", "3e6"])
    #expect(Ticks.linear(from: 0, to: 3e-5, target: 3).labels == ["0", "1e−5", "2e−5", "3e−5"])
    #expect(Ticks.linear(from: 0, to: 2, target: 8, integers: true).labels == ["0", "1", "2"])
    let percent = Ticks.linear(from: 0.95, to: 1, target: 5, factor: 100)
    #expect(percent.labels == ["95", "96", "97", "98", "99", "100"])
    #expect(percent.values.last == 1)
    #expect(Ticks.logarithmic(from: 1e-4, to: 10, target: 6).labels == ["1e−4", "0.001", "0.01", "0.1", "1", "10"])
    #expect(Ticks.logarithmic(from: 0.9, to: 60, target: 6).labels == ["1", "2", "5", "10", "20", "50"])
    #expect(Ticks.logarithmic(from: 2, to: 3, target: 5).labels == ["2.0", "2.2", "2.4", "2.6", "2.8", "3.0"])
    #expect(Ticks.linear(from: 1, to: 1, target: 5).values.isEmpty)
    #expect(Ticks.linear(from: .nan, to: 1, target: 5).values.isEmpty)
    #expect(Ticks.logarithmic(from: 0, to: 1, target: 5).values.isEmpty)
  }

  @Test func axesReachAroundTheirValues() {
    #expect(PlotAxis("").reach([0, 10, .nan, .infinity], margin: 0.1) == -1...11)
    #expect(PlotAxis("", kind: .percent).reach([0.5, 1], margin: 0.1).upperBound == 1)
    #expect(PlotAxis("").reach([], margin: 0.1) == 0...1)
    #expect(PlotAxis("", range: 2...3).reach([0, 10], margin: 0.1) == 2...3)
    for kind in [PlotAxis.Kind.linear, .integers, .percent, .logarithmic] {
      for values in [[], [1.0], [0], [5, 5], [1e12, 1e12 + 1e-3], [-3, .nan], [.nan]] {
        let axis = PlotAxis("", kind: kind)
        let reach = axis.reach(values, margin: 0.05)
        #expect(reach.upperBound > reach.lowerBound && reach.lowerBound.isFinite && reach.upperBound.isFinite)
        for value in values where axis.shows(value) { #expect(reach.contains(value)) }
      }
    }
    #expect(abs(PlotAxis("").pixel(1e60, 0...1, from: 0, to: 100)) <= 100_000)
    #expect(!PlotAxis("").shows(1e300) && !PlotAxis("").shows(.nan))
    let share = PlotSeries("", x: [0], y: [0.99], interval: .bars(lower: [0.9], upper: [1.1]))
    let panel = PlotPanel(x: PlotAxis(""), y: PlotAxis("", kind: .percent), series: [share])
    #expect(panel.reachY.upperBound == 1)
    #expect(PlotAxis("Accuracy", kind: .percent).caption == "Accuracy (%)")
    #expect(PlotAxis("Time", unit: "ms").caption == "Time (ms)")
  }

  @Test func gapsSplitALine() {
    #expect(PanelDrawing.runs([true, true, false, true, false]) == [0..<2, 3..<4])
    #expect(PanelDrawing.runs([]) == [])
    #expect(PanelDrawing.runs([false]) == [])
  }

  @Test func smoothingKeepsLinesAndGaps() {
    let line = (0..<50).map { 3 + 2 * Double($0) }
    for (a, b) in zip(Thinning.smoothed(line, window: 9), line).dropFirst(4).dropLast(4) { #expect(abs(a - b) < 1e-9) }
    #expect(Thinning.smoothed(line, window: 9)[0] == 7)
    let gap = Thinning.smoothed([1, 1, .nan, 1, 1], window: 5)
    #expect(gap[2].isNaN && gap[0] == 1 && gap[1] == 1 && gap[3] == 1)
    #expect(Thinning.smoothed([], window: 3) == [])
  }

  @Test func thinningKeepsEndsAndPeaks() {
    let points = (0..<10_000).map { Canvas.Point(Double($0) / 100, $0 == 5432 ? 99 : SamplePictures.noise($0)) }
    let thin = Thinning.perPixel(points)
    #expect(thin.count <= 404)
    #expect(thin.first == points.first && thin.last == points.last && thin.contains(points[5432]))
    #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.x <= $1.x })
  }

  @Test func longTextsLoseTheirMiddle() {
    let style = Canvas.TextStyle(size: 12)
    let short = TextMeasure.fitted("Anglo-Saxon_Futhorc/character07", style, width: 90)
    #expect(short.contains("…") && short.hasPrefix("Ang") && short.hasSuffix("07"))
    #expect(TextMeasure.width(short, style) <= 90)
    #expect(TextMeasure.fitted("abc", style, width: 90) == "abc")
    #expect(TextMeasure.fitted("abc", style, width: 1) == "…c")
  }

  @Test func elementsAreNumberedByAppearance() {
    let svg = "<g id=\"surface917\"><use href=\"#image23\"/><a id=\"image23\"/>surface5 id=\"glyph0-1\"</g>"
    let expected = "<g id=\"surface0\"><use href=\"#image1\"/><a id=\"image1\"/>surface5 id=\"glyph0-1\"</g>"
    #expect(SVGNames.renumbered(Array(svg.utf8)) == Array(expected.utf8))
  }

  @Test func confusionSummaryCountsTheDiagonal() {
    let figure = ConfusionMatrixFigure(title: "", classes: ["a", "b"], counts: [[3, 1], [0, 4]])
    #expect(figure.summary == "accuracy 87.5 % of 8; shade: share of the true class")
    #expect(ConfusionMatrixFigure(title: "", classes: [], counts: []).summary == "no queries")
  }
}
