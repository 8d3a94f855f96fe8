#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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

/// Ends the program for a mistake in the program itself, such as adding tensors whose shapes do not fit.
///
/// Formulas would not be readable if each operation could throw, so a tensor operation that makes no sense says why in
/// one sentence on standard error and ends with status 2; a debug build traps, so that a debugger shows the place.
package func stop(_ sentence: String) -> Never {
  #if DEBUG
    fatalError(sentence)
  #else
    // Written with the system call: Swift 6 does not let `stderr` be used from several threads.
    let line = Array("error: \(sentence)\n".utf8)
    _ = write(2, line, line.count)
    exit(2)
  #endif
}
