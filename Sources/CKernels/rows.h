// The row loops of elementwise.c and functions.c, for running one after the other on a block, and how they are made.
#ifndef CKERNELS_ROWS_H
#define CKERNELS_ROWS_H

#include "loops.h"

typedef void (*unary_row)(long n, const void *x, long step, void *out);
typedef void (*binary_row)(long n, const void *x, long x_step, const void *y, long y_step, void *out);
typedef void (*pair_row)(long n, const void *a, long a_step, const void *b, long b_step, const void *c, long c_step,
                         void *out);

/// The step of an operand that is one row, of a multiple of `CK_ROW_UNIT` numbers, again and again: its length, marked. Sums, differences
/// and products of floats take it, alone and in pairs; no others.
#define CK_ROW_UNIT 16
#define CK_REPEATED (1L << 40)
static inline bool ck_is_repeated(long step) { return step >= CK_REPEATED; }

unary_row ck_unary_row(CKUnary function, CKType type);
binary_row ck_binary_row(CKBinary function, CKType type);
/// Of the functions that functions.c has; null for others.
unary_row ck_function_row(CKUnary function, CKType type);
binary_row ck_power_row(CKType type);
/// Of floats; `function` is that of an instruction.
pair_row ck_pair_row(uint32_t function, CKType type);
binary_row ck_comparison_row(CKComparison function, CKType type);
/// Ones and zeros of the operands' type, for floats; null for others.
binary_row ck_indicator_row(CKComparison function, CKType type);
void ck_select_row(CKType type, long n, const bool *mask, long mask_step, const void *x, long x_step, const void *y,
                   long y_step, void *out);

/// Some numbers of a row, which stay in registers for all its repetitions.
#define REPEATED_VECTOR(T) T __attribute__((vector_size(CK_ROW_UNIT * sizeof(T)), aligned(sizeof(T))))

/// A loop over repetitions of a row by as many vectors of it as divide its `length`.
#define BY_WIDTH(LOOP, ...)                     \
  {                                             \
    if (length % (4 * CK_ROW_UNIT) == 0)        \
      LOOP(4, __VA_ARGS__)                      \
    else if (length % (2 * CK_ROW_UNIT) == 0)   \
      LOOP(2, __VA_ARGS__)                      \
    else                                        \
      LOOP(1, __VA_ARGS__)                      \
  }

// Loops over one row of x, or of x and y, in the stride patterns that come up most.
#define UNARY(name, T, expression)                                              \
  CK_CLONES static void name(long n, const void *x_, long step, void *out_) {   \
    const T *xs = x_;                                                           \
    T *restrict out = out_;                                                     \
    if (step == 1) {                                                            \
      for (long i = 0; i < n; i++) { T x = xs[i]; out[i] = expression; }        \
    } else {                                                                    \
      for (long i = 0; i < n; i++) { T x = xs[i * step]; out[i] = expression; } \
    }                                                                           \
  }


#define BINARY(name, T, R, expression)                                                                               \
  CK_CLONES static void name(long n, const void *x_, long x_step, const void *y_, long y_step, void *out_) {         \
    const T *xs = x_, *ys = y_;                                                                                      \
    R *restrict out = out_;                                                                                          \
    if (x_step == 1 && y_step == 1) {                                                                                \
      for (long i = 0; i < n; i++) { T x = xs[i], y = ys[i]; out[i] = expression; }                                  \
    } else if (x_step == 1 && y_step == 0) {                                                                         \
      T y = ys[0];                                                                                                   \
      for (long i = 0; i < n; i++) { T x = xs[i]; out[i] = expression; }                                             \
    } else if (x_step == 0 && y_step == 1) {                                                                         \
      T x = xs[0];                                                                                                   \
      for (long i = 0; i < n; i++) { T y = ys[i]; out[i] = expression; }                                             \
    } else {                                                                                                         \
      for (long i = 0; i < n; i++) { T x = xs[i * x_step], y = ys[i * y_step]; out[i] = expression; }                \
    }                                                                                                                \
  }

/// The same for functions that take rows that are repeated: of one operand, the other is dense. `width` vectors of the row stay in
/// registers at a time, so that the other operand is read in the order in which it lies.
#define BINARY_OVER_ROWS_BY(width, ROW, X, Y, expression)                                                             \
  for (long p = 0; p < length; p += width * CK_ROW_UNIT) {                                                            \
    V row[width];                                                                                                     \
    for (int v = 0; v < width; v++) row[v] = *(const V *)(ROW + p + v * CK_ROW_UNIT);                                 \
    for (long o = p; o < n; o += length)                                                                              \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < width; v++) {                                            \
        const long i = o + v * CK_ROW_UNIT;                                                                           \
        V x = X, y = Y;                                                                                               \
        *(V *)(out + i) = expression;                                                                                 \
      }                                                                                                               \
  }
#define BINARY_OVER_ROWS(name, T, expression)                                                                        \
  BINARY(name##_plain, T, T, expression)                                                                             \
  CK_CLONES static void name##_rows(long n, const void *x_, long x_step, const void *y_, long y_step, void *out_) {  \
    typedef REPEATED_VECTOR(T) V;                                                                                    \
    const T *xs = x_, *ys = y_;                                                                                      \
    T *restrict out = out_;                                                                                          \
    const bool is_first = ck_is_repeated(x_step);                                                                    \
    const long length = (is_first ? x_step : y_step) - CK_REPEATED;                                                  \
    if (is_first)                                                                                                    \
      BY_WIDTH(BINARY_OVER_ROWS_BY, xs, row[v], *(const V *)(ys + i), expression)                                              \
    else                                                                                                             \
      BY_WIDTH(BINARY_OVER_ROWS_BY, ys, *(const V *)(xs + i), row[v], expression)                                              \
  }                                                                                                                  \
  static void name(long n, const void *x, long x_step, const void *y, long y_step, void *out) {                      \
    (ck_is_repeated(x_step) || ck_is_repeated(y_step) ? name##_rows : name##_plain)(n, x, x_step, y, y_step, out);   \
  }

#endif
