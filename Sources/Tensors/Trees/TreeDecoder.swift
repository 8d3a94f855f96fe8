/// Puts a recorded value together again with other tensors.
struct TreeDecoder: Decoder {
  let slot: Slot
  let tensors: [Tensor]
  /// Gives another value of its type for a part that is to be changed, and nil for the others.
  var transform: ((Any) -> Any?)?

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func restore<T: Decodable>(_ type: T.Type, from slot: Slot) throws -> T {
    switch slot.content {
    case .tensor(let index):
      if let tensor = tensors[index] as? T { return tensor }
      if let key = RandomKey(traced: tensors[index]) as? T { return key }
    case .value(let value):
      if let value = value as? T { return value }
      throw mismatch("a \(T.self) is asked for where a \(Swift.type(of: value)) was encoded")
    default: break
    }
    let part = try T(from: at(slot))
    guard let transform, let changed = transform(part) as? T else { return part }
    return changed
  }

  fileprivate func at(_ slot: Slot) -> TreeDecoder { TreeDecoder(slot: slot, tensors: tensors, transform: transform) }

  fileprivate func mismatch(_ reason: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: reason))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .keyed(let children) = slot.content else { throw mismatch("keys are asked for where none were encoded") }
    return KeyedDecodingContainer(Keyed<Key>(decoder: self, children: children))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .ordered(let children) = slot.content else {
      throw mismatch("a list is asked for where none was encoded")
    }
    return Ordered(decoder: self, children: children)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

  struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: TreeDecoder
    let children: [(key: String, slot: Slot)]
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { children.map(\.key).sorted().compactMap(Key.init(stringValue:)) }

    func slot(_ name: String) -> Slot? { children.first { $0.key == name }?.slot }

    func at(_ key: any CodingKey) throws -> Slot {
      guard let slot = slot(key.stringValue) else {
        throw decoder.mismatch("“\(key.stringValue)” was not encoded")
      }
      return slot
    }
    func contains(_ key: Key) -> Bool { slot(key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { if case .null = try at(key).content { true } else { false } }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder.restore(type, from: at(key)) }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try below(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try below(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder {
      guard let slot = slot("super") else { throw decoder.mismatch("no superclass was encoded") }
      return decoder.at(slot)
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try below(key) }
    private func below(_ key: Key) throws -> TreeDecoder { decoder.at(try at(key)) }
  }

  struct Ordered: UnkeyedDecodingContainer {
    let decoder: TreeDecoder
    let children: [Slot]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { children.count }
    var isAtEnd: Bool { currentIndex >= children.count }

    mutating func next() throws -> Slot {
      guard !isAtEnd else { throw decoder.mismatch("more elements are asked for than were encoded") }
      defer { currentIndex += 1 }
      return children[currentIndex]
    }
    mutating func decodeNil() throws -> Bool {
      guard !isAtEnd, case .null = children[currentIndex].content else { return false }
      currentIndex += 1
      return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.restore(type, from: next()) }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
      try below().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try below().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try below() }
    private mutating func below() throws -> TreeDecoder { decoder.at(try next()) }
  }

  struct Single: SingleValueDecodingContainer {
    let decoder: TreeDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { if case .null = decoder.slot.content { true } else { false } }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.restore(type, from: decoder.slot) }
  }
}
