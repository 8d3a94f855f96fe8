// Loops over numbers. Nothing here knows of graphs or of Swift.
//
// Arrays are dense and row-major unless strides are given; strides count elements and may be zero (broadcasting) or
// negative (reversal). A null pointer for strides means dense. Outputs are always dense. Ranks go up to CK_MAX_RANK.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKernelsLock.h"
#include "CKernelsPool.h"
#include "CKernelsRandom.h"

#define CK_MAX_RANK 12
#define CK_CLOSED __attribute__((enum_extensibility(closed)))

typedef enum CK_CLOSED CKType { CKTypeFloat32, CKTypeFloat64, CKTypeInt32, CKTypeBool } CKType;

/// Elementwise functions of one argument, on floating types (negate, absolute, sign and square also on int32;
/// logicalNot on bool).
typedef enum CK_CLOSED CKUnary {
  CKUnaryNegate,
  CKUnaryAbsolute,
  CKUnarySign,
  CKUnarySquare,
  CKUnaryLogicalNot,
  CKUnaryReciprocal,
  CKUnarySquareRoot,
  CKUnaryReciprocalSquareRoot,
  CKUnaryExponential,
  CKUnaryExponentialMinusOne,
  CKUnaryLogarithm,
  CKUnaryLogarithmOnePlus,
  CKUnarySine,
  CKUnaryCosine,
  CKUnaryTanh,
  CKUnarySigmoid,
  CKUnaryRelu,
  CKUnarySoftplus,
  CKUnaryErrorFunction,
  CKUnaryFloor,
} CKUnary;

/// Elementwise functions of two arguments of one type, with a result of that type.
typedef enum CK_CLOSED CKBinary {
  CKBinaryAdd,
  CKBinarySubtract,
  CKBinaryMultiply,
  CKBinaryDivide,
  CKBinaryPower,
  CKBinaryMaximum,
  CKBinaryMinimum,
  CKBinaryLogicalAnd,
  CKBinaryLogicalOr,
} CKBinary;

/// Elementwise comparisons of two arguments of one type, with a bool result.
typedef enum CK_CLOSED CKComparison {
  CKComparisonEqual,
  CKComparisonNotEqual,
  CKComparisonLess,
  CKComparisonLessOrEqual,
} CKComparison;

typedef enum CK_CLOSED CKReduction { CKReductionSum, CKReductionMaximum, CKReductionMinimum } CKReduction;

void ck_unary(CKUnary function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
              void *out);
void ck_binary(CKBinary function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
               const void *y, const long *y_strides, void *out);
void ck_compare(CKComparison function, CKType type, int rank, const long *shape, const void *x,
                const long *x_strides, const void *y, const long *y_strides, bool *out);

/// out = mask ? x : y
void ck_select(CKType type, int rank, const long *shape, const bool *mask, const long *mask_strides, const void *x,
               const long *x_strides, const void *y, const long *y_strides, void *out);

/// Copies a strided array to a strided place; `out_strides` may be null for a dense one.
void ck_copy(CKType type, int rank, const long *shape, const void *x, const long *x_strides, void *out,
             const long *out_strides);
void ck_cast(CKType from, CKType to, long count, const void *x, void *out);

/// Reduces the axes for which `reduced` is true; `out` has the shape of the others, dense, in their order.
void ck_reduce(CKReduction function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
               const bool *reduced, void *out);

/// How many rows of `inner` elements are folded one after the other where `rows` of them are folded into one; what comes of
/// them is folded in the same way, until one is left. By its size alone.
long ck_fold_rows(long rows, long inner);

/// The first index of the greatest (or least) element along the middle axis of a dense array of outer × count × inner.
/// A NaN counts as greatest and as least, as in NumPy.
void ck_argument(bool greatest, CKType type, long outer, long count, long inner, const void *x, int32_t *out);

/// out (m × n, dense) = x (m × k) · y (k × n), both with any strides. Floating types.
void ck_matmul(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y, long y_row,
               long y_column, void *out);

/// out = base + scale · x · y. The base is dense along its rows; null stands for zeros, and it may be `out` itself.
void ck_matmul_add(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                   long y_row, long y_column, double scale, const void *base, long base_row, void *out);

/// Some rows and columns of such a product, in an array whose rows are `out_row` long. An element has the same bits in
/// whatever part it is computed.
void ck_matmul_part(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                    long y_row, long y_column, double scale, const void *base, long base_row, void *out, long out_row);

/// Instruction sets that products and convolutions are compiled for. `ck_matmul` takes the best that the processor has; the tests run
/// each that it has.
typedef enum CK_CLOSED CKInstructionSet {
  CKInstructionSetPortable,
  CKInstructionSetAVX2,
  CKInstructionSetAVX512,
} CKInstructionSet;
bool ck_has(CKInstructionSet set);
/// The best that the processor has.
CKInstructionSet ck_best_set(void);
void ck_matmul_with(CKInstructionSet set, CKType type, long m, long n, long k, const void *x, long x_row, long x_column,
                    const void *y, long y_row, long y_column, double scale, const void *base, long base_row, void *out,
                    long out_row);

/// The product by oneDNN, in place and on the calling thread; false, and nothing written, where the package was built
/// without it or it has no fast way: float64, vectors, or a matrix that is dense along neither axis.
bool ck_matmul_library(CKType type, long m, long n, long k, const void *x, long x_row, long x_column, const void *y,
                       long y_row, long y_column, void *out);
bool ck_has_library(void);

/// Takes blocks of `inner` elements from a dense outer × count × inner array: out is outer × picks × inner.
/// Returns the position of the first index out of range, or −1.
long ck_gather(size_t element, long outer, long count, long inner, const void *x, const int32_t *indices, long picks,
               void *out);

/// The transpose of ck_gather: adds the blocks of x (outer × picks × inner) into out (outer × count × inner), which it
/// clears first. Floating types and int32. Returns the position of the first index out of range, or −1.
long ck_scatter_add(CKType type, long outer, long count, long inner, const void *x, const int32_t *indices, long picks,
                    void *out);

/// Uniform numbers in [0, 1), standard normal numbers (Box–Muller), or a random permutation of 0..<count (int32).
void ck_random_uniform(CKType type, uint64_t key, long count, void *out);
void ck_random_normal(CKType type, uint64_t key, long count, void *out);
void ck_random_permutation(uint64_t key, long count, int32_t *out);

#include "CKernelsChain.h"
#include "CKernelsConvolution.h"
#include "CKernelsPlan.h"
#include "CKernelsProfile.h"

#endif
