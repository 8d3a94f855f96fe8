// The row loops of elementwise.c, for running one after the other on a block.
#ifndef CKERNELS_ROWS_H
#define CKERNELS_ROWS_H

#include "CKernels.h"

typedef void (*unary_row)(long n, const void *x, long step, void *out);
typedef void (*binary_row)(long n, const void *x, long x_step, const void *y, long y_step, void *out);

unary_row ck_unary_row(CKUnary function, CKType type);
binary_row ck_binary_row(CKBinary function, CKType type);
binary_row ck_comparison_row(CKComparison function, CKType type);
/// Ones and zeros of the operands' type, for floats; null for others.
binary_row ck_indicator_row(CKComparison function, CKType type);
void ck_select_row(CKType type, long n, const bool *mask, long mask_step, const void *x, long x_step, const void *y,
                   long y_step, void *out);

#endif
