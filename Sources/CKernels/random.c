#include "CKernelsRandom.h"

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

void ck_philox_fill(uint64_t key, uint32_t *out, size_t count) {
  size_t blocks = count / 4;
  for (size_t i = 0; i < blocks; i++) philox(key, i, 0, out + 4 * i);
  if (count % 4) {
    uint32_t last[4];
    philox(key, blocks, 0, last);
    for (size_t i = 0; i < count % 4; i++) out[4 * blocks + i] = last[i];
  }
}
