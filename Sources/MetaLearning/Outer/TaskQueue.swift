import Foundation

/// Draws the tasks of the steps to come on a thread of its own, while the trainer computes.
///
/// The tasks of a step depend on its number alone, so what comes out is the same as if they were drawn when they are needed.
final class TaskQueue: Sendable {
  private let state: State
  private let draw: @Sendable (Int) -> [Episode]

  /// A queue that is at most `depth` steps ahead.
  init(depth: Int = 4, draw: @escaping @Sendable (_ step: Int) -> [Episode]) {
    let state = State(depth: depth)
    (self.state, self.draw) = (state, draw)
    // It holds the state only, so that it ends when the queue goes.
    let thread = Thread {
      while let step = state.nextToDraw() { state.put(draw(step), for: step) }
    }
    thread.name = "tasks"
    thread.start()
  }

  deinit { state.end() }

  /// The tasks of a step, and the seconds that were waited for them.
  func take(_ step: Int) -> (episodes: [Episode], waited: Double) {
    let start = DispatchTime.now()
    // Another copy of the run may have taken them, or the run gone back: then they are drawn here.
    let episodes = state.take(step) ?? draw(step)
    return (episodes, Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9)
  }

  private final class State: @unchecked Sendable {
    // @unchecked: read and written under the condition's lock.
    private let condition = NSCondition()
    private let depth: Int
    private var ready: [Int: [Episode]] = [:]
    /// The step that is drawn next; nil until one is asked for.
    private var next: Int?
    private var hasEnded = false

    init(depth: Int) { self.depth = depth }

    /// The step to draw, once there is room for it; nil at the end.
    func nextToDraw() -> Int? {
      condition.withLock {
        while !hasEnded, next == nil || ready.count >= depth { condition.wait() }
        return hasEnded ? nil : next
      }
    }

    func put(_ episodes: [Episode], for step: Int) {
      condition.withLock {
        // The trainer may have gone elsewhere meanwhile.
        guard next == step else { return }
        ready[step] = episodes
        next = step + 1
        condition.broadcast()
      }
    }

    /// The tasks of a step, waited for if they come next; nil where they have been taken, after which the queue goes on
    /// with the step that follows.
    func take(_ step: Int) -> [Episode]? {
      condition.withLock {
        while next == step { condition.wait() }
        if let episodes = ready.removeValue(forKey: step) {
          condition.broadcast()
          return episodes
        }
        ready = [:]
        next = step + 1
        condition.broadcast()
        return nil
      }
    }

    func end() {
      condition.withLock {
        hasEnded = true
        condition.broadcast()
      }
    }
  }
}
