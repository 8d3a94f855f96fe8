/// A mistake in what the user gave, said in one sentence that names the thing, its place and what was expected.
///
/// Every error that this package throws for a user's input is a `UserError`; the command line prints its
/// description and ends with status 2.
public struct UserError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The sentence.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
