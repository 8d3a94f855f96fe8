import Foundation

/// What the process has used.
public enum Resources {
  /// The most memory that the process has held so far, in megabytes (10⁶ bytes); zero where it is not known.
  public static var peakMemoryMB: Double {
    var usage = rusage()
    #if canImport(Darwin)
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
      return Double(usage.ru_maxrss) / 1e6
    #else
      // Linux counts in kibibytes, and declares the constant as an enumeration of its own.
      guard getrusage(.init(0 /* RUSAGE_SELF */), &usage) == 0 else { return 0 }
      return Double(usage.ru_maxrss) * 1024 / 1e6
    #endif
  }
}
