/// How the outer rate goes over the iterations.
public enum OuterSchedule: String, Sendable, Codable, CaseIterable {
  case constant
  /// Along half a cosine to a floor.
  case cosine
  /// Multiplied by a factor every so many iterations.
  case steps
}

/// The course of the outer rate, as a recipe or the command line gives it.
public struct OuterCourse: Sendable, Equatable {
  public var schedule: OuterSchedule
  /// The rate that a cosine ends at; nil: a hundredth of the outer rate.
  public var floor: Double?
  /// The iterations in which the rate rises to its full height.
  public var warmUp = 0
  /// Of steps: the iterations between them; nil: a fifth of all.
  public var decayEvery: Int?
  /// Of steps: what the rate is multiplied by.
  public var decayFactor = 0.5

  public init(_ schedule: OuterSchedule) { self.schedule = schedule }
}

extension MetaConfiguration {
  /// Sets the course of the outer rate over all iterations.
  ///
  /// - Throws: a `UserError` where its numbers make no sense.
  public mutating func setCourse(_ course: OuterCourse) throws {
    let iterations = options.iterations
    guard (0...max(iterations, 0)).contains(course.warmUp) else {
      throw UserError("--warm-up must be from 0 to the \(iterations) iterations; given was \(course.warmUp).")
    }
    let rest = iterations - course.warmUp
    let main: LearningRateSchedule
    switch course.schedule {
    case .constant: main = .constant
    case .cosine: main = .cosine(steps: rest, to: course.floor.map { $0 / outerRate } ?? 0.01)
    case .steps:
      let every = course.decayEvery ?? max(1, rest / 5)
      guard every >= 1, course.decayFactor > 0, course.decayFactor <= 1 else {
        throw UserError(
          "decay-every must be at least 1 and decay-factor from 0 to 1; given were \(every) and \(course.decayFactor).")
      }
      main = .step(every: every, factor: course.decayFactor)
    }
    options.schedule = course.warmUp > 0 ? .warmUp(steps: course.warmUp, then: main) : main
  }

  /// The same course of the outer rate over another number of iterations.
  public mutating func stretchSchedule() { options.schedule = stretched(options.schedule, options.iterations) }

  private func stretched(_ schedule: LearningRateSchedule, _ iterations: Int) -> LearningRateSchedule {
    switch schedule {
    case .cosine(_, let end): .cosine(steps: max(iterations, 1), to: end)
    case .warmUp(let steps, let next):
      .warmUp(steps: min(steps, iterations), then: stretched(next, iterations - min(steps, iterations)))
    default: schedule
    }
  }
}
