// Shared by the files that run the steps of a plan.
#ifndef CKERNELS_STEPS_H
#define CKERNELS_STEPS_H

#include "loops.h"

/// Where an operand begins.
static inline char *place(const ck_operand *o, void *const *bases) { return (char *)bases[o->base] + o->offset; }

/// The strides of an operand, written out in `memory` where it is dense.
static inline const long *strides(const ck_operand *o, long *memory) {
  if (o->strides) return o->strides;
  long next = 1;
  for (int a = o->rank - 1; a >= 0; a--) memory[a] = next, next *= o->shape[a];
  return memory;
}

/// Scratch memory in equal shares, for the threads that work at a step: no more at a time than there are shares.
typedef struct {
  char *memory;
  size_t size;
  /// A bit for each share that nobody uses.
  uint32_t free;
} ck_shares;

static inline ck_shares ck_shares_of(void *memory, size_t size, long count) {
  return (ck_shares){.memory = memory, .size = size, .free = (1u << count) - 1};
}

/// Takes a share that is free, for as long as a part of the work lasts.
static inline char *ck_shares_take(ck_shares *shares) {
  uint32_t free = __atomic_load_n(&shares->free, __ATOMIC_ACQUIRE), taken;
  do taken = free & -free;
  while (!__atomic_compare_exchange_n(&shares->free, &free, free & ~taken, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
  return shares->memory + (size_t)__builtin_ctz(taken) * shares->size;
}

static inline void ck_shares_give(ck_shares *shares, const char *share) {
  __atomic_or_fetch(&shares->free, 1u << (size_t)(share - shares->memory) / shares->size, __ATOMIC_ACQ_REL);
}

/// Into how many parts work is to be cut: some for each thread, for they are not of one length, but no more at a time than
/// there are shares of the scratch memory.
static inline long ck_parts(const ck_pool *pool, long shares) {
  long threads = ck_pool_threads(pool);
  return threads < shares ? 2 * threads : shares;
}

/// Runs a step that is a sum of products.
void ck_products(ck_pool *pool, const ck_step *step, void *const *bases);
/// Runs a step that is a convolution for each element of the axes before the last four.
void ck_convolutions(ck_pool *pool, const ck_step *step, void *const *bases);

#endif
