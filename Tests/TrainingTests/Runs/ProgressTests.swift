import Foundation
import Testing

@testable import Training

@Suite struct ProgressTests {
  @Test func theBarFillsAndFitsTheTerminal() {
    let text = "50/100  loss 0.5"
    #expect(
      ProgressDisplay.bar(0.5, beside: text, columns: 200) == String(repeating: "█", count: 12)
        + String(repeating: "░", count: 12) + "  " + text)
    #expect(ProgressDisplay.bar(0, beside: text, columns: 200).hasPrefix(String(repeating: "░", count: 24)))
    #expect(ProgressDisplay.bar(2, beside: text, columns: 200).hasPrefix(String(repeating: "█", count: 24)))
    for columns in 0...60 {
      let line = ProgressDisplay.bar(0.5, beside: text, columns: columns)
      #expect(line.count <= max(0, columns - 1))
      if columns > text.count { #expect(line.hasSuffix(text)) }
    }
  }

  @Test func durationsAreSaidAsPeopleDo() {
    #expect(ProgressDisplay.duration(0) == "0 s")
    #expect(ProgressDisplay.duration(44.2) == "45 s")
    #expect(ProgressDisplay.duration(200) == "3 min 20 s")
    #expect(ProgressDisplay.duration(3900) == "1 h 5 min")
    #expect(ProgressDisplay.duration(.infinity).hasSuffix("min"))
  }

  @Test func bytesAreSaidInMegabytes() {
    let unit = ProgressDisplay.Unit.bytes
    #expect(unit.place(3_140_000, of: 9_464_212) == "3.1/9.5 MB")
    #expect(unit.speed(1_234_567) == "1.2 MB/s")
    let line =
      unit.place(9_464_212, of: 9_464_212) + "  images_background.zip  " + unit.speed(123e6) + "  2 min 13 s left"
    let bar = ProgressDisplay.bar(0.5, beside: line, columns: 80)
    #expect(bar.count < 80 && bar.hasSuffix(line) && bar.hasPrefix("█"))
    #expect(ProgressDisplay.Unit.steps.place(50, of: 100) == "50/100")
    #expect([12.3, 0.25].map(ProgressDisplay.Unit.steps.speed) == ["12/s", "0.25/s"])
  }

  @Test func memoryIsCountedInMegabytes() {
    // A process that runs tests holds more than 5 MB and less than 100 GB.
    #expect((5...1e5).contains(Resources.peakMemoryMB))
  }
}

#if compiler(>=6.2) && (os(Linux) || os(macOS))
  @Suite struct InterruptionTests {
    /// Waits until a signal has been handled, for at most 5 seconds.
    static func wait(for interruption: Interruption) {
      for _ in 0..<500 where !interruption.isRequested { usleep(10_000) }
    }

    @Test func theFirstSignalIsARequest() async {
      await #expect(processExitsWith: .exitCode(7)) {
        let interruption = Interruption()
        if interruption.isRequested { exit(1) }
        kill(getpid(), SIGINT)
        InterruptionTests.wait(for: interruption)
        exit(interruption.isRequested ? 7 : 1)
      }
    }

    @Test func theSecondEndsAtOnce() async {
      await #expect(processExitsWith: .exitCode(130)) {
        let interruption = Interruption()
        kill(getpid(), SIGTERM)
        InterruptionTests.wait(for: interruption)
        kill(getpid(), SIGINT)
        sleep(5)
        exit(interruption.isRequested ? 1 : 2)
      }
    }

    @Test func signalsEndTheProgramWhereNothingWatches() async {
      await #expect(processExitsWith: .signal(SIGINT)) {
        _ = Interruption()
        kill(getpid(), SIGINT)
        sleep(5)
      }
    }
  }
#endif
