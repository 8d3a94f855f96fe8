/// Which classes are trained on, which settings are chosen by, and which the result is reported on; by their names.
public struct ClassSplit: Sendable, Codable, Equatable {
  public var train: [String]
  /// Empty where none are set apart.
  public var validation: [String]
  public var test: [String]

  public init(train: [String], validation: [String], test: [String]) {
    (self.train, self.validation, self.test) = (train, validation, test)
  }

  /// Classes split by their domain, so that the tests are of domains that training has not seen.
  ///
  /// - Parameters:
  ///   - domain: the domain of a class; by default what stands before the last slash of its name.
  ///   - validation: the domains that settings are chosen by; may be empty.
  ///   - test: the domains that the result is reported on.
  /// - Throws: a ``UserError`` that names a domain without a class, or where none is left to train on.
  public init(
    _ names: [String], by domain: (String) -> String = ClassSplit.folder(of:), validation: Set<String> = [],
    test: Set<String>
  ) throws {
    let domains = Set(names.map(domain))
    if let unknown = validation.union(test).subtracting(domains).min() {
      throw UserError("No class is of the domain '\(unknown)'; there are \(domains.sorted().joined(separator: ", ")).")
    }
    if let both = validation.intersection(test).min() {
      throw UserError("The domain '\(both)' is held out for both validation and test.")
    }
    self.test = names.filter { test.contains(domain($0)) }
    self.validation = names.filter { validation.contains(domain($0)) }
    train = names.filter { !test.contains(domain($0)) && !validation.contains(domain($0)) }
    guard !train.isEmpty else { throw UserError("No domain is left to train on.") }
  }

  /// What stands before the last slash of a class's name: the alphabet of a character, or the part of a union.
  public static func folder(of name: String) -> String {
    name.lastIndex(of: "/").map { String(name[..<$0]) } ?? name
  }

  /// The shares of the classes that are set apart for validation and for the test.
  public static let shares = (validation: 0.16, test: 0.2)

  /// Classes split at random, 64 % to train, 16 % to validate and 20 % to test, but of the latter two at least `least` each
  /// where as many are left to train.
  ///
  /// - Throws: a ``UserError`` where there are not enough classes to train and to test on `least` each.
  public init(_ names: [String], least: Int, key: RandomKey) throws {
    guard names.count >= 2 * least else {
      throw UserError(
        "Training and testing on \(least) classes at a time needs \(2 * least) classes; there are \(names.count).")
    }
    var generator = key.makeGenerator()
    let order = generator.choose(names.count, outOf: names.count).map { names[$0] }
    let testCount = max(Int(Double(names.count) * Self.shares.test), least)
    let wanted = max(Int(Double(names.count) * Self.shares.validation), least)
    let validationCount = names.count - testCount - wanted >= least ? wanted : 0
    test = order.prefix(testCount).sorted()
    validation = order.dropFirst(testCount).prefix(validationCount).sorted()
    train = order.dropFirst(testCount + validationCount).sorted()
  }
}
