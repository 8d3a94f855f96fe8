import Foundation
import Tensors

@testable import Training

/// Pictures with made-up values that show what each figure can do.
enum SamplePictures {
  static var all: [(name: String, picture: any Picture)] {
    [
      ("training-short", trainingShort), ("training-long", trainingLong), ("adaptation", adaptation),
      ("sinusoid", sinusoid), ("sheet-5x1", sheet(ways: 5, shots: 1, queries: 25)),
      ("sheet-20x5", sheet(ways: 20, shots: 5, queries: 60)),
      ("sheet-short-names", sheet(ways: 5, shots: 3, queries: 12, short: true)),
      ("sheet-5x15", sheet(ways: 5, shots: 15, queries: 20)),
      ("confusion-5", confusion(5)), ("confusion-20", confusion(20)), ("line-plot", linePlot),
      ("edge-cases", edgeCases),
    ]
  }

  /// A number between 0 and 1 that is the same in every run.
  static func noise(_ index: Int, _ seed: Int = 0) -> Double {
    var state = UInt64(bitPattern: Int64(index &* 2_654_435 &+ seed &* 97)) &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((state ^ (state >> 31)) >> 11) / Double(1 << 53)
  }

  static var trainingShort: TrainingCurves {
    let x = (1...20).map(Double.init)
    func trace(_ f: (Double) -> Double, half: Double? = nil) -> TrainingCurves.Trace {
      TrainingCurves.Trace(x: x, y: x.map(f), halfWidth: half.map { half in x.map { _ in half } })
    }
    return TrainingCurves(
      title: "MAML on Omniglot, 5-way 1-shot", subtitle: "1 inner step, α 0.4, 32 tasks per meta-batch",
      xTitle: "Epoch",
      metrics: [
        .init(
          PlotAxis("Loss"), training: trace { 1.6 * exp(-$0 / 4) + 0.06 + 0.03 * noise(Int($0)) },
          validation: trace { 1.6 * exp(-$0 / 4.5) + 0.1 + 0.04 * noise(Int($0), 1) }),
        .init(
          PlotAxis("Accuracy", kind: .percent), training: trace { 0.985 - 0.7 * exp(-$0 / 3) + 0.01 * noise(Int($0)) },
          validation: trace({ 0.97 - 0.7 * exp(-$0 / 3.3) + 0.01 * noise(Int($0), 2) }, half: 0.02),
          references: [ReferenceLine(0.987, label: "published 98.7 %")]),
      ])
  }

  static var trainingLong: TrainingCurves {
    let count = 70_000
    let x = (0..<count).map(Double.init)
    let loss = (0..<count).map { index -> Double in
      let spike = noise(index, 5) > 0.9995 ? 6.0 : 0
      return 1.4 * exp(-Double(index) / 9000) + 0.15 + 0.4 * noise(index) * noise(index, 3) + spike
    }
    let accuracy = (0..<count).map { min(1, 0.96 - 0.7 * exp(-Double($0) / 9000) + 0.25 * (noise($0, 4) - 0.5)) }
    let sparse = stride(from: 500, to: count, by: 500).map { $0 }
    func validation(_ values: [Double], _ shift: Double) -> TrainingCurves.Trace {
      let mean = Thinning.smoothed(values, window: 900)
      return .init(
        x: sparse.map(Double.init), y: sparse.map { mean[$0] + shift + 0.02 * (noise($0, 6) - 0.5) },
        halfWidth: sparse.map { _ in 0.012 })
    }
    return TrainingCurves(
      title: "Reptile on Omniglot, 20-way 5-shot", subtitle: "inner Adam, 10 steps of 10 images",
      xTitle: "Iteration",
      metrics: [
        .init(
          PlotAxis("Loss", kind: .logarithmic), training: .init(x: x, y: loss), validation: validation(loss, 0.05)),
        .init(
          PlotAxis("Accuracy", kind: .percent), training: .init(x: x, y: accuracy),
          validation: validation(accuracy, -0.03), references: [ReferenceLine(0.971, label: "Nichol et al. 97.1 %")]),
      ])
  }

  static var adaptation: AdaptationCurve {
    let steps = (0...10).map(Double.init)
    return AdaptationCurve(
      title: "Adaptation to new tasks, Omniglot 20-way 1-shot", metric: PlotAxis("Accuracy", kind: .percent),
      curves: [
        .init("MAML", values: steps.map { 0.945 - 0.89 * exp(-$0 * 1.6) }, halfWidths: steps.map { _ in 0.012 }),
        .init("Reptile", values: steps.map { 0.89 - 0.84 * exp(-$0 / 2.4) }, halfWidths: steps.map { _ in 0.018 }),
        .init("from scratch", values: steps.map { 0.3 - 0.25 * exp(-$0 / 5) }, halfWidths: steps.map { _ in 0.03 }),
      ],
      references: [
        ReferenceLine(0.958, label: "Finn et al. 2017: 95.8 %"),
        ReferenceLine(0.894, label: "Nichol et al. 2018: 89.4 %"),
      ])
  }

  static var sinusoid: SinusoidFigure {
    let x = (0...200).map { -5 + Double($0) / 20 }
    let tasks = (0..<4).map { index -> SinusoidFigure.Task in
      let (amplitude, phase) = (0.8 + 1.3 * Double(index), 0.8 * Double(index))
      func wave(_ x: Double, _ share: Double) -> Double { share * amplitude * sin(x - phase) + (1 - share) * sin(x) }
      let support = (0..<10).map { -5 + 10 * noise($0, index + 10) }
      return SinusoidFigure.Task(
        "Amplitude \(String(format: "%.1f", amplitude)), phase \(String(format: "%.1f", phase))", x: x,
        truth: x.map { wave($0, 1) }, supportX: support, supportY: support.map { wave($0, 1) },
        predictions: [
          .init("before adaptation", y: x.map { wave($0, 0.05) }), .init("after 1 step", y: x.map { wave($0, 0.7) }),
          .init("after 10 steps", y: x.map { wave($0, 0.96) + 0.1 * sin(3 * $0) }),
        ])
    }
    return SinusoidFigure(title: "Sinusoid regression with 10 support points", subtitle: "MAML", tasks: tasks)
  }

