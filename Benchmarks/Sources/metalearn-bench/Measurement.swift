import Foundation
import MetaLearning

/// The figures of a workload, as they are printed, and as the peers' scripts print theirs.
struct Measurement: Decodable {
  var workload: String
  var threads: Int
  /// Where they are not as the README says.
  var innerSteps: Int?
  var tasks: Int?
  /// The time of a step, in milliseconds.
  var medianMS: Double
  var minMS: Double
  /// Nine of ten steps took no longer.
  var p90MS: Double
  /// The number of steps that were timed.
  var n: Int
  /// The most memory that was held, in 10⁶ bytes.
  var peakRSSMB: Double
  /// From the start of the process to the end of the first step.
  var timeToFirstStepS: Double

  private enum CodingKeys: String, CodingKey {
    case workload, threads, tasks, n
    case innerSteps = "inner_steps"
    case medianMS = "median_ms"
    case minMS = "min_ms"
    case p90MS = "p90_ms"
    case peakRSSMB = "peak_rss_mb"
    case timeToFirstStepS = "time_to_first_step_s"
  }

  /// How long is measured.
  struct Bounds {
    /// Fewer steps are not enough, unless the time is over.
    var minimumSteps = 20
    /// The most time to measure, for which 5 steps are enough.
    var seconds = 60.0
    /// Enough time to measure, once there are enough steps.
    var enoughSeconds = 2.0
    /// Steps beyond these tell nothing new.
    var maximumSteps = 3000
    /// Time for steps that are not counted, in which caches and the processor's clock settle.
    var warmUpSeconds = 0.4
  }

  /// Times the steps of a workload, after some that are not counted. `sinceStart` is the age of the process.
  static func of(
    _ workload: inout some Workload, named name: String, threads: Int, _ bounds: Bounds, sinceStart: () -> Double
  ) -> Measurement {
    var index = 0
    func time(_ workload: inout some Workload) -> Double {
      let duration = ContinuousClock().measure { workload.step(index) }
      index += 1
      return duration / .milliseconds(1)
    }
    _ = time(&workload)
    let first = sinceStart()

    let warmUp = ContinuousClock.now
    while index < 200, .now - warmUp < .seconds(bounds.warmUpSeconds) || (index < 3 && .now - warmUp < .seconds(2.5)) {
      _ = time(&workload)
    }
    var times: [Double] = []
    let start = ContinuousClock.now
    while true {
      times.append(time(&workload))
      let passed = (ContinuousClock.now - start) / .seconds(1)
      let isLongEnough = passed > bounds.enoughSeconds || times.count >= bounds.maximumSteps
      if times.count >= bounds.minimumSteps, isLongEnough { break }
      if passed > bounds.seconds, times.count >= 5 { break }
    }
    times.sort()
    return Measurement(
      workload: name, threads: threads, medianMS: quantile(0.5, of: times), minMS: times[0],
      p90MS: quantile(0.9, of: times), n: times.count, peakRSSMB: Resources.peakMemoryMB, timeToFirstStepS: first)
  }

  /// A quantile of sorted numbers, between neighbours by proportion.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }

  /// One line of JSON; the times to the tenth of a microsecond, the rest to what it is worth.
  var json: String {
    let sizes =
      (innerSteps.map { "\"inner_steps\":\($0)," } ?? "") + (tasks.map { "\"tasks\":\($0)," } ?? "")
    return """
      {"workload":"\(workload)","threads":\(threads),\(sizes)"median_ms":\(format(4, medianMS)),"min_ms":\(format(4, minMS)),\
      "p90_ms":\(format(4, p90MS)),"n":\(n),"peak_rss_mb":\(format(1, peakRSSMB)),\
      "time_to_first_step_s":\(format(2, timeToFirstStepS))}
      """
  }

  /// One line for people.
  var line: String {
    let sizes = (innerSteps.map { ", \($0) inner steps" } ?? "") + (tasks.map { ", \($0) tasks" } ?? "")
    return """
      \(workload)\(sizes), \(threads) thread\(threads == 1 ? "" : "s"): median \(format(3, medianMS)) ms \
      (least \(format(3, minMS)), 90 % within \(format(3, p90MS)), \(n) steps), peak memory \(format(0, peakRSSMB)) MB, \
      first step after \(format(2, timeToFirstStepS)) s
      """
  }

  private func format(_ digits: Int, _ value: Double) -> String { String(format: "%.\(digits)f", value) }
}
