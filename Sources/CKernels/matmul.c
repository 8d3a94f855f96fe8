// Matrix products: one algorithm (matmul_tile.h) compiled for AVX-512, AVX2 and, portably, for vectors of 128 bits.
#include <string.h>

#include "loops.h"
#include "matmul_library.h"
#include "transposes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__x86_64__)
#define T float
#define LANES 16
#define TALL(vectors) (vectors == 3 ? 8 : 12)
#define NAME(x) x##_f32_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define LOAD(p, n) ((vector_f32_avx512)_mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p))
#define STORE(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), (__m512)(v))
#define HAS_HALF_TILES 1
#define LOAD_HALF(p, n) ((half_f32_avx512)_mm256_maskz_loadu_ps((__mmask8)((1u << (n)) - 1), p))
#define STORE_HALF(p, v, n) _mm256_mask_storeu_ps(p, (__mmask8)((1u << (n)) - 1), (__m256)(v))
#define TRANSPOSED_PANEL transposed_panel_f32
#include "matmul_tile.h"
#define T double
#define LANES 8
#define TALL(vectors) (vectors == 3 ? 8 : 12)
#define NAME(x) x##_f64_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define LOAD(p, n) ((vector_f64_avx512)_mm512_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), p))
#define STORE(p, v, n) _mm512_mask_storeu_pd(p, (__mmask8)((1u << (n)) - 1), (__m512d)(v))
#define HAS_HALF_TILES 1
#define LOAD_HALF(p, n) ((half_f64_avx512)_mm256_maskz_loadu_pd((__mmask8)((1u << (n)) - 1), p))
#define STORE_HALF(p, v, n) _mm256_mask_storeu_pd(p, (__mmask8)((1u << (n)) - 1), (__m256d)(v))
#define TRANSPOSED_PANEL transposed_panel_f64
#include "matmul_tile.h"

static const int32_t first_lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#define T float
#define LANES 8
#define TALL(vectors) (vectors == 3 ? 3 : 6)
#define NAME(x) x##_f32_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define MASK(n) _mm256_loadu_si256((const __m256i *)(first_lanes + 8 - (n)))
#define LOAD(p, n) ((vector_f32_avx2)_mm256_maskload_ps(p, MASK(n)))
#define STORE(p, v, n) _mm256_maskstore_ps(p, MASK(n), (__m256)(v))
#define TRANSPOSED_PANEL transposed_panel_f32
#include "matmul_tile.h"
#undef MASK
#define T double
#define LANES 4
#define TALL(vectors) (vectors == 3 ? 3 : 6)
#define NAME(x) x##_f64_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define MASK(n) _mm256_loadu_si256((const __m256i *)(first_lanes + 8 - 2 * (n)))
#define LOAD(p, n) ((vector_f64_avx2)_mm256_maskload_pd(p, MASK(n)))
#define STORE(p, v, n) _mm256_maskstore_pd(p, MASK(n), (__m256d)(v))
#define TRANSPOSED_PANEL transposed_panel_f64
#include "matmul_tile.h"
#undef MASK
#endif

// Vectors of 128 bits, which every processor has; a part of one goes by way of a whole.
#define PARTIAL(name, T, LANES)                                                                         \
  typedef T name##_part __attribute__((vector_size(16), aligned(sizeof(T))));                           \
  static inline name##_part load_part_##name(const T *p, long n) {                                      \
    T whole[LANES] = {0};                                                                               \
    for (long i = 0; i < n; i++) whole[i] = p[i];                                                       \
    return *(const name##_part *)whole;                                                                 \
  }                                                                                                     \
  static inline void store_part_##name(T *p, name##_part v, long n) {                                   \
    T whole[LANES];                                                                                     \
    *(name##_part *)whole = v;                                                                          \
    for (long i = 0; i < n; i++) p[i] = whole[i];                                                       \
  }
PARTIAL(f32, float, 4)
PARTIAL(f64, double, 2)

