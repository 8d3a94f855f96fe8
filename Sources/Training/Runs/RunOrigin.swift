import Foundation

/// How a run came about: `origin.json` in its folder.
public struct RunOrigin: Sendable, Codable, Equatable {
  /// The call, as a shell takes it.
  public var command: String
  /// The version of the program.
  public var version: String
  /// The operating system and the kind of processor.
  public var system: String
  public var processors: Int
  /// The time of the start, by ISO 8601 in UTC.
  public var started: String

  /// The origin of a run of this process, on this machine, now.
  public init(arguments: [String], version: String) {
    command = Self.command(arguments)
    self.version = version
    let information = ProcessInfo.processInfo
    system = "\(information.operatingSystemVersionString), \(Self.architecture)"
    processors = information.activeProcessorCount
    started = Date().ISO8601Format()
  }

  /// Arguments as a line for a shell; the program is called by its name.
  public static func command(_ arguments: [String]) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%")
    func quoted(_ argument: String) -> String {
      guard argument.isEmpty || !argument.allSatisfy(plain.contains) else { return argument }
      return "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
    let program = arguments.first.map { [URL(fileURLWithPath: $0).lastPathComponent] } ?? []
    return (program + arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "another processor"
    #endif
  }
}
