// Two operations in one pass over a row, so that what lies between them is neither written nor read again: most of what
// chains have in them, an optimizer's step above all.
#include "rows.h"

// Each operation is rounded by itself, as where it runs alone: the bits do not depend on what is paired.
#pragma clang fp contract(off)

#define LOOP(T, A, B, C, first, second)                  \
  for (long i = 0; i < n; i++) {                         \
    const T a = A, b = B, c = C, t = first;              \
    out[i] = second;                                     \
  }

// One loop for each way in which operands are rows or single numbers that comes up.
#define PAIR(name, T, first, second)                                                                          \
  CK_CLONES static void name(long n, const void *a_, long a_step, const void *b_, long b_step, const void *c_, \
                             long c_step, void *out_) {                                                       \
    const T *as = a_, *bs = b_, *cs = c_;                                                                     \
    T *restrict out = out_;                                                                                   \
    const long steps = (a_step == 1 || a_step == 0) && (b_step == 1 || b_step == 0) && (c_step == 1 || c_step == 0) \
                           ? a_step * 4 + b_step * 2 + c_step                                                 \
                           : 0;                                                                               \
    if (steps == 7) {                                                                                         \
      LOOP(T, as[i], bs[i], cs[i], first, second)                                                             \
    } else if (steps == 6) {                                                                                  \
      const T single = cs[0];                                                                                 \
      LOOP(T, as[i], bs[i], single, first, second)                                                            \
    } else if (steps == 5) {                                                                                  \
      const T single = bs[0];                                                                                 \
      LOOP(T, as[i], single, cs[i], first, second)                                                            \
    } else if (steps == 4) {                                                                                  \
      const T single = bs[0], other = cs[0];                                                                  \
      LOOP(T, as[i], single, other, first, second)                                                            \
    } else if (steps == 3) {                                                                                  \
      const T single = as[0];                                                                                 \
      LOOP(T, single, bs[i], cs[i], first, second)                                                            \
    } else if (steps == 2) {                                                                                  \
      const T single = as[0], other = cs[0];                                                                  \
      LOOP(T, single, bs[i], other, first, second)                                                            \
    } else {                                                                                                  \
      LOOP(T, as[i * a_step], bs[i * b_step], cs[i * c_step], first, second)                                  \
    }                                                                                                         \
  }

#define SECONDS(name, T, first)                   \
  PAIR(name##_add, T, first, t + c)               \
  PAIR(name##_subtract, T, first, t - c)          \
  PAIR(name##_multiply, T, first, t * c)          \
  PAIR(name##_subtract_from, T, first, c - t)
#define PAIRS(type, T)                            \
  SECONDS(add_##type, T, a + b)                   \
  SECONDS(subtract_##type, T, a - b)              \
  SECONDS(multiply_##type, T, a * b)              \
  static const pair_row pairs_##type[] = {ROWS(add_##type), ROWS(subtract_##type), ROWS(multiply_##type)};
// In the order of CKBinary, and what only a second operation can be.
#define ROWS(name) name##_add, name##_subtract, name##_multiply, name##_subtract_from
PAIRS(f32, float)
PAIRS(f64, double)

pair_row ck_pair_row(uint32_t function, CKType type) {
  return type == CKTypeFloat32 ? pairs_f32[function] : type == CKTypeFloat64 ? pairs_f64[function] : NULL;
}
