// What the functions of float32 and float64 share: polynomials, and numbers seen as bits.
//
// The functions are straight lines without branches and calls, so that the compiler can run many elements at once.
// `a * b + c` in one expression is fused where the processor can do it, in vectors and in single elements alike, so an
// element has the same bits wherever it lies. Where a product is taken apart into statements it must not be fused.
#ifndef CKERNELS_FUNCTIONS_H
#define CKERNELS_FUNCTIONS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT ON

// A function that is not inlined is compiled once, for the oldest processor, and not for the row that calls it.
#define CK_INLINE static inline __attribute__((always_inline))

CK_INLINE uint32_t ck_bits_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CK_INLINE uint64_t ck_bits_f64(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CK_INLINE float ck_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

CK_INLINE double ck_double(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Adding one of these rounds to the nearest whole number without a call, and leaves it in the last bits: 1.5·2²³,
// 1.5·2⁵².
#define CK_ROUND_F32 12582912.0f
#define CK_ROUND_F64 6755399441055744.0

/// 2^k for a whole k for which it is a normal number.
CK_INLINE float ck_power_of_two_f32(float k) { return ck_float((ck_bits_f32(k + CK_ROUND_F32) + 127) << 23); }
CK_INLINE double ck_power_of_two_f64(double k) { return ck_double((ck_bits_f64(k + CK_ROUND_F64) + 1023) << 52); }

/// p · 2^k in two steps, so that results below the normal range, and infinity, come out by themselves.
CK_INLINE float ck_scale_f32(float p, float k) {
  float half = (k * 0.5f + CK_ROUND_F32) - CK_ROUND_F32;
  return p * ck_power_of_two_f32(half) * ck_power_of_two_f32(k - half);
}

CK_INLINE double ck_scale_f64(double p, double k) {
  double half = (k * 0.5 + CK_ROUND_F64) - CK_ROUND_F64;
  return p * ck_power_of_two_f64(half) * ck_power_of_two_f64(k - half);
}

// Polynomials by Horner's rule, coefficients from the constant up; the number is that of the coefficients. Those with
// numbers behind them were fitted by Scripts/polynomials.py, which also says how far each is from the function.
#define CK_P1(x, a) (a)
#define CK_P2(x, a, ...) (CK_P1(x, __VA_ARGS__) * (x) + (a))
#define CK_P3(x, a, ...) (CK_P2(x, __VA_ARGS__) * (x) + (a))
#define CK_P4(x, a, ...) (CK_P3(x, __VA_ARGS__) * (x) + (a))
#define CK_P5(x, a, ...) (CK_P4(x, __VA_ARGS__) * (x) + (a))
#define CK_P6(x, a, ...) (CK_P5(x, __VA_ARGS__) * (x) + (a))
#define CK_P7(x, a, ...) (CK_P6(x, __VA_ARGS__) * (x) + (a))
#define CK_P8(x, a, ...) (CK_P7(x, __VA_ARGS__) * (x) + (a))
#define CK_P9(x, a, ...) (CK_P8(x, __VA_ARGS__) * (x) + (a))
#define CK_P10(x, a, ...) (CK_P9(x, __VA_ARGS__) * (x) + (a))
#define CK_P11(x, a, ...) (CK_P10(x, __VA_ARGS__) * (x) + (a))
#define CK_P12(x, a, ...) (CK_P11(x, __VA_ARGS__) * (x) + (a))
#define CK_P13(x, a, ...) (CK_P12(x, __VA_ARGS__) * (x) + (a))

#endif
