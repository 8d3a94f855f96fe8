// The tiles of the gradient by the filters. Included by convolution_tile.h, once for each scalar type and width.

/// Adds the products of some numbers, one behind the other, with a row of a panel.
TARGET static inline __attribute__((always_inline)) void NAME(add_row)(const int rows, const W *x, const W *y, NAME(vector) * a,
                                                                       NAME(vector) * b) {
  NAME(factors) y0 = *(const NAME(factors) *)y, y1 = *(const NAME(factors) *)(y + LANES);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    W value = x[i];
    MULTIPLY_ADD(a[i], value, y0);
    MULTIPLY_ADD(b[i], value, y1);
  }
}

/// Rows of the filters' gradient, one behind the other: the sum over pixels of the elements of x from `x_offset` on, each
/// times the pixel's row of the panel.
TARGET static inline __attribute__((always_inline)) void NAME(filter_tile)(
    const int rows, const NAME(strip) * s, long pixels, const W *const *from, const long *places, T *out, long out_row) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(load)(&a[i], &b[i], out + i * out_row, s->columns);
  // Each pixel takes two pointers beside its numbers, so the end of a turn counts; eight pixels of 6 rows, as many products as
  // four of 12, were slower than one.
#pragma clang loop unroll_count(ROWS == 6 ? 4 : 1)
  for (long p = 0; p < pixels; p++) NAME(add_row)(rows, from[p] + s->x_offset, s->panel + places[p], a, b);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(a[i], b[i], out + i * out_row, s->columns);
}

/// Rows of x, evenly apart, and as many of a panel, one behind the other.
typedef struct {
  const W *x, *panel;
  long count;
} NAME(stretch);

/// Rows of a gradient, or what is added to them, from some stretches: the products of a number of each row of x, `x_offset` behind its
/// first and one further for each row of the gradient, with the panel's row. Addresses that count take no instruction of their own,
/// unlike the pointers above: two of 23, which is a seventh of the time where a neighbour takes half of the processor's instructions.
TARGET static inline __attribute__((always_inline)) void NAME(even_tile)(
    const int rows, long stretches, const NAME(stretch) * some, long x_offset, long panel_offset, long x_row, T *out, long out_row,
    bool adds) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    a[i] = b[i] = (NAME(vector)){0};
    if (adds) a[i] = *(const NAME(vector) *)(out + i * out_row), b[i] = *(const NAME(vector) *)(out + i * out_row + LANES);
  }
  for (; stretches > 0; stretches--, some++) {
    const W *x = some->x + x_offset, *y = some->panel + panel_offset;
#pragma clang loop unroll_count(ROWS == 6 ? 4 : 2)
    for (long p = some->count; p > 0; p--, x += x_row, y += 2 * LANES) NAME(add_row)(rows, x, y, a, b);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
    *(NAME(vector) *)(out + i * out_row) = a[i], *(NAME(vector) *)(out + i * out_row + LANES) = b[i];
}
