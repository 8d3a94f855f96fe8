// Matrix products by a library, where the package is built with one.
#ifndef CKERNELS_MATMUL_LIBRARY_H
#define CKERNELS_MATMUL_LIBRARY_H

#include "CKernels.h"

/// Whether the library is faster than our kernel for float32 matrices of these sizes, from measurements of both (see
/// ARCHITECTURE.md). It depends on nothing else, so the bits of a product do not either.
static inline bool ck_is_for_library(long m, long n, long k, long x_column, long y_column) {
  long work = m * n * k;
  // Ours has to pack a transposed y, which does not pay for a few rows.
  if (y_column != 1) return work >= 1 << 16;
  // Ours reads a transposed x as fast as any; the library packs it, which does not pay for a few columns.
  bool pays = x_column == 1 || k < 64 || 4 * n > m;
  return work >= 1 << 19 && m >= 24 && pays;
}

#endif
