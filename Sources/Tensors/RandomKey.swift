import CKernels

/// The source of all randomness: a value from which independent keys and reproducible numbers are derived.
///
/// A key never changes and nothing is hidden in a global generator: the same key gives the same numbers on every
/// machine and in every run. Give each use its own key by splitting:
///
/// ```swift
/// let key = RandomKey(seed: 1)
/// let (weights, data) = key.split()
/// let x = Tensor.randomNormal([10, 4], key: data)
/// let perTask = key[7]  // the child that belongs to task 7
/// ```
///
/// The bits come from Philox-4x32-10 (Salmon et al., 2011).
public struct RandomKey: Hashable, Sendable, Codable {
  private enum Origin: Hashable, Sendable {
    case known(UInt64)
    /// The descendant, by child numbers, of a key that is given when a compiled function runs.
    case traced(TracedKey, path: [Int])
  }
  private let origin: Origin

  /// A key for a seed chosen by the user. Near seeds give unrelated keys.
  public init(seed: UInt64) { origin = .known(Self.derive(seed, counter: 0, stream: 0x5EED)) }

  /// A key that is an argument of a program (int32, [2]).
  package init(traced words: Tensor) { origin = .traced(TracedKey(words: words), path: []) }

  private init(_ origin: Origin) { self.origin = origin }

  /// The child key with a number, unrelated to this key and to its other children.
  public subscript(index: Int) -> RandomKey {
    switch origin {
    case .known(let bits): RandomKey(.known(Self.child(index, of: bits)))
    case .traced(let key, let path): RandomKey(.traced(key, path: path + [index]))
    }
  }

  /// Two keys to use in place of this one.
  public func split() -> (RandomKey, RandomKey) { (self[0], self[1]) }

  /// `count` keys to use in place of this one.
  public func split(into count: Int) -> [RandomKey] { (0..<count).map { self[$0] } }

  /// A generator of numbers on the host, for code that draws one at a time.
  public func makeGenerator() -> KeyedGenerator { KeyedGenerator(key: bits) }

  /// The 64 bits that identify the key.
  public var bits: UInt64 {
    switch origin {
    case .known(let bits): return bits
    case .traced(let key, let path):
      guard !key.words.node.isSymbolic else {
        stop("the bits of a random key were read inside a compiled function, where they are not known yet")
      }
      let words = key.words.scalars(as: Int32.self).map { UInt64(UInt32(bitPattern: $0)) }
      return path.reduce(words[0] | words[1] << 32) { Self.child($1, of: $0) }
    }
  }

  /// The bits, or nil inside a compiled function.
  private var knownBits: UInt64? {
    if case .traced(let key, _) = origin, key.words.node.isSymbolic { nil } else { bits }
  }

  public static func == (a: RandomKey, b: RandomKey) -> Bool {
    guard let x = a.knownBits, let y = b.knownBits else { return a.origin == b.origin }
    return x == y
  }

  public func hash(into hasher: inout Hasher) {
    if let knownBits { hasher.combine(knownBits) } else { hasher.combine(origin) }
  }

  /// The key as a tensor (int32, [2]), for a program's argument.
  package var words: Tensor {
    Tensor([Int32(truncatingIfNeeded: bits), Int32(truncatingIfNeeded: bits >> 32)])
  }

  /// The key as a tensor (int32, [2]), also inside a compiled function.
  var tensor: Tensor {
    guard case .traced(let key, let path) = origin, !path.isEmpty else { return node.words }
    return Tensor(.random(.key, path: path), [key.words], shape: [2], scalarType: .int32)
  }

  /// What a random node takes as input, and the descendant of it that it draws from.
  var node: (words: Tensor, path: [Int]) {
    switch origin {
    case .known: (words, [])
    case .traced(let key, let path): (key.words, path)
    }
  }

  private static func child(_ index: Int, of bits: UInt64) -> UInt64 { ck_child_key(bits, Int64(index)) }

  private static func derive(_ bits: UInt64, counter: UInt64, stream: UInt64) -> UInt64 {
    var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) {
      ck_philox(bits, counter, stream, $0.baseAddress?.assumingMemoryBound(to: UInt32.self))
    }
    return UInt64(words.0) | UInt64(words.1) << 32
  }

  public init(from decoder: any Decoder) throws {
    origin = .known(try decoder.singleValueContainer().decode(UInt64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bits)
  }
}

/// A key tensor that is known by its node.
private struct TracedKey: Hashable, Sendable {
  let words: Tensor

  static func == (a: TracedKey, b: TracedKey) -> Bool { a.words.node === b.words.node }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(words.node)) }
}

/// A random number generator that starts from a key, for draws on the host.
public struct KeyedGenerator: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private var counter: UInt64 = 0
  private var words: (UInt64, UInt64) = (0, 0)

  init(key: UInt64) { self.key = key }

  public mutating func next() -> UInt64 {
    defer { counter &+= 1 }
    guard counter & 1 == 0 else { return words.1 }
    let key = key
    let block = counter >> 1
    withUnsafeMutableBytes(of: &words) {
      ck_philox(key, block, 0, $0.baseAddress?.assumingMemoryBound(to: UInt32.self))
    }
    return words.0
  }

  /// A number in `0..<1` with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in `range`, its upper end left out.
  public mutating func uniform(_ range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A whole number in `0..<bound`, without bias (Lemire, "Fast random integer generation in an interval", 2019).
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(_:) needs a positive bound, not \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// `count` different numbers out of `0..<bound`, in random order (the first part of a Fisher–Yates shuffle).
  public mutating func choose(_ count: Int, outOf bound: Int) -> [Int] {
    precondition(count >= 0 && count <= bound, "cannot choose \(count) different numbers out of \(bound)")
    var moved: [Int: Int] = [:]
    return (0..<count).map { position in
      let other = position + below(bound - position)
      let chosen = moved[other] ?? other
      moved[other] = moved[position] ?? position
      return chosen
    }
  }
}
