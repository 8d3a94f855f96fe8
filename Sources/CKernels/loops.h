// Shared by the kernels: turning a strided loop over many axes into a few long rows, and choosing instruction sets.
#ifndef CKERNELS_LOOPS_H
#define CKERNELS_LOOPS_H

#include "CKernels.h"

// Compiles a function for several instruction sets and picks one when the program starts: too early for the thread
// sanitizer, which is not ready yet when that happens.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CK_ONE_SET
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(CK_ONE_SET)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif

#define CK_OPERANDS 16

/// A loop over `rows` rows of `length` elements, with up to CK_OPERANDS arrays that walk along.
typedef struct {
  int rank;                                // of the outer axes
  long length;                             // of a row
  long step[CK_OPERANDS];                  // along a row
  long shape[CK_MAX_RANK];                 // of the outer axes
  long stride[CK_OPERANDS][CK_MAX_RANK];   // of the outer axes
  long rows;
} ck_loop;

/// Merges axes that lie one behind the other in every operand, so that rows are as long as they can be.
/// A null entry of `strides` means dense.
static inline ck_loop ck_loop_make(int rank, const long *shape, int operands, const long *const *strides) {
  long dense[CK_MAX_RANK];
  long next = 1;
  for (int a = rank - 1; a >= 0; a--) dense[a] = next, next *= shape[a];
  long s[CK_OPERANDS][CK_MAX_RANK], d[CK_MAX_RANK];
  int merged = 0;
  for (int a = 0; a < rank; a++) {
    if (shape[a] == 1) continue;
    long here[CK_OPERANDS];
    for (int o = 0; o < operands; o++) here[o] = strides[o] ? strides[o][a] : dense[a];
    bool joins = merged > 0;
    for (int o = 0; joins && o < operands; o++) joins = s[o][merged - 1] == here[o] * shape[a];
    if (joins) {
      d[merged - 1] *= shape[a];
    } else {
      d[merged++] = shape[a];
    }
    for (int o = 0; o < operands; o++) s[o][merged - 1] = here[o];
  }
  ck_loop loop;
  loop.rank = merged > 0 ? merged - 1 : 0;
  loop.length = merged > 0 ? d[merged - 1] : 1;
  loop.rows = 1;
  for (int o = 0; o < operands; o++) loop.step[o] = merged > 0 ? s[o][merged - 1] : 0;
  for (int a = 0; a < loop.rank; a++) {
    loop.shape[a] = d[a];
    loop.rows *= d[a];
    for (int o = 0; o < operands; o++) loop.stride[o][a] = s[o][a];
  }
  for (int a = 0; a < rank; a++)
    if (shape[a] == 0) loop.rows = 0;
  return loop;
}

/// Moves the offsets of all operands to the next row.
static inline void ck_loop_next(const ck_loop *loop, int operands, long *index, long *offset) {
  for (int a = loop->rank - 1; a >= 0; a--) {
    for (int o = 0; o < operands; o++) offset[o] += loop->stride[o][a];
    if (++index[a] < loop->shape[a]) return;
    for (int o = 0; o < operands; o++) offset[o] -= loop->stride[o][a] * loop->shape[a];
    index[a] = 0;
  }
}

static inline size_t ck_size(CKType type) {
  return type == CKTypeFloat64 ? 8 : type == CKTypeBool ? 1 : 4;
}

#endif
