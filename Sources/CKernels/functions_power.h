// Powers x^y = e^(y log x) of floats and doubles. The rows call the library where `ck_power_is_rare` says so: for
// zero, infinite and undefined numbers, whose many rules are the library's.
#ifndef CKERNELS_FUNCTIONS_POWER_H
#define CKERNELS_FUNCTIONS_POWER_H

#include "functions_f64.h"

CK_INLINE bool ck_power_is_rare(double x, double y) { return !(fabs(x) < INFINITY && fabs(y) < INFINITY && x != 0); }

/// The sign of x^y, and NaN where a negative x has a y that is not whole: `p` is |x|^y.
CK_INLINE double ck_power_signed(double p, double x, double y) {
  // Adding 2⁵² rounds a number below it to a whole one, and leaves its last bit at the end; so it does for those above.
  double size = fabs(y), shifted = size < 4503599627370496.0 ? size + 4503599627370496.0 : size;
  double whole = size < 4503599627370496.0 ? shifted - 4503599627370496.0 : size;
  uint64_t odd = size < 9007199254740992.0 ? ck_bits_f64(shifted) << 63 : 0;
  double negative = whole == size ? ck_double(ck_bits_f64(p) ^ odd) : NAN;
  return x < 0 ? negative : p;
}

/// Powers of floats in doubles, 1 ulp: the logarithm is off by 2⁻³⁷ of itself or so, the power by 2⁻³⁰.
CK_INLINE float ck_power_f32(float x_, float y_) {
  double x = x_, y = y_;
  CK_SPLIT_F64(fabs(x))
  double f = m - 1, s = f / (2 + f), z = s * s;
  double logarithm = s * (z * CK_P4(z, 0.6666666562170047, 0.4000033931237929, 0.2853709084553184, 0.235857506495244)) +
                     2 * s;
  double t = y * (k * 0.693147180559945309 + logarithm);
  t = t > 100.0 ? 100.0 : t;
  t = t < -110.0 ? -110.0 : t;
  double whole = (t * 1.44269504088896340736 + CK_ROUND_F64) - CK_ROUND_F64;
  double r = t - whole * 0.693147180559945309;
  double p = r * r * CK_P6(r, 0.5000000046735679, 0.16666666417986073, 0.041666353948818076, 0.008333378694554899,
                           0.0013941053136297932, 0.0001985160474135952) + r + 1;
  return (float)ck_power_signed(p * ck_power_of_two_f64(whole), x, y);
}

/// a · b as a rounded product and what the rounding lost.
#define CK_TWO_PRODUCT_F64(product, lost, a, b) \
  double product = (a) * (b), lost = __builtin_fma(a, b, -product);

/// Powers of doubles, 1 ulp. The logarithm needs some 65 bits, as it is multiplied by up to 745: it is a sum of two
/// doubles, 2 s + ⅔ s³ + s⁵ T(s²) with s = (m − 1) / (m + 1), whose first two terms are computed to twice the
/// precision.
CK_INLINE double ck_power_f64(double x, double y) {
  double size = fabs(x);
  bool is_small = size < 2.2250738585072014e-308;
  double u = is_small ? size * 18014398509481984.0 : size;
  CK_SPLIT_F64(u)
  k = is_small ? k - 54 : k;
  // s as a sum, from the remainder of the division.
  double f = m - 1, g = m + 1, g_low = m - (g - 1);
  double s = f / g;
  double s_low = (__builtin_fma(-s, g, f) - s * g_low) / g;
  CK_TWO_PRODUCT_F64(z, z_lost, s, s)
  double z_low = z_lost + 2 * s * s_low;
  const double third = 0.66666666666666662966, third_low = 3.70074341541718826e-17;
  CK_TWO_PRODUCT_F64(a, a_lost, z, third)
  double a_low = a_lost + (z_low * third + z * third_low);
  CK_TWO_PRODUCT_F64(b, b_lost, a, s)
  double b_low = b_lost + (a_low * s + a * s_low);
  double rest = z * z * s * CK_P8(z, 0.39999999999999974, 0.2857142857144668, 0.22222222217217844, 0.18181818903945998,
                                  0.1538455485658958, 0.13336386533991282, 0.11673551704940038, 0.11998635612830753);
  double high = 2 * s + b;
  double low = ((2 * s - high) + b) + (2 * s_low + (b_low + rest));
  double whole = k * CK_LN2_HIGH, rough = whole + high;
  double remaining = (high - (rough - whole)) + (low + k * CK_LN2_LOW);
  double sum = rough + remaining, sum_low = remaining - (sum - rough);
  CK_TWO_PRODUCT_F64(t, t_lost, y, sum)
  // Where the power is infinite or zero anyway, what is lost may be infinite.
  double t_low = fabs(t) < 800.0 ? t_lost + y * sum_low : 0;
  return ck_power_signed(ck_exp_sum_f64(t, t_low), x, y);
}

#endif
