// Matrix products: one algorithm (matmul_tile.h) compiled for AVX-512, AVX2 and, portably, for vectors of 128 bits.
#include <string.h>

#include "loops.h"
#include "matmul_library.h"

#if defined(__x86_64__)
#define T float
#define LANES 16
#define ROWS 12
#define NAME(x) x##_f32_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#include "matmul_tile.h"
#define T double
#define LANES 8
#define ROWS 12
#define NAME(x) x##_f64_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#include "matmul_tile.h"
#define T float
#define LANES 8
#define ROWS 6
#define NAME(x) x##_f32_avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "matmul_tile.h"
#define T double
#define LANES 4
#define ROWS 6
#define NAME(x) x##_f64_avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "matmul_tile.h"
#endif

#define T float
#define LANES 4
#define ROWS 8
#define NAME(x) x##_f32_portable
#define TARGET
#include "matmul_tile.h"
#define T double
#define LANES 2
#define ROWS 8
#define NAME(x) x##_f64_portable
#define TARGET
#include "matmul_tile.h"

// A matrix times a column: a tile would be empty but for its first column. `y` is dense.
#define DOTS(name, T)                                                                                          \
  CK_CLONES static void name(long m, long k, const T *x, long x_row, const T *y, T *out) {                     \
    for (long i = 0; i < m; i++) {                                                                             \
      const T *row = x + i * x_row;                                                                            \
      T lane[16] = {0}, sum = 0;                                                                               \
      long p = 0;                                                                                              \
      for (; p + 16 <= k; p += 16)                                                                             \
        for (int l = 0; l < 16; l++) lane[l] += row[p + l] * y[p + l];                                         \
      for (int width = 8; width > 0; width /= 2)                                                               \
        for (int l = 0; l < width; l++) lane[l] += lane[l + width];                                            \
      for (; p < k; p++) sum += row[p] * y[p];                                                                 \
      out[i] = lane[0] + sum;                                                                                  \
    }                                                                                                          \
  }
#define COMBINATION(name, T)                                                                                   \
  CK_CLONES static void name(long m, long k, const T *x, long x_column, const T *y, T *restrict out) {         \
    for (long i = 0; i < m; i++) out[i] = x[i] * y[0];                                                         \
    for (long p = 1; p < k; p++) {                                                                             \
      T factor = y[p];                                                                                         \
      const T *column = x + p * x_column;                                                                      \
      for (long i = 0; i < m; i++) out[i] += column[i] * factor;                                               \
    }                                                                                                          \
  }
DOTS(dots_f32, float)
DOTS(dots_f64, double)
COMBINATION(combination_f32, float)
COMBINATION(combination_f64, double)

/// out (m) = x (m × k) · y (k), where x is dense along one axis and y is; says whether it was.
static bool matvec(CKType type, long m, long k, const void *x, long x_row, long x_column, const void *y, long y_step,
                   void *out) {
  if (y_step != 1 && k > 1) return false;
  if (x_column == 1 || k == 1) {
    if (type == CKTypeFloat32) dots_f32(m, k, x, x_row, y, out);
    else dots_f64(m, k, x, x_row, y, out);
    return true;
  }
  if (x_row == 1) {
    if (type == CKTypeFloat32) combination_f32(m, k, x, x_column, y, out);
    else combination_f64(m, k, x, x_column, y, out);
    return true;
  }
  return false;
}

bool ck_has(CKInstructionSet set) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) return set == CKInstructionSetPortable;
  if (set == CKInstructionSetAVX2) return __builtin_cpu_supports("avx2");
  if (set == CKInstructionSetAVX512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
  return set == CKInstructionSetPortable;
}

void ck_matmul(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y, long y_row,
               long y_column, void *out) {
  CKInstructionSet set = ck_has(CKInstructionSetAVX512) ? CKInstructionSetAVX512
                         : ck_has(CKInstructionSetAVX2) ? CKInstructionSetAVX2
                                                        : CKInstructionSetPortable;
  if (k > 0 && n == 1 && matvec(type, m, k, x, x_row, x_column, y, y_row, out)) return;
  // A row times a matrix is the transposed matrix times a column.
  if (k > 0 && m == 1 && y_row == 1 && matvec(type, n, k, y, y_column, y_row, x, x_column, out)) return;
  if (ck_is_for_library(m, n, k, x_column, y_column) &&
      ck_matmul_library(type, m, n, k, x, x_row, x_column, y, y_row, y_column, out))
    return;
  ck_matmul_with(set, type, m, n, k, x, x_row, x_column, y, y_row, y_column, out);
}

void ck_matmul_with(CKInstructionSet set, CKType type, long m, long n, long k, const void *x, long x_row, long x_column,
                    const void *y, long y_row, long y_column, void *out) {
  if (k == 0) {
    memset(out, 0, (size_t)(m * n) * ck_size(type));
    return;
  }
#define RUN(set)                                                            \
  if (type == CKTypeFloat32)                                                \
    matmul_f32_##set(m, n, k, x, x_row, x_column, y, y_row, y_column, out); \
  else                                                                      \
    matmul_f64_##set(m, n, k, x, x_row, x_column, y, y_row, y_column, out); \
  break;
  switch (set) {
#if defined(__x86_64__)
    case CKInstructionSetAVX512: RUN(avx512)
    case CKInstructionSetAVX2: RUN(avx2)
#endif
    default: RUN(portable)
  }
}
