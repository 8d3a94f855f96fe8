/// Writes the kinds of Protocol Buffers fields that TensorBoard's events have.
///
/// There is a library for this, but it would put a compiler of message descriptions into the build, and generate more
/// code than this for a dozen fields that have been the same since TensorBoard began.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A whole number: seven bits a byte, the lowest first, and a mark where more follow.
  mutating func integer(_ field: Int, _ value: Int) {
    key(field, wireType: 0)
    variable(UInt64(bitPattern: Int64(value)))
  }

  mutating func double(_ field: Int, _ value: Double) {
    key(field, wireType: 1)
    fixed(value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, wireType: 5)
    fixed(value.bitPattern)
  }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    key(field, wireType: 2)
    variable(UInt64(value.count))
    bytes += value
  }

  mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  /// A message within the message.
  mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    write(&inner)
    data(field, inner.bytes)
  }

  private mutating func key(_ field: Int, wireType: UInt64) { variable(UInt64(field) << 3 | wireType) }

  private mutating func variable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func fixed(_ value: some FixedWidthInteger) { bytes += value.littleEndianBytes }
}

extension FixedWidthInteger {
  /// The bytes, the lowest first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
