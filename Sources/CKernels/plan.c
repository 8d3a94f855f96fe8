#include "CKernels.h"

#include <string.h>

#include "steps.h"

static long elements(const ck_operand *o) {
  long count = 1;
  for (int a = 0; a < o->rank; a++) count *= o->shape[a];
  return count;
}

uint64_t ck_child_key(uint64_t key, int64_t index) {
  uint32_t words[4];
  ck_philox(key, (uint64_t)index, 0xC811D, words);
  return (uint64_t)words[0] | (uint64_t)words[1] << 32;
}

/// Gather and scatter, batch by batch; returns the position of an index out of range, or −1.
static long pick(const ck_step *s, void *const *bases) {
  long batches = s->parameters[0], outer = s->parameters[1], count = s->parameters[2], inner = s->parameters[3];
  long picks = s->parameters[4], size = (long)ck_size(s->out.type);
  const int32_t *indices = (const int32_t *)place(&s->operands[1], bases);
  char *x = place(&s->operands[0], bases), *out = place(&s->out, bases);
  long whole = outer * count * inner * size, part = outer * picks * inner * size;
  for (long b = 0; b < batches; b++) {
    long wrong = s->kind == CKStepKindGather
                     ? ck_gather((size_t)size, outer, count, inner, x + b * whole, indices + b * picks, picks, out + b * part)
                     : ck_scatter_add(s->out.type, outer, count, inner, x + b * part, indices + b * picks, picks, out + b * whole);
    if (wrong >= 0) return b * picks + wrong;
  }
  return -1;
}

static void random_numbers(const ck_step *s, void *const *bases) {
  const uint32_t *words = (const uint32_t *)place(&s->operands[0], bases);
  uint64_t key = (uint64_t)words[0] | (uint64_t)words[1] << 32;
  for (long i = 0; i < s->parameters[0]; i++) key = ck_child_key(key, s->parameters[1 + i]);
  long count = elements(&s->out);
  void *out = place(&s->out, bases);
  switch ((CKRandom)s->function) {
    case CKRandomUniform: ck_random_uniform(s->out.type, key, count, out); break;
    case CKRandomNormal: ck_random_normal(s->out.type, key, count, out); break;
    case CKRandomPermutation: ck_random_permutation(key, count, out); break;
    case CKRandomKey: ((uint32_t *)out)[0] = (uint32_t)key, ((uint32_t *)out)[1] = (uint32_t)(key >> 32); break;
  }
}

static void chain(ck_pool *pool, const ck_step *s, void *const *bases) {
  const ck_chain_code *code = s->chain;
  ck_chain_input inputs[CK_CHAIN_INPUTS];
  void *places[CK_CHAIN_REGISTERS];
  for (int i = 0; i < code->inputs; i++) {
    const ck_operand *o = &s->operands[i];
    inputs[i] = (ck_chain_input){.first = place(o, bases), .rank = o->rank, .shape = o->shape, .strides = o->strides};
  }
  // After the inputs come the places that are written, the result's own being the scratch memory.
  for (int i = code->inputs; i < s->count; i++) places[i - code->inputs] = place(&s->operands[i], bases);
  ck_chain(pool, code, inputs, places, place(&s->out, bases));
}

static void reduce(const ck_step *s, void *const *bases) {
  const ck_operand *x = &s->operands[0];
  bool reduced[CK_MAX_RANK];
  for (int a = 0; a < x->rank; a++) reduced[a] = s->parameters[a] != 0;
  ck_reduce((CKReduction)s->function, x->type, x->rank, x->shape, place(x, bases), x->strides, reduced,
            place(&s->out, bases));
}

static bool loop(ck_pool *pool, const ck_scan *l, void *const *bases, ck_failure *failure) {
  void *inner[l->bindings + 1];
  inner[0] = (char *)bases[l->block.base] + l->block.offset;
  for (int64_t t = 0; t < l->steps; t++) {
    for (int i = 0; i < l->bindings; i++) {
      const ck_binding *b = &l->places[i];
      bool first = b->has_first && t == 0, last = b->has_last && t == l->steps - 1;
      const ck_place *p = first ? &b->first : last ? &b->last : &b->place;
      inner[i + 1] = (char *)bases[p->base] + p->offset + (first || last ? 0 : ((t + b->shift) & b->mask) * b->stride);
    }
    if (ck_run(pool, l->count, l->body, inner, failure) >= 0) return false;
  }
  return true;
}

long ck_run(ck_pool *pool, long count, const ck_step *steps, void *const *bases, ck_failure *failure) {
  for (long i = 0; i < count; i++) {
    const ck_step *s = &steps[i];
    const ck_operand *x = s->count > 0 ? &s->operands[0] : NULL, *y = s->count > 1 ? &s->operands[1] : NULL;
    const ck_operand *o = &s->out;
    void *out = s->kind == CKStepKindLoop ? NULL : place(o, bases);
    switch (s->kind) {
      case CKStepKindUnary:
        ck_unary((CKUnary)s->function, o->type, o->rank, o->shape, place(x, bases), x->strides, out);
        break;
      case CKStepKindBinary:
        ck_binary((CKBinary)s->function, o->type, o->rank, o->shape, place(x, bases), x->strides, place(y, bases),
                  y->strides, out);
        break;
      case CKStepKindCompare:
        ck_compare((CKComparison)s->function, x->type, o->rank, o->shape, place(x, bases), x->strides, place(y, bases),
                   y->strides, out);
        break;
      case CKStepKindSelect: {
        const ck_operand *z = &s->operands[2];
        ck_select(o->type, o->rank, o->shape, (const bool *)place(x, bases), x->strides, place(y, bases), y->strides,
                  place(z, bases), z->strides, out);
        break;
      }
      case CKStepKindCast: ck_cast(x->type, o->type, elements(o), place(x, bases), out); break;
      case CKStepKindCopy: ck_copy(x->type, x->rank, x->shape, place(x, bases), x->strides, out, o->strides); break;
      case CKStepKindClear: memset(out, 0, (size_t)elements(o) * ck_size(o->type)); break;
      case CKStepKindReduce: reduce(s, bases); break;
      case CKStepKindArgument:
        ck_argument(s->function != 0, x->type, s->parameters[0], s->parameters[1], s->parameters[2], place(x, bases), out);
        break;
      case CKStepKindMatmul: ck_products(pool, s, bases); break;
      case CKStepKindGather:
      case CKStepKindScatter: {
        long wrong = pick(s, bases);
        if (wrong >= 0) {
          long index = ((const int32_t *)place(y, bases))[wrong];
          *failure = (ck_failure){s->kind == CKStepKindGather, index, wrong, s->parameters[2]};
          return i;
        }
        break;
      }
      case CKStepKindConvolution: ck_convolutions(pool, s, bases); break;
      case CKStepKindRandom: random_numbers(s, bases); break;
      case CKStepKindChain: chain(pool, s, bases); break;
      case CKStepKindLoop:
        if (!loop(pool, s->loop, bases, failure)) return i;
        break;
    }
  }
  return -1;
}
