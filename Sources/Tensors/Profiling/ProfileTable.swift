import CKernels
import Foundation

extension ProfileRecord {
  /// Where the time went, for people: the sums, then the `most` kernels that took the most time.
  func table(most: Int = 20) -> String {
    let inKernels = kernels.reduce(0) { $0 + $1.nanoseconds }
    let (wall, processor) = (end - start, processorTimeAtEnd - processorTimeAtStart)
    // What noting down took is nobody's time but the profile's.
    let inRuns = max(0, runs.nanoseconds - ownTime)
    let aroundKernels = max(0, inRuns - inPlans)
    let rest = max(0, processor - ownTime - inRuns - traces.nanoseconds - (inKernels - inPlans))
    var lines = [
      """
      Profile of \(seconds(wall)), \(seconds(processor)) of processor time, \(threads.count) \
      thread\(threads.count == 1 ? "" : "s") with kernels:
      """,
      """
        kernels \(seconds(inKernels)), outside of programs \(seconds(inKernels - inPlans)) of it
        \(runs.calls) runs of programs \(seconds(inRuns)), outside of kernels \(seconds(aroundKernels)), which is \
      \(percent(aroundKernels, of: inRuns))
        \(traces.calls) programs traced \(seconds(traces.nanoseconds)), all else \(seconds(rest))
        the profile itself \(seconds(ownTime)), not counted above; and the clock \(Self.clockCost) ns of each kernel's time
      """,
      row("ms", "%", "calls", "µs each", "MB", "GB/s", "Gop/s", "kernel"),
    ]
    let sorted = Dictionary(grouping: kernels, by: \.description).map(Line.init).sorted {
      ($0.nanoseconds, $1.description) > ($1.nanoseconds, $0.description)
    }
    for line in sorted.prefix(most) { lines.append(row(line, of: inKernels, line.description)) }
    let others = sorted.dropFirst(most)
    if !others.isEmpty {
      lines.append(row(Line("", others), of: inKernels, "\(others.count) more"))
    }
    return lines.joined(separator: "\n")
  }

  /// The sums of some kernels.
  private struct Line {
    var description: String
    var (calls, bytes, operations) = (0, 0, 0)
    var nanoseconds: Int64 = 0

    init(_ description: String, _ kernels: [Kernel]) {
      self.description = description
      for kernel in kernels {
        calls += kernel.calls
        bytes += kernel.calls * kernel.bytesPerCall
        operations += kernel.calls * kernel.operationsPerCall
        nanoseconds += kernel.nanoseconds
      }
    }

    init(_ description: String, _ lines: ArraySlice<Line>) {
      self.description = description
      for line in lines {
        calls += line.calls
        bytes += line.bytes
        operations += line.operations
        nanoseconds += line.nanoseconds
      }
    }
  }

  private func row(_ line: Line, of all: Int64, _ name: String) -> String {
    let time = max(1, Double(line.nanoseconds))
    return row(
      number(time / 1e6, 2), number(100 * time / max(1, Double(all)), 1), "\(line.calls)",
      number(time / 1e3 / Double(max(1, line.calls)), 2), number(Double(line.bytes) / 1e6, 1),
      number(Double(line.bytes) / time, 1), number(Double(line.operations) / time, 1), name)
  }

  private func row(_ cells: String...) -> String {
    let widths = [10, 5, 9, 9, 10, 6, 6]
    let columns = zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }
    return columns.joined(separator: " ") + "  " + (cells.last ?? "")
  }

  private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
  private func seconds(_ nanoseconds: Int64) -> String { number(Double(nanoseconds) / 1e9, 3) + " s" }
  private func percent(_ part: Int64, of all: Int64) -> String {
    number(100 * Double(part) / max(1, Double(all)), 1) + " %"
  }

  /// What one reading of the clock takes, in whole nanoseconds; there is one for each kernel.
  private static var clockCost: Int64 {
    let start = ck_now()
    for _ in 0..<1000 { _ = ck_now() }
    return (ck_now() - start) / 1001
  }
}
