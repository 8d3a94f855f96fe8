import Foundation
import MetaLearning

/// Measurements are taken in a process that does nothing else, so that peak memory and the time to the first step are
/// the workload's own. `swift run` replaces itself by the program, which then would inherit both from it.
enum FreshProcess {
  /// Runs this program with other arguments and gives what it printed.
  static func run(_ arguments: [String]) throws -> Data {
    guard let executable = Bundle.main.executableURL else { throw UserError("this program does not find its own file") }
    return try run(executable, arguments)
  }

  /// Runs a program and gives what it printed; what it says of errors goes where ours does.
  static func run(_ executable: URL, _ arguments: [String]) throws -> Data {
    let (process, output) = (Process(), Pipe())
    process.executableURL = executable
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw UserError(
        "\(executable.lastPathComponent) ended with status \(process.terminationStatus): \(arguments.joined(separator: " "))"
      )
    }
    return data
  }

  /// Seconds since this process began: on Linux since the kernel made it, to 10 ms; elsewhere since `begin`.
  static func age(since begin: ContinuousClock.Instant) -> Double {
    #if os(Linux)
      // Field 22 of the line is when the process started, in ticks since the machine did. The second field, the name in
      // parentheses, may have spaces, so counting begins after it: the next field is the third.
      if let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
        let end = stat.lastIndex(of: ")"),
        let ticks = Double(stat[end...].split(separator: " ")[20])
      {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
      }
    #endif
    return (ContinuousClock.now - begin) / .seconds(1)
  }
}
