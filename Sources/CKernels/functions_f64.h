// Functions of one float64, each with the greatest error that the tests allow, in units of the last place (ulp).
#ifndef CKERNELS_FUNCTIONS_F64_H
#define CKERNELS_FUNCTIONS_F64_H

#include "functions.h"

// The first 33 bits of ln 2, so that an exponent times them is exact, and the next 53.
#define CK_LN2_HIGH 6.93147180369123816490e-01
#define CK_LN2_LOW 1.90821492927058770002e-10

// x + low = k · ln 2 + r + tail with |r| ≤ ln 2 / 2.
#define CK_REDUCE_F64(x, low)                                                           \
  double k = ((x) * 1.44269504088896340736 + CK_ROUND_F64) - CK_ROUND_F64;              \
  double near = (x) - k * CK_LN2_HIGH, far = k * CK_LN2_LOW - (low), r = near - far;    \
  double tail = (near - r) - far;

/// (e^r − 1 − r) / r², |r| ≤ ln 2 / 2; e^r is off by 2⁻⁶¹.
CK_INLINE double ck_exp_rest_f64(double r) {
  return CK_P11(r, 0.5, 0.16666666666666677, 0.0416666666666666, 0.008333333333321452, 0.001388888888892834,
                0.00019841269886532395, 2.4801587227585438e-05, 2.7557243827726692e-06, 2.7557361853116146e-07,
                2.5109164172025767e-08, 2.088664599376096e-09);
}

/// exp(x + low), where `low` is a correction of the last places of x.
CK_INLINE double ck_exp_sum_f64(double x, double low) {
  double bounded = x > 710.0 ? 710.0 : x;
  bounded = bounded < -746.0 ? -746.0 : bounded;
  CK_REDUCE_F64(bounded, low)
  double sum = 1 + r, lost = r - (sum - 1);
  double p = sum + (lost + (r * r * ck_exp_rest_f64(r) + tail));
  return ck_scale_f64(p, k);
}

/// exp, 1 ulp: 2^k · e^r, where the sum 1 + r keeps what its rounding loses.
CK_INLINE double ck_exp_f64(double x) { return ck_exp_sum_f64(x, 0); }

/// expm1, 1.5 ulp: 2^k · ((1 − 2^−k) + (e^r − 1)), which loses nothing near zero, where k is zero.
CK_INLINE double ck_expm1_f64(double x) {
  double bounded = x > 710.0 ? 710.0 : x;
  bounded = bounded < -40.0 ? -40.0 : bounded;
  CK_REDUCE_F64(bounded, 0)
  double one = 1 - ck_power_of_two_f64(k > 60 ? -60 : -k);
  double sum = one + r, lost = r - (sum - one);
  double p = sum + (lost + (r * r * ck_exp_rest_f64(r) + tail));
  return x == 0 ? x : ck_scale_f64(p, k);
}

/// log(2^k · (1 + f)) + c for √½ ≤ 1 + f ≤ √2: f − (f²/2 − s (f²/2 + s² R(s²))) with s = f / (2 + f), as in fdlibm; off
/// by 2⁻⁵⁹.
CK_INLINE double ck_log_sum_f64(double k, double f, double c) {
  double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
  double rest = z * CK_P7(z, 0.6666666666666736, 0.39999999999405234, 0.2857142874415645, 0.2222219841327762,
                          0.18183571865915668, 0.153138719015828, 0.14797630346407759);
  double low = s * (half + rest) + (k * CK_LN2_LOW + c);
  return k * CK_LN2_HIGH - ((half - low) - f);
}

