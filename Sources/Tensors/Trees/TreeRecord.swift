/// What the `Codable` traversal of a tree visited: where its tensors are, and all its other values as they are.
struct TreeRecord {
  private let root = Slot()
  private(set) var leaves: [TensorLeaf] = []
  /// The values that hold tensors, inner ones first; empty unless asked for.
  private(set) var parts: [Recorder.Part] = []

  /// Takes a tree apart. Names cost as much as all else, so they can be left out: the leaves' names are then empty.
  init<T: TensorTree>(of tree: T, isNaming: Bool = true, isListingParts: Bool = false) {
    let recorder = Recorder(isNaming: isNaming, isListingParts: isListingParts)
    do {
      // Not by `record`, which would leave a `Tensor` or an array of them no slot of its own.
      try recorder.record(tree, in: root, path: "", kind: .init())
    } catch {
      stop("\(T.self) cannot be taken apart into its tensors: \(error)")
    }
    leaves = recorder.leaves
    parts = recorder.parts
  }

  /// All values but the tensors, as texts with their places: what a traced function has built in.
  var settings: [String] {
    var found: [String] = []
    var rest: [(path: String, slot: Slot)] = [("", root)]
    while let (path, slot) = rest.popLast() {
      switch slot.content {
      case .empty, .null: found.append("\(path): nothing")
      case .tensor: break
      case .value(let value): found.append("\(path): \(type(of: value)) \(value)")
      case .keyed(let children):
        for (key, child) in children { rest.append(("\(path).\(key)", child)) }
      case .ordered(let children):
        for (index, child) in children.enumerated() { rest.append(("\(path).\(index)", child)) }
      }
    }
    return found
  }

  /// The same value with the first of `tensors` in place of its own, and its parts changed by `transform`.
  func rebuild<T: TensorTree>(
    _ type: T.Type, from tensors: inout ArraySlice<Tensor>, transform: ((Any) -> Any?)? = nil
  ) -> T {
    guard tensors.count >= leaves.count else {
      stop("\(T.self) has \(leaves.count) tensors, but was given \(tensors.count)")
    }
    let own = Array(tensors.prefix(leaves.count))
    tensors.removeFirst(leaves.count)
    do {
      return try TreeDecoder(slot: root, tensors: own, transform: transform).restore(type, from: root)
    } catch {
      stop("\(T.self) cannot be put together again from its tensors: \(error)")
    }
  }
}

/// A place in the record.
final class Slot {
  enum Content {
    case empty
    case null
    /// A value without tensors, kept as it is.
    case value(any Encodable)
    case tensor(Int)
    /// In the order in which they were encoded. There are few, so looking through them is faster than a dictionary.
    case keyed([(key: String, slot: Slot)])
    case ordered([Slot])
  }
  var content = Content.empty

  func child(_ key: String) -> Slot {
    let child = Slot()
    var children: [(key: String, slot: Slot)] = []
    if case .keyed(let present) = content { children = present }
    content = .empty  // So that the list is changed in place.
    if let place = children.firstIndex(where: { $0.key == key }) {
      children[place].slot = child
    } else {
      children.append((key, child))
    }
    content = .keyed(children)
    return child
  }

  func nextChild() -> Slot {
    let child = Slot()
    var children: [Slot] = []
    if case .ordered(let present) = content { children = present }
    content = .empty
    children.append(child)
    content = .ordered(children)
    return child
  }
}

/// Collects tensors while a value is encoded.
final class Recorder {
  /// What the values above a tensor say of it.
  struct Kind {
    var isBuffer = false
    var isHeld = false
  }

  /// A value, its path, and which leaves lie in it.
  struct Part {
    var path: String
    var value: any Encodable
    var leaves: Range<Int>
  }

  var leaves: [TensorLeaf] = []
  var parts: [Part] = []
  let isNaming: Bool
  let isListingParts: Bool

  init(isNaming: Bool, isListingParts: Bool) {
    self.isNaming = isNaming
    self.isListingParts = isListingParts
  }

