// Sums, maxima and minima over any axes of a strided array.
#include <math.h>

#include "loops.h"

// A row with step 1: several accumulators in vector registers. Long float rows are summed in blocks whose sums are
// added in double, so that the error does not grow with the length.
#define LANES 32
#define BLOCK 2048

#define SUM_ROW(name, T, Wide)                                           \
  CK_CLONES static T name(long n, const T *x, long step) {               \
    Wide total = 0;                                                      \
    for (long start = 0; start < n; start += BLOCK) {                    \
      long length = n - start < BLOCK ? n - start : BLOCK, i = 0;        \
      const T *p = x + start * step;                                     \
      T sum = 0;                                                         \
      if (step == 1 && length >= LANES) {                                \
        T lane[LANES] = {0};                                             \
        for (; i + LANES <= length; i += LANES)                          \
          for (int l = 0; l < LANES; l++) lane[l] += p[i + l];           \
        for (int width = LANES / 2; width > 0; width /= 2)               \
          for (int l = 0; l < width; l++) lane[l] += lane[l + width];    \
        sum = lane[0];                                                   \
      }                                                                  \
      for (; i < length; i++) sum += p[i * step];                        \
      total += sum;                                                      \
    }                                                                    \
    return (T)total;                                                     \
  }
SUM_ROW(sum_f32, float, double)
SUM_ROW(sum_f64, double, double)

// Whole numbers wrap around, by way of unsigned arithmetic.
static int32_t sum_i32(long n, const int32_t *x, long step) {
  uint32_t sum = 0;
  for (long i = 0; i < n; i++) sum += (uint32_t)x[i * step];
  return (int32_t)sum;
}

#define BEST(a, b, order) ((a)order(b) || (a) != (a) ? (a) : (b))
#define EXTREME_ROW(name, T, order)                                              \
  CK_CLONES static T name(long n, const T *x, long step) {                       \
    T best = x[0];                                                               \
    long i = 1;                                                                  \
    if (step == 1 && n >= 2 * LANES) {                                           \
      T lane[LANES];                                                             \
      for (int l = 0; l < LANES; l++) lane[l] = x[l];                            \
      for (i = LANES; i + LANES <= n; i += LANES)                                \
        for (int l = 0; l < LANES; l++) lane[l] = BEST(lane[l], x[i + l], order); \
      best = lane[0];                                                            \
      for (int l = 1; l < LANES; l++) best = BEST(best, lane[l], order);         \
    }                                                                            \
    for (; i < n; i++) best = BEST(best, x[i * step], order);                    \
    return best;                                                                 \
  }
EXTREME_ROW(maximum_f32, float, >)
EXTREME_ROW(maximum_f64, double, >)
EXTREME_ROW(maximum_i32, int32_t, >)
EXTREME_ROW(minimum_f32, float, <)
EXTREME_ROW(minimum_f64, double, <)
EXTREME_ROW(minimum_i32, int32_t, <)

