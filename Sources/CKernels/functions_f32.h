// Functions of one float32, each with the greatest error that the tests allow, in units of the last place (ulp).
#ifndef CKERNELS_FUNCTIONS_F32_H
#define CKERNELS_FUNCTIONS_F32_H

#include "functions.h"

// x = k · ln 2 + r + tail with |r| ≤ ln 2 / 2; the first part of ln 2 has so few bits that k times it is exact.
#define CK_REDUCE_F32(x)                                                        \
  float k = ((x) * 1.44269504088896341f + CK_ROUND_F32) - CK_ROUND_F32;         \
  float near = (x) - k * 0.693359375f, far = k * -2.12194440e-4f, r = near - far; \
  float tail = (near - r) - far;

/// (e^r − 1 − r) / r², |r| ≤ ln 2 / 2; e^r is off by 2⁻²⁶.
CK_INLINE float ck_exp_rest_f32(float r) {
  return CK_P5(r, 0.49999997f, 0.16666542f, 0.0416675285f, 0.00836668629f, 0.00138621207f);
}

/// exp, 1 ulp: 2^k · e^r, where the sum 1 + r keeps what its rounding loses.
CK_INLINE float ck_exp_f32(float x) {
  float bounded = x > 89.0f ? 89.0f : x;
  bounded = bounded < -104.0f ? -104.0f : bounded;
  CK_REDUCE_F32(bounded)
  float sum = 1 + r, lost = r - (sum - 1);
  float p = sum + (lost + (r * r * ck_exp_rest_f32(r) + tail));
  return ck_scale_f32(p, k);
}

/// expm1, 1.5 ulp: 2^k · ((1 − 2^−k) + (e^r − 1)), which loses nothing near zero, where k is zero.
CK_INLINE float ck_expm1_f32(float x) {
  float bounded = x > 89.0f ? 89.0f : x;
  bounded = bounded < -20.0f ? -20.0f : bounded;
  CK_REDUCE_F32(bounded)
  float one = 1 - ck_power_of_two_f32(k > 30 ? -30 : -k);
  float sum = one + r, lost = r - (sum - one);
  float p = sum + (lost + (r * r * ck_exp_rest_f32(r) + tail));
  return x == 0 ? x : ck_scale_f32(p, k);
}

/// (log(1 + f) − f + f² / 2) / f³ for √½ ≤ 1 + f ≤ √2; log(1 + f) is off by 2⁻³⁰.
CK_INLINE float ck_log_rest_f32(float f) {
  return CK_P9(f, 0.333333105f, -0.250000149f, 0.200022295f, -0.166677326f, 0.142174646f, -0.124094971f, 0.119060919f,
               -0.116574608f, 0.0668549091f);
}

/// log(2^k · (1 + f)) + c.
CK_INLINE float ck_log_sum_f32(float k, float f, float c) {
  float square = f * f;
  float rest = (f * square) * ck_log_rest_f32(f) + (k * -2.12194440e-4f + c);
  return k * 0.693359375f + (f + (rest - 0.5f * square));
}

// The bits of √½, and those of 1 minus them: u = 2^k · m with √½ ≤ m < √2. The exponent becomes a float by a sum.
#define CK_SPLIT_F32(u)                                                                         \
  uint32_t shifted = ck_bits_f32(u) + (0x3f800000 - 0x3f3504f3);                                \
  float k = ck_float((shifted >> 23) | 0x4b000000) - (8388608.0f + 127.0f);                     \
  float m = ck_float((shifted & 0x007fffff) + 0x3f3504f3);

/// log, 1 ulp.
CK_INLINE float ck_log_f32(float x) {
  // Numbers below the normal range are brought into it.
  float u = x < 1.17549435e-38f ? x * 8388608.0f : x;
  CK_SPLIT_F32(u)
  float y = ck_log_sum_f32(x < 1.17549435e-38f ? k - 23 : k, m - 1, 0);
  y = x == 0 ? -INFINITY : x < 0 ? NAN : y;
  return x < INFINITY ? y : x;
}

