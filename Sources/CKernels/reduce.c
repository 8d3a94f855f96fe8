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

// Folding rows: all rows of `folded` into one row of results, a few columns at a time that stay in registers.
//
// Rows are added up in blocks, blocks in blocks of blocks, and so on: the error grows with the logarithm of their number,
// and a block can be computed by itself (by a chain, tile by tile) without a change of the bits.
#define LEVELS 16

long ck_fold_rows(long rows, long inner) {
  long most = 1024 / (inner > 0 ? inner : 1);
  most = most < 16 ? 16 : most > 128 ? 128 : most;
  if (rows <= 2 * most) return rows;
  for (long each = most; each >= 8; each--)
    if (rows % each == 0) return each;
  return most;
}

/// How many rows a block of each level has; 0 above the last.
static void blocks_of(long rows, long inner, long *each) {
  for (int level = 0; level < LEVELS; level++) {
    each[level] = rows > 1 || level == 0 ? ck_fold_rows(rows, inner) : 0;
    if (each[level] > 0) rows = (rows + each[level] - 1) / each[level];
  }
}

#define FOLD_ROWS(name, T, expression)                                                                        \
  static inline __attribute__((always_inline)) void name##_columns(                                           \
      int width, const ck_loop *folded, const long *each, const T *xs, T *out) {                              \
    /* One block, such as a window's: no levels to keep. */                                                   \
    if (each[1] == 0) {                                                                                       \
      long place[CK_MAX_RANK] = {0}, at[1] = {0}, step = folded->step[0];                                     \
      T all[64];                                                                                              \
      for (int l = 0; l < width; l++) all[l] = xs[l];                                                         \
      for (long f = 0; f < folded->rows; f++) {                                                               \
        for (long r = f == 0; r < folded->length; r++)                                                        \
          for (int l = 0; l < width; l++) { T x = xs[at[0] + r * step + l], y = all[l]; all[l] = expression; } \
        ck_loop_next(folded, 1, place, at);                                                                   \
      }                                                                                                       \
      for (int l = 0; l < width; l++) out[l] = all[l];                                                        \
      return;                                                                                                 \
    }                                                                                                         \
    T sum[LEVELS][64];                                                                                        \
    long count[LEVELS] = {0}, index[CK_MAX_RANK] = {0}, offset[1] = {0}, stride = folded->step[0];            \
    for (long f = 0; f < folded->rows; f++) {                                                                 \
      for (long row = 0; row < folded->length;) {                                                             \
        const T *first = xs + offset[0] + row * stride;                                                       \
        long rows = each[0] - count[0] < folded->length - row ? each[0] - count[0] : folded->length - row;    \
        row += rows;                                                                                          \
        long r = 0;                                                                                           \
        T here[64];                                                                                           \
        if (count[0] == 0) {                                                                                  \
          for (int l = 0; l < width; l++) here[l] = first[l];                                                 \
          r = 1;                                                                                              \
        } else {                                                                                              \
          for (int l = 0; l < width; l++) here[l] = sum[0][l];                                                \
        }                                                                                                     \
        for (; r < rows; r++)                                                                                 \
          for (int l = 0; l < width; l++) { T x = first[r * stride + l], y = here[l]; here[l] = expression; } \
        for (int l = 0; l < width; l++) sum[0][l] = here[l];                                                  \
        count[0] += rows;                                                                                     \
        /* A full block is a row of the next level. */                                                        \
        for (int level = 0; count[level] == each[level] && each[level + 1] > 0; level++) {                    \
          name##_carry(width, sum[level], sum[level + 1], count[level + 1]++);                                \
          count[level] = 0;                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
      ck_loop_next(folded, 1, index, offset);                                                                 \
    }                                                                                                         \
    int level = 0;                                                                                            \
    for (; each[level + 1] > 0; level++)                                                                      \
      if (count[level] > 0) name##_carry(width, sum[level], sum[level + 1], count[level + 1]++);              \
    for (int l = 0; l < width; l++) out[l] = sum[level][l];                                                   \
  }                                                                                                           \
  CK_CLONES static void name(long n, const ck_loop *folded, const long *each, const T *xs, T *out) {          \
    long i = 0;                                                                                               \
    for (; i + 64 <= n; i += 64) name##_columns(64, folded, each, xs + i, out + i);                           \
    if (i + 32 <= n) { name##_columns(32, folded, each, xs + i, out + i); i += 32; }                          \
    for (; i + 16 <= n; i += 16) name##_columns(16, folded, each, xs + i, out + i);                           \
    if (i + 8 <= n) { name##_columns(8, folded, each, xs + i, out + i); i += 8; }                             \
    for (; i < n; i++) name##_columns(1, folded, each, xs + i, out + i);                                      \
  }
#define CARRY(name, T, expression)                                                                             \
  static inline __attribute__((always_inline)) void name##_carry(int width, const T *xs, T *out, long count) { \
    for (int l = 0; l < width; l++) {                                                                          \
      T x = xs[l], y = out[l];                                                                                 \
      out[l] = count == 0 ? x : expression;                                                                    \
    }                                                                                                          \
  }
#define ACCUMULATE(name, T, expression) CARRY(name, T, expression) FOLD_ROWS(name, T, expression)
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
// densely in memory, whole rows are folded instead.
#define REDUCE(name, T, row, accumulate, combine, EMPTY)                                        \
  static void name(const ck_loop *kept, const ck_loop *folded, const long *each, const T *x, T *out) { \
    long index[CK_MAX_RANK] = {0}, base[1] = {0};                                               \
    bool by_rows = kept->step[0] == 1 && kept->length > 1 && folded->step[0] != 1;              \
    for (long r = 0; r < kept->rows; r++) {                                                     \
      if (by_rows) {                                                                            \
        T *results = out + r * kept->length;                                                    \
        if (folded->rows) {                                                                     \
          accumulate(kept->length, folded, each, x + base[0], results);                         \
        } else {                                                                                \
          for (long i = 0; i < kept->length; i++) results[i] = EMPTY;                           \
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
  long rows = 1, inner = 1, each[LEVELS + 1] = {0};
  for (int a = 0; a < rank; a++) {
    if (reduced[a]) {
      folded_shape[folded_rank] = shape[a], folded_strides[folded_rank++] = all[a];
      rows *= shape[a], inner = 1;
    } else {
      inner *= shape[a];
      kept_shape[kept_rank] = shape[a], kept_strides[kept_rank++] = all[a];
    }
  }
  const long *ks[] = {kept_strides}, *fs[] = {folded_strides};
  ck_loop kept = ck_loop_make(kept_rank, kept_shape, 1, ks);
  ck_loop folded = ck_loop_make(folded_rank, folded_shape, 1, fs);
  blocks_of(rows, inner, each);
#define BY_TYPE(name)                                                         \
  switch (type) {                                                             \
    case CKTypeFloat32: name##_f32(&kept, &folded, each, x, out); break;            \
    case CKTypeFloat64: name##_f64(&kept, &folded, each, x, out); break;            \
    default: name##_i32(&kept, &folded, each, x, out); break;                       \
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