  /// A scrawl of 28 × 28 pixels that is alike for images of one class.
  static func scrawl(_ kind: Int, _ variant: Int) -> GreyImage {
    var ink = [Float](repeating: 0, count: 28 * 28)
    for stroke in 0..<3 {
      func value(_ index: Int) -> Double {
        3 + 22 * noise(stroke * 7 + index, kind * 31 + 5) + 2 * (noise(stroke * 7 + index, variant * 57 + kind) - 0.5)
      }
      for step in 0...60 {
        let t = Double(step) / 60
        let x = (1 - t) * (1 - t) * value(0) + 2 * t * (1 - t) * value(1) + t * t * value(2)
        let y = (1 - t) * (1 - t) * value(3) + 2 * t * (1 - t) * value(4) + t * t * value(5)
        for dy in -1...1 {
          for dx in -1...1 {
            let (column, row) = (Int(x) + dx, Int(y) + dy)
            let near = hypot(Double(column) - x, Double(row) - y)
            guard (0..<28).contains(column), (0..<28).contains(row) else { continue }
            ink[row * 28 + column] = max(ink[row * 28 + column], Float(max(0, 1 - max(0, near - 0.5))))
          }
        }
      }
    }
    return GreyImage(width: 28, height: 28, ink: ink)
  }

  static func sheet(ways: Int, shots: Int, queries: Int, short: Bool = false) -> CharacterSheet {
    let alphabets = ["Greek", "Sanskrit", "Tifinagh", "Anglo-Saxon_Futhorc", "Korean"]
    let names = (0..<ways).map { short ? "c\($0)" : "\(alphabets[$0 % 5])/character\(String(format: "%02d", $0 + 1))" }
    return CharacterSheet(
      title: "Omniglot, \(ways)-way \(shots)-shot, one test episode",
      support: (0..<ways).map { way in
        .init(names[way], images: (0..<shots).map { scrawl(way, $0) })
      },
      queries: (0..<queries).map { index in
        let truth = Int(noise(index, 40) * Double(ways))
        let wrong = noise(index, 41) > 0.88
        return .init(
          scrawl(truth, 100 + index), truth: names[truth], prediction: names[wrong ? (truth + 3) % ways : truth])
      })
  }

  static func confusion(_ count: Int) -> ConfusionMatrixFigure {
    let classes = (0..<count).map { count > 9 ? "Alphabet_\($0 % 4)/character\($0 + 1)" : "class \($0 + 1)" }
    let counts = (0..<count).map { row in
      (0..<count).map { column in
        row == column ? 70 + Int(30 * noise(row)) : Int(max(0, 40 * (noise(row * 50 + column, 3) - 0.7)))
      }
    }
    return ConfusionMatrixFigure(title: "Which classes are taken for which", classes: classes, counts: counts)
  }

  static var linePlot: Figure {
    let x = [1, 3, 10, 30, 100, 300, 1000].map(Double.init)
    let y = x.map { 0.4 + 2 / pow($0, 0.4) }
    let panel = PlotPanel(
      x: PlotAxis("Tasks per meta-batch", kind: .logarithmic), y: PlotAxis("Time per step", unit: "ms"),
      series: [
        PlotSeries(
          "8 threads", x: x, y: y, interval: .bars(lower: y.map { $0 * 0.85 }, upper: y.map { $0 * 1.2 }),
          style: .linePoints),
        PlotSeries("1 thread", x: x, y: y.map { $0 * 1.7 + 0.2 }, style: .dashed),
      ])
    return Figure(title: "Speed by size of the meta-batch", panels: [panel], width: 560)
  }

  /// Empty, constant, huge, tiny and interrupted series, and a legend of many names.
  static var edgeCases: Figure {
    let x = (0..<12).map(Double.init)
    let gaps = [1, 2, .nan, 3, .nan, .nan, 2, 2.5, .infinity, 4, 4.5, 5]
    let many = (1...6).map { k in PlotSeries("a rather long name \(k)", x: x, y: x.map { $0 * Double(k) }) }
    func panel(_ title: String, _ series: [PlotSeries], _ y: PlotAxis = PlotAxis("y")) -> PlotPanel {
      PlotPanel(title, x: PlotAxis("Step", kind: .integers), y: y, series: series)
    }
    return Figure(
      panels: [
        panel("Empty", [PlotSeries("nothing", x: x, y: x.map { _ in .nan })]),
        panel("Constant", [PlotSeries("5", x: x, y: x.map { _ in 5 })]),
        panel("Gaps", [PlotSeries("with gaps", x: x, y: gaps, style: .line)]),
        panel("Tiny", [PlotSeries("tiny", x: x, y: x.map { $0 * 1e-9 })]),
        panel("Huge", [PlotSeries("huge", x: x, y: x.map { $0 * 3e7 - 1e8 })]),
        panel("Many", many),
        panel("One point, 100 %", [PlotSeries("one", x: [3], y: [1], style: .points)], PlotAxis("A", kind: .percent)),
        panel("Log", [PlotSeries("x", x: x, y: x.map { pow(10, -$0) })], PlotAxis("L", kind: .logarithmic)),
        panel("Log, short", [PlotSeries("x", x: x, y: x.map { 2 + $0 / 20 })], PlotAxis("L", kind: .logarithmic)),
      ], columns: 3, plotHeight: 170)
  }
}
