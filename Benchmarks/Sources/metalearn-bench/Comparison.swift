import Foundation

/// What the turns of ours and of a peer have given for one workload.
struct Comparison {
  let ours: [Measurement]
  let peer: String
  let theirs: [Measurement]
  let sizes: SizeOptions

  /// The median over the processes of one of their figures; of the times it is the median of medians.
  private func median(_ measurements: [Measurement], _ figure: (Measurement) -> Double) -> Double {
    Self.median(measurements.map(figure))
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Ours to theirs: below 1 where ours is faster. The range is that of the turns, each against its neighbour.
  private var ratio: (middle: Double, least: Double, most: Double) {
    let ratios = zip(ours, theirs).map { $0.medianMS / $1.medianMS }
    let middle = median(ours, \.medianMS) / median(theirs, \.medianMS)
    return (middle, ratios.min() ?? middle, ratios.max() ?? middle)
  }

  static let heading = """
    workload threads   ours ms  peer            peer ms  ours / peer, by turns    memory, MB   first step, s
    """

  /// A line of the table.
  var line: String {
    guard let first = ours.first else { return "" }
    let ratio = ratio
    return String(
      format: "%@ %7d %9.3f  %@ %9.3f  %6.2f  (%.2f to %.2f) %7.0f %7.0f %8.2f %6.2f", padded(first.workload, 8),
      first.threads, median(ours, \.medianMS), padded(peer, 13), median(theirs, \.medianMS), ratio.middle, ratio.least,
      ratio.most, median(ours, \.peakRSSMB), median(theirs, \.peakRSSMB), median(ours, \.timeToFirstStepS),
      median(theirs, \.timeToFirstStepS))
  }

  private func padded(_ text: String, _ length: Int) -> String {
    text.padding(toLength: length, withPad: " ", startingAt: 0)
  }

  /// A line of JSON, with the medians of each process.
  var json: String {
    get throws {
      struct Figures: Encodable {
        var mediansMs: [Double]
        var medianMs: Double
        var peakRssMb: Double
        var timeToFirstStepS: Double
      }
      struct Line: Encodable {
        var workload: String
        var threads: Int
        var innerSteps: Int?
        var tasks: Int?
        var peer: String
        var ratio: Double
        var leastRatio: Double
        var greatestRatio: Double
        var ours: Figures
        var theirs: Figures
      }
      func figures(_ measurements: [Measurement]) -> Figures {
        Figures(
          mediansMs: measurements.map(\.medianMS), medianMs: median(measurements, \.medianMS),
          peakRssMb: median(measurements, \.peakRSSMB),
          timeToFirstStepS: median(measurements, \.timeToFirstStepS))
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      encoder.keyEncodingStrategy = .convertToSnakeCase
      let line = Line(
        workload: ours.first?.workload ?? "", threads: ours.first?.threads ?? 0,
        innerSteps: sizes.innerSteps, tasks: sizes.tasks, peer: peer, ratio: ratio.middle,
        leastRatio: ratio.least, greatestRatio: ratio.most, ours: figures(ours), theirs: figures(theirs))
      return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
  }
}
