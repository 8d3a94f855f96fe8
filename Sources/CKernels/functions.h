// Functions of single numbers, written so that the compiler can run many at once.
#ifndef CKERNELS_FUNCTIONS_H
#define CKERNELS_FUNCTIONS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float ck_power_of_two(int32_t exponent) {
  uint32_t bits = (uint32_t)(exponent + 127) << 23;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// exp to 1 ulp or so: 2^k · p(r) with k = round(x / ln 2), and a polynomial for |r| ≤ ln 2 / 2 (Cephes' coefficients).
static inline float ck_exp(float x) {
  float bounded = x > 89.0f ? 89.0f : x;
  bounded = bounded < -104.0f ? -104.0f : bounded;
  // Adding 1.5·2²³ rounds to the nearest whole number without a call.
  float k = (bounded * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
  float r = fmaf(k, -0.693359375f, bounded);
  r = fmaf(k, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = fmaf(p, r, 1.3981999507e-3f);
  p = fmaf(p, r, 8.3334519073e-3f);
  p = fmaf(p, r, 4.1665795894e-2f);
  p = fmaf(p, r, 1.6666665459e-1f);
  p = fmaf(p, r, 5.0000001201e-1f);
  p = fmaf(p * r, r, r) + 1.0f;
  // In two halves, so that results below the normal range, and infinity, come out by themselves.
  int32_t whole = (int32_t)(k == k ? k : 0.0f), half = whole >> 1;
  return p * ck_power_of_two(half) * ck_power_of_two(whole - half);
}

#endif
