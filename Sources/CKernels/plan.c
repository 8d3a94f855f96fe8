#include "CKernels.h"

#include <string.h>

#include "loops.h"

static inline char *place(const ck_operand *o, void *const *bases) { return (char *)bases[o->base] + o->offset; }

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

/// The strides of an operand, written out in `memory` where it is dense.
static const long *strides(const ck_operand *o, long *memory) {
  if (o->strides) return o->strides;
  long next = 1;
  for (int a = o->rank - 1; a >= 0; a--) memory[a] = next, next *= o->shape[a];
  return memory;
}

/// out = base + scale · x · y for each matrix of a batch; `base` may be null.
static void multiply(const ck_operand *x, const ck_operand *y, double scale, const ck_operand *base, const ck_operand *o,
                     void *const *bases) {
  int batch = o->rank - 2;
  long m = o->shape[batch], n = o->shape[batch + 1], k = x->shape[batch + 1], size = (long)ck_size(o->type);
  long xd[CK_MAX_RANK], yd[CK_MAX_RANK], bd[CK_MAX_RANK] = {0};
  const long *xs = strides(x, xd), *ys = strides(y, yd), *bs = base ? strides(base, bd) : bd;
  const char *from = place(x, bases), *other = place(y, bases), *first = base ? place(base, bases) : NULL;
  char *to = place(o, bases);
  long next = m;
  // Rows that follow on each other and meet the same matrix are the rows of one product.
  while (batch > 0 && ys[batch - 1] == 0 && xs[batch - 1] == next * xs[o->rank - 2] &&
         (!base || bs[batch - 1] == next * bs[o->rank - 2])) {
    m *= o->shape[--batch];
    next = m;
  }
  long products = 1, index[CK_MAX_RANK] = {0};
  for (int a = 0; a < batch; a++) products *= o->shape[a];
  for (long p = 0; p < products; p++, to += m * n * size) {
    ck_matmul_add(o->type, m, n, k, from, xs[o->rank - 2], xs[o->rank - 1], other, ys[o->rank - 2], ys[o->rank - 1],
                  scale, first, bs[o->rank - 2], to);
    for (int a = batch - 1; a >= 0; a--) {
      from += xs[a] * size, other += ys[a] * size;
      if (first) first += bs[a] * size;
      if (++index[a] < o->shape[a]) break;
      from -= xs[a] * o->shape[a] * size, other -= ys[a] * o->shape[a] * size;
      if (first) first -= bs[a] * o->shape[a] * size;
      index[a] = 0;
    }
  }
}

/// The sum of some products, and of the first operand if the first parameter says so; the others are scales.
static void matmul(const ck_step *s, void *const *bases) {
  bool adds = s->parameters[0] != 0;
  const ck_operand *base = adds ? &s->operands[0] : NULL;
  if (base && base->rank > 0 && base->shape[base->rank - 1] > 1 && base->strides && base->strides[base->rank - 1] != 1) {
    ck_copy(base->type, base->rank, base->shape, place(base, bases), base->strides, place(&s->out, bases), NULL);
    base = &s->out;
  }
  for (int i = adds, p = 1; i < s->count; i += 2, p++) {
    double scale;
    memcpy(&scale, &s->parameters[p], sizeof scale);
    multiply(&s->operands[i], &s->operands[i + 1], scale, base, &s->out, bases);
    base = &s->out;
  }
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

/// A convolution for each element of the axes before the last four.
static void convolve(const ck_step *s, void *const *bases) {
  const ck_operand *x = &s->operands[0], *y = &s->operands[1], *o = &s->out;
  ck_convolution c;
  memcpy(&c, s->parameters, sizeof c);
  long xd[CK_MAX_RANK], yd[CK_MAX_RANK], index[CK_MAX_RANK] = {0}, count = 1, size = (long)ck_size(o->type), whole = size;
  const long *xs = strides(x, xd), *ys = strides(y, yd);
  int batch = o->rank - 4;
  for (int a = 0; a < batch; a++) count *= o->shape[a];
  for (int a = batch; a < o->rank; a++) whole *= o->shape[a];
  const char *from = place(x, bases), *other = place(y, bases);
  char *to = place(o, bases);
  for (long p = 0; p < count; p++, to += whole) {
    ck_convolve((CKConvolution)s->function, o->type, &c, from, other, to, place(&s->operands[2], bases));
    for (int a = batch - 1; a >= 0; a--) {
      from += xs[a] * size, other += ys[a] * size;
      if (++index[a] < o->shape[a]) break;
      from -= xs[a] * o->shape[a] * size, other -= ys[a] * o->shape[a] * size;
      index[a] = 0;
    }
  }
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

static void chain(const ck_step *s, void *const *bases) {
  const ck_chain_code *code = s->chain;
  ck_chain_input inputs[CK_CHAIN_INPUTS];
  void *places[CK_CHAIN_REGISTERS];
  for (int i = 0; i < code->inputs; i++) {
    const ck_operand *o = &s->operands[i];
    inputs[i] = (ck_chain_input){.first = place(o, bases), .rank = o->rank, .shape = o->shape, .strides = o->strides};
  }
  // After the inputs come the places that are written, the result's own being the scratch memory.
  for (int i = code->inputs; i < s->count; i++) places[i - code->inputs] = place(&s->operands[i], bases);
  ck_chain(code, inputs, places, place(&s->out, bases));
}

static void reduce(const ck_step *s, void *const *bases) {
  const ck_operand *x = &s->operands[0];
  bool reduced[CK_MAX_RANK];
  for (int a = 0; a < x->rank; a++) reduced[a] = s->parameters[a] != 0;
  ck_reduce((CKReduction)s->function, x->type, x->rank, x->shape, place(x, bases), x->strides, reduced,
            place(&s->out, bases));
}

static bool loop(const ck_scan *l, void *const *bases, ck_failure *failure) {
  void *inner[l->bindings + 1];
  inner[0] = (char *)bases[l->block.base] + l->block.offset;
  for (int64_t t = 0; t < l->steps; t++) {
    for (int i = 0; i < l->bindings; i++) {
      const ck_binding *b = &l->places[i];
      bool first = b->has_first && t == 0, last = b->has_last && t == l->steps - 1;
      const ck_place *p = first ? &b->first : last ? &b->last : &b->place;
      inner[i + 1] = (char *)bases[p->base] + p->offset + (first || last ? 0 : ((t + b->shift) & b->mask) * b->stride);
    }
    if (ck_run(l->count, l->body, inner, failure) >= 0) return false;
  }
  return true;
}

long ck_run(long count, const ck_step *steps, void *const *bases, ck_failure *failure) {
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
      case CKStepKindMatmul: matmul(s, bases); break;
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
      case CKStepKindConvolution: convolve(s, bases); break;
      case CKStepKindRandom: random_numbers(s, bases); break;
      case CKStepKindChain: chain(s, bases); break;
      case CKStepKindLoop:
        if (!loop(s->loop, bases, failure)) return i;
        break;
    }
  }
  return -1;
}
