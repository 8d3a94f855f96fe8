// Shared by the files that run the steps of a plan.
#ifndef CKERNELS_STEPS_H
#define CKERNELS_STEPS_H

#include "loops.h"

/// Where an operand begins.
static inline char *place(const ck_operand *o, void *const *bases) { return (char *)bases[o->base] + o->offset; }

/// Runs a step that is a sum of products.
void ck_products(ck_pool *pool, const ck_step *step, void *const *bases);

#endif