// The bits of √½, and those of 1 minus them: u = 2^k · m with √½ ≤ m < √2. The exponent becomes a double by a sum.
#define CK_SPLIT_F64(u)                                                                               \
  uint64_t shifted = ck_bits_f64(u) + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);                      \
  double k = ck_double((shifted >> 52) | 0x4330000000000000) - (4503599627370496.0 + 1023.0);         \
  double m = ck_double((shifted & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd);

/// log, 1 ulp.
CK_INLINE double ck_log_f64(double x) {
  // Numbers below the normal range are brought into it.
  double u = x < 2.2250738585072014e-308 ? x * 18014398509481984.0 : x;
  CK_SPLIT_F64(u)
  double y = ck_log_sum_f64(x < 2.2250738585072014e-308 ? k - 54 : k, m - 1, 0);
  y = x == 0 ? -INFINITY : x < 0 ? NAN : y;
  return x < INFINITY ? y : x;
}

/// log(1 + x) for −1 < x < ∞: what rounding takes from 1 + x comes back as c.
CK_INLINE double ck_log1p_inside_f64(double x) {
  double u = 1 + x;
  CK_SPLIT_F64(u)
  double lost = x > 1 ? 1 - (u - x) : x - (u - 1);
  bool is_near = k == 0;
  return ck_log_sum_f64(k, is_near ? x : m - 1, is_near ? 0 : lost / u);
}

/// log1p, 1 ulp.
CK_INLINE double ck_log1p_f64(double x) {
  double y = ck_log1p_inside_f64(x);
  y = x == -1 ? -INFINITY : x < -1 ? NAN : x == 0 ? x : y;
  return x < INFINITY ? y : x;
}

/// tanh, 1.5 ulp: x + x³ P(x²) up to 0.55, off by 2⁻⁶⁰, and 1 − 2 / (e^2x + 1) above.
CK_INLINE double ck_tanh_f64(double x) {
  double size = fabs(x), z = x * x;
  double bounded = size > 20.0 ? 20.0 : size;
  double rest = CK_P11(z, -0.333333333333333, 0.13333333333326558, -0.05396825396371866, 0.02186948838458437,
                       -0.008863232580109766, 0.0035920918133519448, -0.0014555414495931898, 0.0005884387766262006,
                       -0.00023336716608935676, 8.32960249764263e-05, -1.9482223530561022e-05);
  double near = size + size * (z * rest);
  double far = 1 - 2 / (ck_exp_f64(2 * bounded) + 1);
  return copysign(size < 0.55 ? near : far, x);
}

/// 1 / (1 + e^−x), 2 ulp, as q = e^x / (1 + e^x) for negative x, and as e^x − e^x q where e^x is small: the rounding of
/// the sum then counts less.
CK_INLINE double ck_sigmoid_f64(double x) {
  double e = ck_exp_f64(-fabs(x)), q = (x < 0 ? e : 1) / (1 + e);
  return x < 0 && e < 0.5 ? e - e * q : q;
}

/// log(1 + e^x), 2 ulp.
CK_INLINE double ck_softplus_f64(double x) {
  double y = (x > 0 ? x : 0) + ck_log1p_inside_f64(ck_exp_f64(-fabs(x)));
  return x == x ? y : x;
}

/// erf, 1.5 ulp: x + x P(x²) up to 1, off by 2⁻⁵⁶, and 1 − exp(Q(|x|)) above, off by 2⁻⁵⁹.
CK_INLINE double ck_erf_f64(double x) {
  double size = fabs(x), z = x * x;
  double t = size > 6.0 ? 6.0 : size, tt = t * t;
  double near = size + size * CK_P13(z, 0.1283791670955126, -0.37612638903183876, 0.11283791670958743,
                                     -0.02686617064561954, 0.005223977629095658, -0.0008548327189606624,
                                     0.00012055337777810952, -1.4925738504204218e-05, 1.646308709483387e-06,
                                     -1.637063829093387e-07, 1.4786548418167036e-08, -1.1830590465705277e-09,
                                     6.684830822627492e-11);
  // The even powers and the odd ones, side by side.
  double even = CK_P10(tt, -1.8798620843041078e-07, -0.6366288686742118, 0.01907602014121079, -0.001772444987834569,
                       -4.686070289405174e-05, 4.455465269305402e-05, 4.281330709383953e-06, 1.2412104410216602e-07,
                       1.0100245592693473e-09, 1.030520139021724e-12);
  double odd = CK_P9(tt, -1.1283772466940787, -0.10274617094337006, 0.000283593656346864, 0.0006441526646356696,
                     -6.925637733624485e-05, -1.634683223624018e-05, -8.408282462643708e-07, -1.3437368802394866e-08,
                     -4.715809480336302e-11);
  double far = 1 - ck_exp_f64(t * odd + even);
  return copysign(size < 1.0 ? near : far, x);
}

/// a + b as a rounded sum and what the rounding lost (Knuth).
#define CK_TWO_SUM_F64(sum, lost, a, b) \
  double sum = (a) + (b), sum##_b = sum - (a), lost = ((a) - (sum - sum##_b)) + ((b)-sum##_b);

// x = k · π/2 + r is exact enough up to |x| = CK_ANGLE_F64; beyond that, the rows call the library.
#define CK_ANGLE_F64 1e6

/// sin(x + quarters · π/2), 1 ulp. π/2 in three parts of 33 bits, with which the products of k < 2²⁰ are exact, and a
/// rest.
CK_INLINE double ck_sine_f64(double x, uint64_t quarters) {
  double shifted = x * 0.63661977236758134308 + CK_ROUND_F64, k = shifted - CK_ROUND_F64;
  uint64_t quarter = ck_bits_f64(shifted) + quarters;
  double first = x - k * 1.57079632673412561417;
  double second = k * -6.07710050630396597660e-11, third = k * -2.02226624871116645580e-21;
  CK_TWO_SUM_F64(middle, lost, first, second)
  CK_TWO_SUM_F64(last, lost_too, middle, third)
  double low = k * -8.47842766036889956997e-32 + (lost + lost_too);
  double r = last + low, tail = low - (r - last);
  double z = r * r;
  double s = CK_P5(z, 0.00833333333332196, -0.00019841269829504947, 2.7557313600108056e-06, -2.5050745181025958e-08,
                   1.5896107305328442e-10);
  // The tail adds tail · cos r to the sine and takes tail · r from the cosine (as in fdlibm).
  double cube = z * r;
  double sine = r - ((z * (0.5 * tail - cube * s) - tail) - cube * -0.1666666666666663);
  double c = z * z * CK_P6(z, 0.041666666666666595, -0.0013888888888873448, 2.480158728910549e-05,
                           -2.755731425309387e-07, 2.0875710781751336e-09, -1.1359041957872189e-11);
  double half = 0.5 * z, base = 1 - half;
  double cosine = base + (((1 - base) - half) + (c - r * tail));
  double value = quarter & 1 ? cosine : sine;
  return ck_double(ck_bits_f64(value) ^ (quarter & 2) << 62);
}

CK_INLINE double ck_sin_f64(double x) { return x == 0 ? x : ck_sine_f64(x, 0); }
CK_INLINE double ck_cos_f64(double x) { return ck_sine_f64(x, 1); }

#endif
