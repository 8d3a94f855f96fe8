// The row loops of elementwise.c and functions.c, for running one after the other on a block, and how they are made.
#ifndef CKERNELS_ROWS_H
#define CKERNELS_ROWS_H

#include "loops.h"

typedef void (*unary_row)(long n, const void *x, long step, void *out);
typedef void (*binary_row)(long n, const void *x, long x_step, const void *y, long y_step, void *out);
typedef void (*pair_row)(long n, const void *a, long a_step, const void *b, long b_step, const void *c, long c_step,
                         void *out);

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

#endif
