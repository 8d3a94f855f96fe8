/// The types that numbers in a safetensors file can have, by their names in its header: those of whole bytes. A file may
/// have tensors of types that no tensor here can be made from, as long as nobody asks for them.
enum SafeTensorsType: String, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case complex64 = "C64"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The type of a tensor's numbers, which are written as they are.
  init(_ type: ScalarType) {
    self =
      switch type {
      case .float64: .float64
      case .float32: .float32
      case .int32: .int32
      case .bool: .bool
      }
  }

  /// The names of those that tensors can be made from, for sentences.
  static let readable = "F64, F32, F16, BF16, I32 or BOOL"

  /// The bytes that one number takes.
  var byteCount: Int {
    switch self {
    case .float64, .complex64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8e4m3, .float8e5m2, .int8, .uint8, .bool: 1
    }
  }
}

extension Float {
  /// The number whose bits in half precision (IEEE 754, binary16) are these. Swift's `Float16` is not there on Intel Macs.
  init(half bits: UInt16) {
    let (exponent, fraction) = (UInt32(bits >> 10 & 31), UInt32(bits & 0x3FF))
    let magnitude: Float =
      switch exponent {
      case 0: Float(fraction) * 0x1p-24  // Zero and subnormal numbers.
      case 31: Float(bitPattern: 0x7F80_0000 | fraction << 13)  // Infinity and NaN.
      default: Float(bitPattern: (exponent + 112) << 23 | fraction << 13)
      }
    self = Float(bitPattern: magnitude.bitPattern | UInt32(bits >> 15) << 31)
  }

  /// The number whose upper half of bits in single precision are these.
  init(brain bits: UInt16) { self = Float(bitPattern: UInt32(bits) << 16) }
}
