// Convolutions as a step of a plan: batches of them, and large ones shared by several threads.
#include <string.h>

#include "steps.h"

typedef struct {
  CKConvolution form;
  CKType type;
  const ck_convolution *convolution;
  const char *first, *second;
  char *out;
  ck_shares scratch;
  /// How many there are, and how many a part has.
  long pieces, grain;
} job;

static void part(void *context, long number) {
  job *j = context;
  char *scratch = ck_shares_take(&j->scratch);
  long start = number * j->grain, end = start + j->grain;
  ck_convolve_part(j->form, j->type, j->convolution, j->first, j->second, j->out, scratch, start,
                   end < j->pieces ? end : j->pieces, j->pieces);
  ck_shares_give(&j->scratch, scratch);
}

void ck_convolutions(ck_pool *pool, const ck_step *s, void *const *bases) {
  const ck_operand *x = &s->operands[0], *y = &s->operands[1], *o = &s->out;
  ck_convolution c;
  memcpy(&c, s->parameters, sizeof c);
  long shares = s->parameters[sizeof c / sizeof(long)];
  long xd[CK_MAX_RANK], yd[CK_MAX_RANK], index[CK_MAX_RANK] = {0}, count = 1, size = (long)ck_size(o->type), whole = size;
  const long *xs = strides(x, xd), *ys = strides(y, yd);
  int batch = o->rank - 4;
  for (int a = 0; a < batch; a++) count *= o->shape[a];
  for (int a = batch; a < o->rank; a++) whole *= o->shape[a];
  char *scratch = place(&s->operands[2], bases);
  job j = {.form = (CKConvolution)s->function, .type = o->type, .convolution = &c, .first = place(x, bases),
           .second = place(y, bases), .out = place(o, bases)};
  const long threads = ck_pool_threads(pool) < shares ? ck_pool_threads(pool) : shares;
  j.pieces = ck_convolution_pieces(j.form, &c, threads);
  const bool is_shared = threads > 1 && j.pieces > 1;
  for (long p = 0; p < count; p++, j.out += whole) {
    if (is_shared) {
      // Those of the filters' gradient one by one, for there are few.
      long parts = j.form == CKConvolutionFilters && ck_pool_threads(pool) <= shares ? j.pieces : ck_parts(pool, shares);
      j.grain = (j.pieces + parts - 1) / parts;
      j.scratch = ck_shares_of(scratch, ck_convolution_scratch(j.form, j.type, &c), shares);
      ck_pool_run(pool, (j.pieces + j.grain - 1) / j.grain, part, &j);
    } else {
      ck_convolve(j.form, j.type, &c, j.first, j.second, j.out, scratch);
    }
    for (int a = batch - 1; a >= 0; a--) {
      j.first += xs[a] * size, j.second += ys[a] * size;
      if (++index[a] < o->shape[a]) break;
      j.first -= xs[a] * o->shape[a] * size, j.second -= ys[a] * o->shape[a] * size;
      index[a] = 0;
    }
  }
}
