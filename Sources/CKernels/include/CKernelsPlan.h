// A plan: kernel calls one after the other, whose operands are known but for where a few buffers begin.
#ifndef CKERNELS_PLAN_H
#define CKERNELS_PLAN_H

#include "CKernels.h"

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
} CKStepKind;

typedef enum CK_CLOSED CKRandom { CKRandomUniform, CKRandomNormal, CKRandomPermutation } CKRandom;

typedef struct ck_step {
  CKStepKind kind;
  uint32_t function;
  int32_t count;
  const ck_operand *operands;
  ck_operand out;
  const long *parameters;
  const ck_chain_code *chain;
} ck_step;

/// Runs all steps. Returns −1, or the number of the step that met an index out of range, whose position is then in
/// `position`.
long ck_run(long count, const ck_step *steps, void *const *bases, long *position);

/// The key of a child of a key; the same as `RandomKey` derives it.
uint64_t ck_child_key(uint64_t key, int64_t index);

#endif
