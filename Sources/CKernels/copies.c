// Selections, copies between strided arrays, and casts.
#include <string.h>

#include "loops.h"
#include "rows.h"

// The steps that derivatives meet most, dense or the same number everywhere, have loops that the compiler can vectorize.
#define SELECT(name, T)                                                                                            \
  CK_CLONES static void name(long n, const bool *mask, long m, const T *x, long xs, const T *y, long ys, T *out) { \
    if (m == 1 && xs == 1 && ys == 1) {                                                                            \
      for (long i = 0; i < n; i++) out[i] = mask[i] ? x[i] : y[i];                                                 \
    } else if (m == 1 && xs == 0 && ys == 1) {                                                                     \
      T a = x[0];                                                                                                  \
      for (long i = 0; i < n; i++) { T b = y[i]; out[i] = mask[i] ? a : b; }                                       \
    } else if (m == 1 && xs == 1 && ys == 0) {                                                                     \
      T b = y[0];                                                                                                  \
      for (long i = 0; i < n; i++) { T a = x[i]; out[i] = mask[i] ? a : b; }                                       \
    } else if (m == 1 && xs == 0 && ys == 0) {                                                                     \
      T a = x[0], b = y[0];                                                                                        \
      for (long i = 0; i < n; i++) out[i] = mask[i] ? a : b;                                                       \
    } else {                                                                                                       \
      for (long i = 0; i < n; i++) out[i] = mask[i * m] ? x[i * xs] : y[i * ys];                                   \
    }                                                                                                              \
  }
SELECT(select_1, uint8_t)
SELECT(select_4, uint32_t)
SELECT(select_8, uint64_t)

void ck_select_row(CKType type, long n, const bool *mask, long mask_step, const void *x, long x_step, const void *y,
                   long y_step, void *out) {
  switch (ck_size(type)) {
    case 1: select_1(n, mask, mask_step, x, x_step, y, y_step, out); break;
    case 4: select_4(n, mask, mask_step, x, x_step, y, y_step, out); break;
    default: select_8(n, mask, mask_step, x, x_step, y, y_step, out); break;
  }
}

void ck_select(CKType type, int rank, const long *shape, const bool *mask, const long *mask_strides, const void *x,
               const long *x_strides, const void *y, const long *y_strides, void *out) {
  const long *strides[] = {mask_strides, x_strides, y_strides, NULL};
  ck_loop loop = ck_loop_make(rank, shape, 4, strides);
  long index[CK_MAX_RANK] = {0}, offset[4] = {0}, size = (long)ck_size(type);
  for (long r = 0; r < loop.rows; r++) {
    ck_select_row(type, loop.length, mask + offset[0], loop.step[0], (const char *)x + offset[1] * size, loop.step[1],
                  (const char *)y + offset[2] * size, loop.step[2], (char *)out + r * loop.length * size);
    ck_loop_next(&loop, 4, index, offset);
  }
}

#define COPY(name, T)                                                       \
  static void name(long n, const T *x, long xs, T *out, long os) {          \
    if (xs == 1 && os == 1) {                                               \
      memcpy(out, x, (size_t)n * sizeof(T));                                \
    } else if (os == 1 && xs == 0) {                                        \
      for (long i = 0; i < n; i++) out[i] = *x;                             \
    } else {                                                                \
      for (long i = 0; i < n; i++) out[i * os] = x[i * xs];                 \
    }                                                                       \
  }
COPY(copy_1, uint8_t)
COPY(copy_4, uint32_t)
COPY(copy_8, uint64_t)

void ck_copy(CKType type, int rank, const long *shape, const void *x, const long *x_strides, void *out,
             const long *out_strides) {
  const long *strides[] = {x_strides, out_strides};
  ck_loop loop = ck_loop_make(rank, shape, 2, strides);
  long index[CK_MAX_RANK] = {0}, offset[2] = {0};
  for (long r = 0; r < loop.rows; r++) {
#define COPY_ROW(name, T) name(loop.length, (const T *)x + offset[0], loop.step[0], (T *)out + offset[1], loop.step[1])
    switch (ck_size(type)) {
      case 1: COPY_ROW(copy_1, uint8_t); break;
      case 4: COPY_ROW(copy_4, uint32_t); break;
      default: COPY_ROW(copy_8, uint64_t); break;
    }
    ck_loop_next(&loop, 2, index, offset);
  }
}

// A float out of int32's range, or a NaN, becomes the nearest bound, or zero: never undefined.
static inline int32_t whole(double x) {
  return x != x ? 0 : x >= 2147483647.0 ? INT32_MAX : x <= -2147483648.0 ? INT32_MIN : (int32_t)x;
}

CK_CLONES static void cast(CKType from, CKType to, long count, const void *x, void *restrict out) {
#define CAST(S, T, expression)                                               \
  {                                                                          \
    const S *xs = x;                                                         \
    T *o = out;                                                              \
    for (long i = 0; i < count; i++) { S v = xs[i]; o[i] = (T)(expression); } \
  }
#define FROM(S)                                    \
  switch (to) {                                    \
    case CKTypeFloat32: CAST(S, float, v) break;   \
    case CKTypeFloat64: CAST(S, double, v) break;  \
    case CKTypeInt32: CAST(S, int32_t, whole(v)) break; \
    case CKTypeBool: CAST(S, bool, v != 0) break;  \
  }                                                \
  break;
  switch (from) {
    case CKTypeFloat32: FROM(float)
    case CKTypeFloat64: FROM(double)
    case CKTypeInt32: FROM(int32_t)
    case CKTypeBool: FROM(bool)
  }
}

void ck_cast(CKType from, CKType to, long count, const void *x, void *out) { cast(from, to, count, x, out); }
