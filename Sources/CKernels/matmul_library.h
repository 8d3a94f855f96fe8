// Matrix products by a library, where the package is built with one.
#ifndef CKERNELS_MATMUL_LIBRARY_H
#define CKERNELS_MATMUL_LIBRARY_H

#include "CKernels.h"

/// Whether the library is faster than our kernel for float32 matrices of these sizes, from measurements of both (see
/// ARCHITECTURE.md): ours does not block for the second cache. It depends on nothing else, so the bits do not either.
static inline bool ck_is_for_library(long m, long n, long k) { return m * n * k >= 1L << 27; }

#endif
