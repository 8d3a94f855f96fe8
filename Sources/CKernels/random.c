#include <math.h>

#include "CKernels.h"

static inline void philox(uint64_t key, uint64_t low, uint64_t high, uint32_t c[4]) {
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  uint32_t c0 = (uint32_t)low, c1 = (uint32_t)(low >> 32), c2 = (uint32_t)high, c3 = (uint32_t)(high >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  c[0] = c0, c[1] = c1, c[2] = c2, c[3] = c3;
}

void ck_philox(uint64_t key, uint64_t counter_low, uint64_t counter_high, uint32_t out[4]) {
  philox(key, counter_low, counter_high, out);
}

// 24 and 53 random bits, so that every value is exact and 1 is never reached.
static inline float single_uniform(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }
static inline double double_uniform(uint32_t high, uint32_t low) {
  return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

void ck_random_uniform(CKType type, uint64_t key, long count, void *out) {
  uint32_t word[4];
  long per_block = type == CKTypeFloat32 ? 4 : 2;
  for (long i = 0; i < count; i += per_block) {
    philox(key, (uint64_t)(i / per_block), 0, word);
    for (long j = 0; j < per_block && i + j < count; j++) {
      if (type == CKTypeFloat32)
        ((float *)out)[i + j] = single_uniform(word[j]);
      else
        ((double *)out)[i + j] = double_uniform(word[2 * j], word[2 * j + 1]);
    }
  }
}

// Box–Muller on two uniform numbers; the first is taken from (0, 1] so that its logarithm is finite.
void ck_random_normal(CKType type, uint64_t key, long count, void *out) {
  uint32_t word[4];
  for (long i = 0; i < count; i += 2) {
    philox(key, (uint64_t)(i / 2), 0, word);
    double radius = sqrt(-2.0 * log(1.0 - double_uniform(word[0], word[1])));
    double angle = 6.283185307179586 * double_uniform(word[2], word[3]);
    double pair[2] = {radius * cos(angle), radius * sin(angle)};
    for (long j = 0; j < 2 && i + j < count; j++) {
      if (type == CKTypeFloat32)
        ((float *)out)[i + j] = (float)pair[j];
      else
        ((double *)out)[i + j] = pair[j];
    }
  }
}

// Fisher–Yates; the 64-bit product by 64 random bits makes the bias of a draw smaller than count / 2⁶⁴.
void ck_random_permutation(uint64_t key, long count, int32_t *out) {
  uint32_t word[4];
  for (long i = 0; i < count; i++) out[i] = (int32_t)i;
  for (long i = 0; i + 1 < count; i++) {
    philox(key, (uint64_t)i, 0, word);
    uint64_t bits = (uint64_t)word[0] << 32 | word[1];
    long other = i + (long)(((__uint128_t)bits * (uint64_t)(count - i)) >> 64);
    int32_t swapped = out[i];
    out[i] = out[other];
    out[other] = swapped;
  }
}
