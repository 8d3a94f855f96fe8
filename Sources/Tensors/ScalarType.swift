import CKernels

/// What kind of numbers a tensor holds.
public enum ScalarType: String, Hashable, Sendable, Codable, CaseIterable {
  /// Single precision, for work.
  case float32
  /// Double precision, for checking.
  case float64
  /// Whole numbers, for labels and indices.
  case int32
  /// True or false, for masks.
  case bool

  /// Whether numbers of this type have derivatives.
  public var isFloating: Bool { self == .float32 || self == .float64 }

  /// The bytes that one number takes.
  public var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .bool: 1
    }
  }

  var code: CKType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .bool: .bool
    }
  }
}

/// A Swift type whose values a tensor can hold: `Float`, `Double`, `Int32` or `Bool`.
public protocol TensorScalar: Sendable {
  /// The matching type of tensors.
  static var scalarType: ScalarType { get }
}

extension Float: TensorScalar {
  public static var scalarType: ScalarType { .float32 }
}

extension Double: TensorScalar {
  public static var scalarType: ScalarType { .float64 }
}

extension Int32: TensorScalar {
  public static var scalarType: ScalarType { .int32 }
}

extension Bool: TensorScalar {
  public static var scalarType: ScalarType { .bool }
}