// Adds (or compares) rows into an array of results of the same length, a few columns at a time that stay in registers.
#define ACCUMULATE(name, T, expression)                                                                       \
  static inline __attribute__((always_inline)) void name##_columns(int width, long rows, long stride,         \
                                                                   const T *xs, T *out) {                     \
    T sum[64];                                                                                                \
    for (int l = 0; l < width; l++) sum[l] = out[l];                                                          \
    for (long r = 0; r < rows; r++)                                                                           \
      for (int l = 0; l < width; l++) { T x = xs[r * stride + l], y = sum[l]; sum[l] = expression; }          \
    for (int l = 0; l < width; l++) out[l] = sum[l];                                                          \
  }                                                                                                           \
  CK_CLONES static void name(long n, long rows, long stride, const T *xs, T *out) {                           \
    long i = 0;                                                                                               \
    for (; i + 64 <= n; i += 64) name##_columns(64, rows, stride, xs + i, out + i);                           \
    for (; i + 16 <= n; i += 16) name##_columns(16, rows, stride, xs + i, out + i);                           \
    if (i + 8 <= n) { name##_columns(8, rows, stride, xs + i, out + i); i += 8; }                             \
    for (; i < n; i++) name##_columns(1, rows, stride, xs + i, out + i);                                      \
  }
ACCUMULATE(add_f32, float, y + x)
ACCUMULATE(add_f64, double, y + x)
ACCUMULATE(add_i32, int32_t, (int32_t)((uint32_t)y + (uint32_t)x))
ACCUMULATE(raise_f32, float, BEST(x, y, >))
ACCUMULATE(raise_f64, double, BEST(x, y, >))
ACCUMULATE(raise_i32, int32_t, BEST(x, y, >))
ACCUMULATE(lower_f32, float, BEST(x, y, <))
ACCUMULATE(lower_f64, double, BEST(x, y, <))
ACCUMULATE(lower_i32, int32_t, BEST(x, y, <))

// `kept` walks the results (dense); for each, `folded` walks what is reduced. Where the kept axis is the one that lies
// densely in memory, whole rows are added into the results instead.
#define REDUCE(name, T, row, accumulate, combine, EMPTY)                                        \
  static void name(const ck_loop *kept, const ck_loop *folded, const T *x, T *out) {            \
    long index[CK_MAX_RANK] = {0}, base[1] = {0};                                               \
    bool by_rows = kept->step[0] == 1 && kept->length > 1 && folded->step[0] != 1;              \
    for (long r = 0; r < kept->rows; r++) {                                                     \
      if (by_rows) {                                                                            \
        T *results = out + r * kept->length;                                                    \
        for (long i = 0; i < kept->length; i++) results[i] = folded->rows ? x[base[0] + i] : EMPTY; \
        long inner[CK_MAX_RANK] = {0}, offset[1] = {0};                                         \
        for (long f = 0; f < folded->rows; f++) {                                               \
          long first = f == 0;  /* which the results hold already */                            \
          accumulate(kept->length, folded->length - first, folded->step[0],                     \
                     x + base[0] + offset[0] + first * folded->step[0], results);               \
          ck_loop_next(folded, 1, inner, offset);                                               \
        }                                                                                       \
      } else {                                                                                  \
        for (long i = 0; i < kept->length; i++) {                                               \
          const T *start = x + base[0] + i * kept->step[0];                                     \
          long inner[CK_MAX_RANK] = {0}, offset[1] = {0};                                       \
          T result = EMPTY;                                                                     \
          for (long f = 0; f < folded->rows; f++) {                                             \
            T x = row(folded->length, start + offset[0], folded->step[0]), y = result;          \
            result = f == 0 ? x : combine;                                                      \
            ck_loop_next(folded, 1, inner, offset);                                             \
          }                                                                                     \
          out[r * kept->length + i] = result;                                                   \
        }                                                                                       \
      }                                                                                         \
      ck_loop_next(kept, 1, index, base);                                                       \
    }                                                                                           \
  }
REDUCE(reduce_sum_f32, float, sum_f32, add_f32, y + x, 0)
REDUCE(reduce_sum_f64, double, sum_f64, add_f64, y + x, 0)
REDUCE(reduce_sum_i32, int32_t, sum_i32, add_i32, (int32_t)((uint32_t)y + (uint32_t)x), 0)
REDUCE(reduce_maximum_f32, float, maximum_f32, raise_f32, BEST(x, y, >), -INFINITY)
REDUCE(reduce_maximum_f64, double, maximum_f64, raise_f64, BEST(x, y, >), -INFINITY)
REDUCE(reduce_maximum_i32, int32_t, maximum_i32, raise_i32, BEST(x, y, >), INT32_MIN)
REDUCE(reduce_minimum_f32, float, minimum_f32, lower_f32, BEST(x, y, <), INFINITY)
REDUCE(reduce_minimum_f64, double, minimum_f64, lower_f64, BEST(x, y, <), INFINITY)
REDUCE(reduce_minimum_i32, int32_t, minimum_i32, lower_i32, BEST(x, y, <), INT32_MAX)

void ck_reduce(CKReduction function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
               const bool *reduced, void *out) {
  long dense[CK_MAX_RANK], next = 1;
  for (int a = rank - 1; a >= 0; a--) dense[a] = next, next *= shape[a];
  const long *all = x_strides ? x_strides : dense;
  long kept_shape[CK_MAX_RANK], kept_strides[CK_MAX_RANK], folded_shape[CK_MAX_RANK], folded_strides[CK_MAX_RANK];
  int kept_rank = 0, folded_rank = 0;
  for (int a = 0; a < rank; a++) {
    if (reduced[a]) {
      folded_shape[folded_rank] = shape[a], folded_strides[folded_rank++] = all[a];
    } else {
      kept_shape[kept_rank] = shape[a], kept_strides[kept_rank++] = all[a];
    }
  }
  const long *ks[] = {kept_strides}, *fs[] = {folded_strides};
  ck_loop kept = ck_loop_make(kept_rank, kept_shape, 1, ks);
  ck_loop folded = ck_loop_make(folded_rank, folded_shape, 1, fs);
#define BY_TYPE(name)                                                         \
  switch (type) {                                                             \
    case CKTypeFloat32: name##_f32(&kept, &folded, x, out); break;            \
    case CKTypeFloat64: name##_f64(&kept, &folded, x, out); break;            \
    default: name##_i32(&kept, &folded, x, out); break;                       \
  }                                                                           \
  break;
  switch (function) {
    case CKReductionSum: BY_TYPE(reduce_sum)
    case CKReductionMaximum: BY_TYPE(reduce_maximum)
    case CKReductionMinimum: BY_TYPE(reduce_minimum)
  }
}

#define ARGUMENT(T)                                                                                         \
  {                                                                                                         \
    const T *xs = x;                                                                                        \
    for (long o = 0; o < outer; o++)                                                                        \
      for (long i = 0; i < inner; i++) {                                                                    \
        const T *column = xs + o * count * inner + i;                                                       \
        long best = 0;                                                                                      \
        for (long j = 1; j < count; j++) {                                                                  \
          T now = column[j * inner], top = column[best * inner];                                            \
          if (top == top && (now != now || (greatest ? now > top : now < top))) best = j;                   \
        }                                                                                                   \
        out[o * inner + i] = (int32_t)best;                                                                 \
      }                                                                                                     \
  }

void ck_argument(bool greatest, CKType type, long outer, long count, long inner, const void *x, int32_t *out) {
  switch (type) {
    case CKTypeFloat32: ARGUMENT(float) break;
    case CKTypeFloat64: ARGUMENT(double) break;
    case CKTypeInt32: ARGUMENT(int32_t) break;
    case CKTypeBool: ARGUMENT(bool) break;
  }
}
