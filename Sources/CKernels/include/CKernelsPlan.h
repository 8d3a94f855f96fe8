// A plan: kernel calls one after the other, whose operands are known but for where a few buffers begin.
#ifndef CKERNELS_PLAN_H
#define CKERNELS_PLAN_H

#include "CKernels.h"

/// The shares of scratch memory of a step that is worth to be shared by threads.
#define CK_SHARES 8

/// An array in one of the buffers of a run.
typedef struct ck_operand {
  int32_t base;
  CKType type;
  int64_t offset;  // in bytes
  int32_t rank;
  const long *shape;
  const long *strides;  // null: dense
} ck_operand;

typedef enum CK_CLOSED CKStepKind {
  CKStepKindUnary,
  CKStepKindBinary,
  CKStepKindCompare,
  CKStepKindSelect,
  CKStepKindCast,     // of a dense operand
  CKStepKindCopy,     // out may be strided
  CKStepKindClear,    // out is filled with zero bytes
  CKStepKindReduce,   // parameters: for each axis of the operand, whether it is reduced
  CKStepKindArgument, // function: greatest?; parameters: outer, count, inner; dense operand
  CKStepKindMatmul,   // a sum of products: pairs of operands with the rank of the result, their last two axes multiplied;
                      // parameters: whether the first operand is added, and a scale (the bits of a double) for each pair
  CKStepKindGather,   // parameters: batches, outer, count, inner, picks; dense operands
  CKStepKindScatter,  // the same, of the result
  CKStepKindRandom,   // function: CKRandom; parameters: path length, path…; dense operand
  CKStepKindChain,    // operands: the inputs, then the places that are written; out: scratch memory
  CKStepKindLoop,     // out is not looked at
  CKStepKindConvolution,  // function: CKConvolution; operands: two with the rank of the result, dense in the axes of one
                          // convolution (the last four), then scratch memory; parameters: those of a ck_convolution, and
                          // how many shares the scratch memory has
} CKStepKind;

typedef enum CK_CLOSED CKRandom { CKRandomUniform, CKRandomNormal, CKRandomPermutation, CKRandomKey } CKRandom;

/// Where an array begins.
typedef struct ck_place {
  int32_t base;
  int64_t offset;  // in bytes
} ck_place;

/// Where a base of a loop's body points at step t: at `first` or `last` where there is one and t is that step, else
/// ((t + shift) & mask) · stride bytes behind `place`.
typedef struct ck_binding {
  ck_place place;
  int64_t stride, shift, mask;
  ck_place first, last;
  bool has_first, has_last;
} ck_binding;

/// What a loop step runs: the body has bases of its own, of which 0 is the block and i + 1 is the i-th binding.
typedef struct ck_scan {
  int64_t steps;
  int64_t count;
  const struct ck_step *body;
  int32_t bindings;
  const ck_binding *places;
  ck_place block;
} ck_scan;

typedef struct ck_step {
  CKStepKind kind;
  uint32_t function;
  int32_t count;
  const ck_operand *operands;
  ck_operand out;
  const long *parameters;
  const ck_chain_code *chain;
  const ck_scan *loop;
} ck_step;

/// An index out of range: that of a gather (or a scatter), the index and where it stands, and how many there are.
typedef struct ck_failure {
  bool gather;
  long index, position, count;
} ck_failure;

/// Runs all steps, one after the other; the threads of `pool`, which may be null, share the large ones, which shows in no
/// bit. Returns −1, or the number of the step that met an index out of range, which is then in `failure`.
long ck_run(ck_pool *pool, long count, const ck_step *steps, void *const *bases, ck_failure *failure);

/// The key of a child of a key; the same as `RandomKey` derives it.
uint64_t ck_child_key(uint64_t key, int64_t index);

#endif
