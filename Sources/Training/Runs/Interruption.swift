import Dispatch
import Foundation

/// Whether the user has pressed Ctrl-C (or the system asked the program to end): loops look, save what they have
/// reached, and stop.
///
/// A second Ctrl-C ends the program at once; when this value goes, so does the first.
public final class Interruption: @unchecked Sendable {
  // @unchecked: the sources are only held, to keep them alive; the flag has its own lock.
  private let flag = Flag()
  private let sources: [any DispatchSourceSignal]

  /// Watches SIGINT and SIGTERM from now on.
  public init() {
    let flag = flag
    let watched = DispatchSemaphore(value: 0)
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if flag.isRaised { _exit(130) }
        flag.raise()
      }
      source.setRegistrationHandler { watched.signal() }
      source.resume()
      return source
    }
    // Sources begin to watch on a thread of their own; a signal that came before would be lost.
    for _ in sources { watched.wait() }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }

  /// Whether the run is to end.
  public var isRequested: Bool { flag.isRaised }

  private final class Flag: @unchecked Sendable {
    // @unchecked: read and written under the lock.
    private let lock = NSLock()
    private var raised = false
    var isRaised: Bool { lock.withLock { raised } }
    func raise() { lock.withLock { raised = true } }
  }
}