  func record<T: Encodable>(_ value: T, in slot: Slot, path: String, kind: Kind) throws {
    // A random key goes as its bits, so that a traced function can be given another one.
    let key = value as? RandomKey
    if let tensor = value as? Tensor ?? key?.leaves.first?.tensor {
      slot.content = .tensor(leaves.count)
      leaves.append(
        TensorLeaf(name: path, tensor: tensor, isBuffer: kind.isBuffer || key != nil, isHeld: kind.isHeld))
      return
    }
    // Numbers and words have no tensors, and going through their containers costs more than all the rest.
    if value is Int || value is Double || value is Bool || value is String {
      slot.content = .value(value)
      return
    }
    let before = leaves.count
    let below = Kind(
      isBuffer: kind.isBuffer || value is Buffer, isHeld: kind.isHeld || T.self is any HeldInAdaptation.Type)
    let encoder = TreeEncoder(recorder: self, slot: slot, path: path, kind: below)
    if let dictionary = value as? any SortedEncodable {
      try dictionary.encodeSorted(to: encoder)
    } else {
      try value.encode(to: encoder)
    }
    if case .null = slot.content { return }
    if leaves.count == before {
      slot.content = .value(value)
    } else if isListingParts {
      parts.append(Part(path: path, value: value, leaves: before..<leaves.count))
    }
  }
}

struct TreeEncoder: Encoder {
  let recorder: Recorder
  let slot: Slot
  let path: String
  let kind: Recorder.Kind

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .empty = slot.content { slot.content = .keyed([]) }
    return KeyedEncodingContainer(Keyed<Key>(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.content = .ordered([])
    return Ordered(encoder: self)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  fileprivate func below(_ slot: Slot, _ name: @autoclosure () -> String) -> TreeEncoder {
    guard recorder.isNaming else { return TreeEncoder(recorder: recorder, slot: slot, path: "", kind: kind) }
    return TreeEncoder(
      recorder: recorder, slot: slot, path: path.isEmpty ? name() : "\(path).\(name())", kind: kind)
  }
  fileprivate func record<T: Encodable>(_ value: T) throws {
    try recorder.record(value, in: slot, path: path, kind: kind)
  }

  struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { [] }

    func at(_ key: any CodingKey) -> TreeEncoder {
      let name = key.stringValue
      return encoder.below(encoder.slot.child(name), name)
    }
    mutating func encodeNil(forKey key: Key) { encoder.slot.child(key.stringValue).content = .null }
    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try at(key).record(value) }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { at(key).container(keyedBy: keyType) }
    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { at(key).unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder.below(encoder.slot.child("super"), "super") }
    mutating func superEncoder(forKey key: Key) -> any Encoder { at(key) }
  }

  struct Ordered: UnkeyedEncodingContainer {
    let encoder: TreeEncoder
    var count = 0
    var codingPath: [any CodingKey] { [] }

    mutating func next() -> TreeEncoder {
      defer { count += 1 }
      return encoder.below(encoder.slot.nextChild(), "\(count)")
    }
    mutating func encodeNil() { next().slot.content = .null }
    mutating func encode<T: Encodable>(_ value: T) throws { try next().record(value) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
      next().container(keyedBy: keyType)
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { next() }
  }

  struct Single: SingleValueEncodingContainer {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() { encoder.slot.content = .null }
    // The primitive types encode themselves into a single value; for these this is the end of the way.
    mutating func encode(_ value: Bool) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: String) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Double) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Float) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Int) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Int8) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Int16) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Int32) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: Int64) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: UInt) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: UInt8) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: UInt16) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: UInt32) { encoder.slot.content = .value(value) }
    mutating func encode(_ value: UInt64) { encoder.slot.content = .value(value) }
    mutating func encode<T: Encodable>(_ value: T) throws { try encoder.record(value) }
  }
}

/// A collection that encodes its elements in an order that differs between equal values.
private protocol SortedEncodable {
  /// Encodes the same as `encode(to:)`, sorted by key.
  func encodeSorted(to encoder: any Encoder) throws
}

extension Dictionary: SortedEncodable where Key: Encodable, Value: Encodable {
  func encodeSorted(to encoder: any Encoder) throws {
    let sorted = sorted { a, b in
      if let a = a.key as? Int, let b = b.key as? Int { a < b } else { "\(a.key)" < "\(b.key)" }
    }
    guard Key.self is any CodingKeyRepresentable.Type else {
      // Other keys lie before their values in a list.
      var container = encoder.unkeyedContainer()
      for (key, value) in sorted {
        try container.encode(key)
        try container.encode(value)
      }
      return
    }
    var container = encoder.container(keyedBy: AnyKey.self)
    for (key, value) in sorted {
      guard let key = (key as? any CodingKeyRepresentable)?.codingKey else { continue }
      try container.encode(value, forKey: AnyKey(stringValue: key.stringValue))
    }
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { Int(stringValue) }

  init(stringValue: String) { self.stringValue = stringValue }
  init(intValue: Int) { stringValue = "\(intValue)" }
}
