// Sums of matrix products, as a step of a plan: batches, and large products shared by several threads.
#include <string.h>

#include "matmul_library.h"
#include "steps.h"

// A product of fewer multiplications is over before another thread has begun with its part, about a microsecond later.
#define WORTH_SHARING (1 << 18)
// Parts are cut at multiples of this many rows or columns, so that all tiles but the last are full.
#define GRAIN 48

/// One product for each matrix of a batch. Whoever computes which part of it, an element is the same sum.
typedef struct {
  CKType type;
  long m, n, k, size;
  double scale;
  const char *x, *y, *base;
  char *out;
  long x_row, x_column, y_row, y_column, base_row;
  int batch;
  const long *shape, *x_strides, *y_strides, *base_strides;
  /// How many parts there are, and how many rows or columns, or products, a part has.
  long products, grain;
  enum { BY_PRODUCT, BY_ROW, BY_COLUMN } cut;
} job;

/// The products from `first` to `end`, of each the rows × columns at (row, column).
static void compute(const job *j, long first, long end, long row, long rows, long column, long columns) {
  long index[CK_MAX_RANK] = {0}, size = j->size;
  const char *x = j->x, *y = j->y, *base = j->base;
  for (long a = j->batch - 1, rest = first; a >= 0; a--) {
    index[a] = rest % j->shape[a], rest /= j->shape[a];
    x += index[a] * j->x_strides[a] * size, y += index[a] * j->y_strides[a] * size;
    if (base) base += index[a] * j->base_strides[a] * size;
  }
  const bool is_whole = rows == j->m && columns == j->n;
  for (long p = first; p < end; p++) {
    if (is_whole)
      ck_matmul_add(j->type, rows, columns, j->k, x, j->x_row, j->x_column, y, j->y_row, j->y_column, j->scale, base,
                    j->base_row, j->out + p * j->m * j->n * size);
    else
      ck_matmul_part(j->type, rows, columns, j->k, x + row * j->x_row * size, j->x_row, j->x_column,
                     y + column * j->y_column * size, j->y_row, j->y_column, j->scale,
                     base ? base + (row * j->base_row + column) * size : NULL, j->base_row,
                     j->out + (p * j->m * j->n + row * j->n + column) * size, j->n);
    for (int a = j->batch - 1; a >= 0; a--) {
      x += j->x_strides[a] * size, y += j->y_strides[a] * size;
      if (base) base += j->base_strides[a] * size;
      if (++index[a] < j->shape[a]) break;
      x -= j->x_strides[a] * j->shape[a] * size, y -= j->y_strides[a] * j->shape[a] * size;
      if (base) base -= j->base_strides[a] * j->shape[a] * size;
      index[a] = 0;
    }
  }
}

static void part(void *context, long number) {
  const job *j = context;
  long first = number * j->grain, end = first + j->grain;
#define CUT(whole) (end < (whole) ? end : (whole))
  switch (j->cut) {
    case BY_PRODUCT: compute(j, first, CUT(j->products), 0, j->m, 0, j->n); break;
    case BY_ROW: compute(j, 0, 1, first, CUT(j->m) - first, 0, j->n); break;
    case BY_COLUMN: compute(j, 0, 1, 0, j->m, first, CUT(j->n) - first); break;
  }
}

/// out = base + scale · x · y for each matrix of a batch; `base` may be null.
static void multiply(ck_pool *pool, const ck_operand *x, const ck_operand *y, double scale, const ck_operand *base,
                     const ck_operand *o, void *const *bases) {
  int batch = o->rank - 2;
  long xd[CK_MAX_RANK], yd[CK_MAX_RANK], bd[CK_MAX_RANK] = {0};
  const long *xs = strides(x, xd), *ys = strides(y, yd), *bs = base ? strides(base, bd) : bd;
  job j = {
      .type = o->type, .m = o->shape[batch], .n = o->shape[batch + 1], .k = x->shape[batch + 1],
      .size = (long)ck_size(o->type), .scale = scale, .x = place(x, bases), .y = place(y, bases),
      .base = base ? place(base, bases) : NULL, .out = place(o, bases),
      .x_row = xs[o->rank - 2], .x_column = xs[o->rank - 1], .y_row = ys[o->rank - 2], .y_column = ys[o->rank - 1],
      .base_row = bs[o->rank - 2], .shape = o->shape, .x_strides = xs, .y_strides = ys, .base_strides = bs,
      .products = 1};
  // Rows that follow on each other and meet the same matrix are the rows of one product.
  while (batch > 0 && ys[batch - 1] == 0 && xs[batch - 1] == j.m * j.x_row && (!base || bs[batch - 1] == j.m * j.base_row))
    j.m *= o->shape[--batch];
  j.batch = batch;
  for (int a = 0; a < batch; a++) j.products *= o->shape[a];
  long threads = ck_pool_threads(pool);
  if (threads > 1 && j.products * j.m * j.n * j.k >= WORTH_SHARING) {
    // Columns where each part of the rows would have to pack all of y anew. Vectors, and what goes to the library, are
    // computed as a whole, and so they must be for any number of threads.
    const bool is_one = j.products == 1, is_tall = j.m >= j.n;
    const bool cannot_be_cut = is_one && (j.m == 1 || j.n == 1 || ck_is_for_library(j.m, j.n, j.k));
    long whole = !is_one ? j.products : is_tall ? j.m : j.n, grain = is_one ? GRAIN : 1, parts = 2 * threads;
    j.cut = !is_one ? BY_PRODUCT : is_tall ? BY_ROW : BY_COLUMN;
    j.grain = ((whole + parts - 1) / parts + grain - 1) / grain * grain;
    if (whole > j.grain && !cannot_be_cut) {
      ck_pool_run(pool, (whole + j.grain - 1) / j.grain, part, &j);
      return;
    }
  }
  compute(&j, 0, j.products, 0, j.m, 0, j.n);
}

void ck_products(ck_pool *pool, const ck_step *s, void *const *bases) {
  bool adds = s->parameters[0] != 0;
  const ck_operand *base = adds ? &s->operands[0] : NULL;
  if (base && base->rank > 0 && base->shape[base->rank - 1] > 1 && base->strides && base->strides[base->rank - 1] != 1) {
    ck_copy(base->type, base->rank, base->shape, place(base, bases), base->strides, place(&s->out, bases), NULL);
    base = &s->out;
  }
  // The first parameter says whether the first operand is added; the others are scales.
  for (int i = adds, p = 1; i < s->count; i += 2, p++) {
    double scale;
    memcpy(&scale, &s->parameters[p], sizeof scale);
    multiply(pool, &s->operands[i], &s->operands[i + 1], scale, base, &s->out, bases);
    base = &s->out;
  }
}
