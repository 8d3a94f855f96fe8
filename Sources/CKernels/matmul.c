// Matrix products: one algorithm (matmul_tile.h) compiled for AVX-512, AVX2 and, portably, for vectors of 128 bits.
#include <string.h>

#include "loops.h"

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