// As many sums as there are registers for, which are twice as many on ARM.
#if defined(__aarch64__)
#define TALL_OF_128(vectors) (vectors == 3 ? 8 : 12)
#else
#define TALL_OF_128(vectors) (vectors == 3 ? 3 : 6)
#endif
#define T float
#define LANES 4
#define TALL(vectors) TALL_OF_128(vectors)
#define NAME(x) x##_f32_portable
#define TARGET
#define LOAD(p, n) load_part_f32(p, n)
#define STORE(p, v, n) store_part_f32(p, v, n)
#define TRANSPOSED_PANEL transposed_panel_f32
#include "matmul_tile.h"
#define T double
#define LANES 2
#define TALL(vectors) TALL_OF_128(vectors)
#define NAME(x) x##_f64_portable
#define TARGET
#define LOAD(p, n) load_part_f64(p, n)
#define STORE(p, v, n) store_part_f64(p, v, n)
#define TRANSPOSED_PANEL transposed_panel_f64
#include "matmul_tile.h"

// A matrix times a column: a tile would be empty but for its first column. `y` is dense. First where the rows of x are
// dense, then where its columns are.
#define HALVES_16(v) (SHUFFLE(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + SHUFFLE(v, v, 8, 9, 10, 11, 12, 13, 14, 15))
#define HALVES_8(v) (SHUFFLE(v, v, 0, 1, 2, 3) + SHUFFLE(v, v, 4, 5, 6, 7))
#define HALVES_4(v) (SHUFFLE(v, v, 0, 1) + SHUFFLE(v, v, 2, 3))
#define DOTS(name, T)                                                                                            \
  typedef T name##_8 __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T))));                            \
  typedef T name##_16 __attribute__((vector_size(16 * sizeof(T)), aligned(sizeof(T))));                          \
  CK_CLONES static void name(long m, long k, const T *x, long x_row, const T *y, double scale, const T *base,    \
                             long base_step, T *out) {                                                           \
    for (long i = 0; i < m; i++, x += x_row) {                                                                   \
      name##_16 wide = {0};                                                                                      \
      T rest = 0;                                                                                                \
      long p = 0;                                                                                                \
      for (; p + 16 <= k; p += 16) wide += *(const name##_16 *)(x + p) * *(const name##_16 *)(y + p);            \
      name##_8 narrow = HALVES_16(wide);                                                                         \
      for (; p + 8 <= k; p += 8) narrow += *(const name##_8 *)(x + p) * *(const name##_8 *)(y + p);              \
      for (; p < k; p++) rest += x[p] * y[p];                                                                    \
      __auto_type four = HALVES_8(narrow);                                                                       \
      __auto_type two = HALVES_4(four);                                                                          \
      T value = (two[0] + two[1] + rest) * (T)scale;                                                             \
      if (base) value = base[i * base_step] + value;                                                             \
      out[i] = value;                                                                                            \
    }                                                                                                            \
  }
#define COMBINATION(name, T)                                                                                     \
  static inline __attribute__((always_inline)) void name##_columns(                                              \
      int width, long k, const T *x, long x_column, const T *y, T scale, const T *base, long base_step, T *out) { \
    T sum[64];                                                                                                   \
    for (int l = 0; l < width; l++) sum[l] = x[l] * y[0];                                                        \
    for (long p = 1; p < k; p++)                                                                                 \
      for (int l = 0; l < width; l++) sum[l] += x[p * x_column + l] * y[p];                                      \
    for (int l = 0; l < width; l++) {                                                                            \
      T value = sum[l] * scale;                                                                                  \
      if (base) value = base[l * base_step] + value;                                                             \
      out[l] = value;                                                                                            \
    }                                                                                                            \
  }                                                                                                              \
  CK_CLONES static void name(long m, long k, const T *x, long x_column, const T *y, double scale, const T *base, \
                             long base_step, T *out) {                                                           \
    long i = 0;                                                                                                  \
    for (; i + 64 <= m; i += 64) BLOCK(name, 64);                                                                \
    if (i + 32 <= m) { BLOCK(name, 32); i += 32; }                                                               \
    if (i + 16 <= m) { BLOCK(name, 16); i += 16; }                                                               \
    if (i + 8 <= m) { BLOCK(name, 8); i += 8; }                                                                  \
    if (i + 4 <= m) { BLOCK(name, 4); i += 4; }                                                                  \
    for (; i < m; i++) BLOCK(name, 1);                                                                           \
  }
#define BLOCK(name, width) \
  name##_columns(width, k, x + i, x_column, y, scale, base ? base + i * base_step : base, base_step, out + i)
DOTS(dots_f32, float)
DOTS(dots_f64, double)
COMBINATION(combination_f32, float)
COMBINATION(combination_f64, double)
#undef BLOCK

/// out (m) = base + scale · x (m × k) · y (k), where x is dense along one axis and y is; says whether it was.
static bool matvec(CKType type, long m, long k, const void *x, long x_row, long x_column, const void *y, long y_step,
                   double scale, const void *base, long base_step, void *out) {
  if (k == 0 || (y_step != 1 && k > 1)) return false;
  bool is_single = type == CKTypeFloat32;
  if (x_row == 1 && m > 1) {
    if (is_single) combination_f32(m, k, x, x_column, y, scale, base, base_step, out);
    else combination_f64(m, k, x, x_column, y, scale, base, base_step, out);
    return true;
  }
  if (x_column == 1 || k == 1) {
    if (is_single) dots_f32(m, k, x, x_row, y, scale, base, base_step, out);
    else dots_f64(m, k, x, x_row, y, scale, base, base_step, out);
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

CKInstructionSet ck_best_set(void) {
  return ck_has(CKInstructionSetAVX512) ? CKInstructionSetAVX512
         : ck_has(CKInstructionSetAVX2) ? CKInstructionSetAVX2
                                        : CKInstructionSetPortable;
}

void ck_matmul(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y, long y_row,
               long y_column, void *out) {
  ck_matmul_add(type, m, n, k, x, x_row, x_column, y, y_row, y_column, 1, NULL, 0, out);
}

void ck_matmul_add(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                   long y_row, long y_column, double scale, const void *base, long base_row, void *out) {
  if (n == 1 && matvec(type, m, k, x, x_row, x_column, y, y_row, scale, base, base_row, out)) return;
  // A row times a matrix is the transposed matrix times a column.
  if (m == 1 && y_row == 1 && matvec(type, n, k, y, y_column, y_row, x, x_column, scale, base, 1, out)) return;
  if (!base && scale == 1 && ck_is_for_library(m, n, k) &&
      ck_matmul_library(type, m, n, k, x, x_row, x_column, y, y_row, y_column, out))
    return;
  ck_matmul_part(type, m, n, k, x, x_row, x_column, y, y_row, y_column, scale, base, base_row, out, n);
}

void ck_matmul_part(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                    long y_row, long y_column, double scale, const void *base, long base_row, void *out, long out_row) {
  ck_matmul_with(ck_best_set(), type, m, n, k, x, x_row, x_column, y, y_row, y_column, scale, base, base_row, out, out_row);
}

void ck_matmul_with(CKInstructionSet set, CKType type, long m, long n, long k, const void *x, long x_row, long x_column,
                    const void *y, long y_row, long y_column, double scale, const void *base, long base_row, void *out,
                    long out_row) {
  if (k == 0) {
    long size = (long)ck_size(type);
    for (long i = 0; base != out && i < m; i++) {
      char *row = (char *)out + i * out_row * size;
      if (base)
        memcpy(row, (const char *)base + i * base_row * size, (size_t)(n * size));
      else
        memset(row, 0, (size_t)(n * size));
    }
    return;
  }
#define RUN(set)                                                                                             \
  if (type == CKTypeFloat32)                                                                                 \
    matmul_f32_##set(m, n, k, x, x_row, x_column, y, y_row, y_column, scale, base, base_row, out, out_row);  \
  else                                                                                                       \
    matmul_f64_##set(m, n, k, x, x_row, x_column, y, y_row, y_column, scale, base, base_row, out, out_row);  \
  break;
  switch (set) {
#if defined(__x86_64__)
    case CKInstructionSetAVX512: RUN(avx512)
    case CKInstructionSetAVX2: RUN(avx2)
#endif
    default: RUN(portable)
  }
}
