// Two operations in one pass over a row, so that what lies between them is neither written nor read again: most of what
// chains have in them: an optimizer's step, a network's norms and ReLUs.
#include "rows.h"

// Each operation is rounded by itself, as where it runs alone: the bits do not depend on what is paired.
#pragma clang fp contract(off)

#define LOOP(T, A, B, C, first, second)   \
  for (long i = 0; i < n; i++) {          \
    const T a = A, b = B, c = C, t = first; \
    out[i] = second;                      \
    (void)c;                              \
  }

// One loop for each way in which operands are rows or single numbers that comes up.
#define PLAIN(name, T, first, second)                                                                                \
  CK_CLONES static void name(long n, const void *a_, long a_step, const void *b_, long b_step, const void *c_,        \
                             long c_step, void *out_) {                                                              \
    const T *as = a_, *bs = b_, *cs = c_;                                                                            \
    T *restrict out = out_;                                                                                          \
    const bool is_simple = (a_step == 1 || a_step == 0) && (b_step == 1 || b_step == 0) && (c_step == 1 || c_step == 0); \
    switch (is_simple ? a_step * 4 + b_step * 2 + c_step : 0) {                                                      \
      case 7: LOOP(T, as[i], bs[i], cs[i], first, second) break;                                                     \
      case 6: {                                                                                                      \
        const T single = cs[0];                                                                                      \
        LOOP(T, as[i], bs[i], single, first, second)                                                                 \
        break;                                                                                                       \
      }                                                                                                              \
      case 5: {                                                                                                      \
        const T single = bs[0];                                                                                      \
        LOOP(T, as[i], single, cs[i], first, second)                                                                 \
        break;                                                                                                       \
      }                                                                                                              \
      case 4: {                                                                                                      \
        const T single = bs[0], other = cs[0];                                                                       \
        LOOP(T, as[i], single, other, first, second)                                                                 \
        break;                                                                                                       \
      }                                                                                                              \
      case 3: {                                                                                                      \
        const T single = as[0];                                                                                      \
        LOOP(T, single, bs[i], cs[i], first, second)                                                                 \
        break;                                                                                                       \
      }                                                                                                              \
      case 2: {                                                                                                      \
        const T single = as[0], other = cs[0];                                                                       \
        LOOP(T, single, bs[i], other, first, second)                                                                 \
        break;                                                                                                       \
      }                                                                                                              \
      default: LOOP(T, as[i * a_step], bs[i * b_step], cs[i * c_step], first, second)                                \
    }                                                                                                                \
  }

// Where some operands are one row again and again, the row stays in registers: `width` vectors of it at a time, so that what is not
// such a row is read in the order in which it lies.
#define OVER_ROWS_BY(width, A, B, C, first, second)              \
  for (long p = 0; p < length; p += width * CK_ROW_UNIT) {       \
    V row_a[width], row_b[width], row_c[width];                  \
    for (int v = 0; v < width; v++) {                            \
      const long at = p + v * CK_ROW_UNIT;                       \
      row_a[v] = *(const V *)(as + at);                          \
      row_b[v] = *(const V *)(bs + at);                          \
      row_c[v] = *(const V *)(cs + at);                          \
    }                                                            \
    (void)row_a, (void)row_b, (void)row_c;                       \
    for (long o = p; o < n; o += length)                         \
      _Pragma("clang loop unroll(full)")                         \
      for (int v = 0; v < width; v++) {                          \
        const long i = o + v * CK_ROW_UNIT;                      \
        const V a = A, b = B, c = C, t = first;                  \
        *(V *)(out + i) = second;                                \
        (void)c;                                                 \
      }                                                          \
  }
#define DENSE(x) (*(const V *)(x + i))
#define PAIR(name, T, first, second, second_of_vectors)                                                                 \
  PLAIN(name##_plain, T, first, second)                                                                                 \
  CK_CLONES static void name##_rows(long n, const T *as, long a_step, const T *bs, long b_step, const T *cs,            \
                                    long c_step, T *restrict out) {                                                     \
    typedef REPEATED_VECTOR(T) V;                                                                                       \
    const bool a_row = ck_is_repeated(a_step), b_row = ck_is_repeated(b_step), c_row = ck_is_repeated(c_step);          \
    const long length = (a_row ? a_step : b_row ? b_step : c_step) - CK_REPEATED;                                       \
    switch (a_row * 4 + b_row * 2 + c_row) {                                                                            \
      case 1: BY_WIDTH(OVER_ROWS_BY, DENSE(as), DENSE(bs), row_c[v], first, second_of_vectors) break;                   \
      case 2: BY_WIDTH(OVER_ROWS_BY, DENSE(as), row_b[v], DENSE(cs), first, second_of_vectors) break;                   \
      case 3: BY_WIDTH(OVER_ROWS_BY, DENSE(as), row_b[v], row_c[v], first, second_of_vectors) break;                    \
      case 4: BY_WIDTH(OVER_ROWS_BY, row_a[v], DENSE(bs), DENSE(cs), first, second_of_vectors) break;                   \
      case 5: BY_WIDTH(OVER_ROWS_BY, row_a[v], DENSE(bs), row_c[v], first, second_of_vectors) break;                    \
      case 6: BY_WIDTH(OVER_ROWS_BY, row_a[v], row_b[v], DENSE(cs), first, second_of_vectors) break;                    \
    }                                                                                                                   \
  }                                                                                                                     \
  static void name(long n, const void *a, long a_step, const void *b, long b_step, const void *c, long c_step, void *out) { \
    const bool over_rows = ck_is_repeated(a_step) || ck_is_repeated(b_step) || ck_is_repeated(c_step);                  \
    if (over_rows)                                                                                                      \
      name##_rows(n, a, a_step, b, b_step, c, c_step, out);                                                             \
    else                                                                                                                \
      name##_plain(n, a, a_step, b, b_step, c, c_step, out);                                                            \
  }

// What is not above 0, but NaN.
#define RELU (t <= 0 ? 0 : t)
#define RELU_OF_VECTORS ((V)((__typeof__(t <= t))t & ~(t <= (V){0})))

#define SECONDS(name, T, first)                       \
  PAIR(name##_add, T, first, t + c, t + c)            \
  PAIR(name##_subtract, T, first, t - c, t - c)       \
  PAIR(name##_multiply, T, first, t * c, t * c)       \
  PAIR(name##_subtract_from, T, first, c - t, c - t)  \
  PAIR(name##_relu, T, first, RELU, RELU_OF_VECTORS) \
  PAIR(name##_square, T, first, t * t, t * t)
#define PAIRS(type, T)                                \
  SECONDS(add_##type, T, a + b)                       \
  SECONDS(subtract_##type, T, a - b)                  \
  SECONDS(multiply_##type, T, a * b)                  \
  PLAIN(less_##type##_multiply, T, a < b ? 1 : 0, t * c) \
  static const pair_row pairs_##type[] = {ROWS(add_##type), ROWS(subtract_##type), ROWS(multiply_##type), \
                                          [CKPairLess * CKPairSeconds + CKBinaryMultiply] = less_##type##_multiply};
// In the order of CKBinary, and what only a second operation can be.
#define ROWS(name) name##_add, name##_subtract, name##_multiply, name##_subtract_from, name##_relu, name##_square
PAIRS(f32, float)
PAIRS(f64, double)

pair_row ck_pair_row(uint32_t function, CKType type) {
  return type == CKTypeFloat32 ? pairs_f32[function] : type == CKTypeFloat64 ? pairs_f64[function] : NULL;
}
