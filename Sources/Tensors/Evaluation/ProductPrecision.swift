import CKernels

/// In which precision a program multiplies what convolutions sum over.
///
/// Arguments, results, sums and all other operations keep their type; so weights and gradients stay in float32.
public enum ProductPrecision: String, Hashable, Sendable, Codable, CaseIterable {
  /// As the arrays are.
  case full
  /// Factors of float32 are rounded to bfloat16, which has its range and 8 bits of precision, and their products summed in
  /// float32: in 0.55 to 0.7 of the time where the processor has such products (AVX-512 BF16), and in a little more elsewhere. Where
  /// filters of 3×3 move by two pixels, it is sums of up to four factors that are rounded, with up to twice the error.
  ///
  /// That is done for convolutions of one group with an even number of at least 12 channels and outputs; others are computed in full:
  /// matrix products, and convolutions by filters of 3×3 that move by one pixel and take less time in float32 (by Winograd's F(4×4, 3×3)).
  case bfloat16

  /// Whether this processor multiplies in this precision itself.
  public var isNative: Bool { self == .full || ck_multiplies_halves() }
}