/// log(1 + x) for −1 < x < ∞: what rounding takes from 1 + x comes back as c.
CK_INLINE float ck_log1p_inside_f32(float x) {
  float u = 1 + x;
  CK_SPLIT_F32(u)
  float lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  bool is_near = k == 0;
  return ck_log_sum_f32(k, is_near ? x : m - 1, is_near ? 0 : lost / u);
}

/// log1p, 1 ulp.
CK_INLINE float ck_log1p_f32(float x) {
  float y = ck_log1p_inside_f32(x);
  y = x == -1 ? -INFINITY : x < -1 ? NAN : x == 0 ? x : y;
  return x < INFINITY ? y : x;
}

/// tanh, 1.5 ulp: x + x³ P(x²) up to 0.55, off by 2⁻²⁹, and 1 − 2 / (e^2x + 1) above.
CK_INLINE float ck_tanh_f32(float x) {
  float size = fabsf(x), z = x * x;
  float bounded = size > 10.0f ? 10.0f : size;
  float rest = CK_P5(z, -0.333333164f, 0.133325547f, -0.053849414f, 0.021060897f, -0.00626019342f);
  float near = size + size * (z * rest);
  float far = 1 - 2 / (ck_exp_f32(2 * bounded) + 1);
  return copysignf(size < 0.55f ? near : far, x);
}

/// 1 / (1 + e^−x), 2 ulp, as q = e^x / (1 + e^x) for negative x, and as e^x − e^x q where e^x is small: the rounding of
/// the sum then counts less.
CK_INLINE float ck_sigmoid_f32(float x) {
  float e = ck_exp_f32(-fabsf(x)), q = (x < 0 ? e : 1) / (1 + e);
  return x < 0 && e < 0.5f ? e - e * q : q;
}

/// log(1 + e^x), 2 ulp.
CK_INLINE float ck_softplus_f32(float x) {
  float y = (x > 0 ? x : 0) + ck_log1p_inside_f32(ck_exp_f32(-fabsf(x)));
  return x == x ? y : x;
}

/// erf, 1.5 ulp: x + x P(x²) up to 1, off by 2⁻²⁹, and 1 − exp(Q(|x|)) above, off by 2⁻²⁹.
CK_INLINE float ck_erf_f32(float x) {
  float size = fabsf(x), z = x * x;
  float bounded = size > 4.0f ? 4.0f : size;
  float near = size + size * CK_P7(z, 0.128379166f, -0.37612626f, 0.112835824f, -0.0268536434f, 0.00518796267f,
                                   -0.000800679321f, 7.84228832e-05f);
  float logarithm = CK_P7(bounded, -0.000342017593f, -1.12708867f, -0.638143003f, -0.103110895f, 0.021841364f,
                          -0.00294883642f, 0.000186537596f);
  float far = 1 - ck_exp_f32(logarithm);
  return copysignf(size < 1.0f ? near : far, x);
}

// x = k · π/2 + r in float64, where it is exact enough up to |x| = CK_ANGLE_F32; beyond that, the rows call the
// library.
#define CK_ANGLE_F32 1e6f

/// sin(x + quarters · π/2), 1 ulp.
CK_INLINE float ck_sine_f32(float x, uint64_t quarters) {
  double shifted = (double)x * 0.63661977236758134 + CK_ROUND_F64, k = shifted - CK_ROUND_F64;
  uint64_t quarter = ck_bits_f64(shifted) + quarters;
  // π/2 in 33 bits and the next 53.
  double r = (x - k * 1.57079632673412561417) - k * 6.07710050650619224932e-11;
  double z = r * r;
  double sine = r + r * (z * CK_P3(z, -0.1666665464344189, 0.00833216348779377, -0.00019515637560103434));
  double cosine = CK_P4(z, 1.0, -0.5, 0.041666646176991506, CK_P2(z, -0.0013887338476929905, 2.4435497073650526e-05));
  double value = quarter & 1 ? cosine : sine;
  return (float)ck_double(ck_bits_f64(value) ^ (quarter & 2) << 62);
}

CK_INLINE float ck_sin_f32(float x) { return x == 0 ? x : ck_sine_f32(x, 0); }
CK_INLINE float ck_cos_f32(float x) { return ck_sine_f32(x, 1); }

#endif
