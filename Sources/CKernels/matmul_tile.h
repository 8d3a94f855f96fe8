// A matrix product for one scalar type and one vector width. Included several times with these defined:
//   T, LANES (numbers in a vector), NAME(x), TARGET, LOAD(p, n) and STORE(p, v, n) (the first n numbers of a vector),
//   and TALL(vectors): the rows of a register tile that is 1, 2 or 3 vectors wide.
//
// The rows of y under a tile are read in place where they lie densely and near each other, and else packed into a panel
// that stays in the first-level cache; x is read in place whatever its strides.

typedef T NAME(vector) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T))));

/// What all tiles of a strip share.
typedef struct {
  long k, x_row, x_column, y_row, base_row, out_row, last;
  const T *y;
  T scale;
  bool continues;  // the sums so far are in out
} NAME(strip);

TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const int vectors, const NAME(strip) *s, const T *x, const T *base, T *out) {
  NAME(vector) sum[12][3];
  const long x_row = s->x_row, x_column = s->x_column, y_row = s->y_row, k = s->k, last = s->last;
  const T *y = s->y;
  // All loops over the tile are unrolled, so that the sums are registers.
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = sum[i][2] = (NAME(vector)){0};
#define STEP(READ_LAST)                                                                   \
  for (long p = 0; p < k; p++) {                                                          \
    const T *from = y + p * y_row;                                                        \
    NAME(vector) y0, y1, y2;                                                              \
    if (vectors == 1) y0 = READ_LAST(from);                                               \
    if (vectors == 2) y0 = *(const NAME(vector) *)from, y1 = READ_LAST(from + LANES);     \
    if (vectors == 3)                                                                     \
      y0 = *(const NAME(vector) *)from, y1 = *(const NAME(vector) *)(from + LANES),       \
      y2 = READ_LAST(from + 2 * LANES);                                                   \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                   \
      T value = x[i * x_row + p * x_column];                                              \
      sum[i][0] += value * y0;                                                            \
      if (vectors > 1) sum[i][1] += value * y1;                                           \
      if (vectors > 2) sum[i][2] += value * y2;                                           \
    }                                                                                     \
  }
#define WHOLE(p) (*(const NAME(vector) *)(p))
#define PART(p) LOAD(p, last)
  if (last == LANES) {
    STEP(WHOLE)
  } else {
    STEP(PART)
  }
#undef STEP
#undef WHOLE
#undef PART
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    T *o = out + i * s->out_row;
    const T *b = base + i * s->base_row;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      const bool whole = v < vectors - 1 || last == LANES;
      NAME(vector) value = sum[i][v];
      if (s->continues) value += whole ? *(const NAME(vector) *)(o + v * LANES) : LOAD(o + v * LANES, last);
      // Rounded before it is added, as plain evaluation does.
      value *= s->scale;
      if (whole) {
        if (base) value = *(const NAME(vector) *)(b + v * LANES) + value;
        *(NAME(vector) *)(o + v * LANES) = value;
      } else {
        if (base) value = LOAD(b + v * LANES, last) + value;
        STORE(o + v * LANES, value, last);
      }
    }
  }
}

typedef void (*NAME(tile_function))(const NAME(strip) *s, const T *x, const T *base, T *out);
#define TILE(rows, vectors)                                                                                     \
  TARGET static void NAME(tile_##rows##_##vectors)(const NAME(strip) *s, const T *x, const T *base, T *out) {  \
    NAME(tile)(rows, vectors, s, x, base, out);                                                                 \
  }
#define WIDTHS(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3)
WIDTHS(1) WIDTHS(2) WIDTHS(3) WIDTHS(4) WIDTHS(5) WIDTHS(6) WIDTHS(7) WIDTHS(8) WIDTHS(9) WIDTHS(10) WIDTHS(11) WIDTHS(12)
#undef WIDTHS
#undef TILE
#define WIDTHS(rows) {NAME(tile_##rows##_1), NAME(tile_##rows##_2), NAME(tile_##rows##_3)}
static const NAME(tile_function) NAME(tiles)[12][3] = {
    WIDTHS(1), WIDTHS(2), WIDTHS(3), WIDTHS(4), WIDTHS(5), WIDTHS(6),
    WIDTHS(7), WIDTHS(8), WIDTHS(9), WIDTHS(10), WIDTHS(11), WIDTHS(12)};
#undef WIDTHS

/// Writes `depth` rows of y, `columns` wide, as a dense panel of `width` columns with zeros beyond.
TARGET static void NAME(pack)(long depth, long columns, long width, const T *y, long y_row, long y_column, T *panel) {
  if (y_column == 1) {
    for (long p = 0; p < depth; p++) {
      for (long c = 0; c < columns; c++) panel[p * width + c] = y[p * y_row + c];
      for (long c = columns; c < width; c++) panel[p * width + c] = 0;
    }
    return;
  }
  long c = 0;
  if (y_row == 1 && depth >= TRANSPOSED)
    for (; c < columns && c + TRANSPOSED <= width; c += TRANSPOSED)
      // The last blocks reach back over rows that are done, and repeat a column where there are no more.
      for (long done = 0; done < depth; done += TRANSPOSED) {
        long p = done + TRANSPOSED <= depth ? done : depth - TRANSPOSED;
        TRANSPOSE(y + p + c * y_column, y_column, columns - c, panel + p * width + c, width);
      }
  for (; c < columns; c++)
    for (long p = 0; p < depth; p++) panel[p * width + c] = y[p * y_row + c * y_column];
  if (c < width)
    for (long p = 0; p < depth; p++)
      for (long i = c; i < width; i++) panel[p * width + i] = 0;
}

/// out = base + scale · x · y, where a null base is zero; both dense along their rows.
TARGET static void NAME(matmul)(long m, long n, long k, const T *x, long x_row, long x_column, const T *y, long y_row,
                                long y_column, double scale, const T *base, long base_row, T *out) {
  enum { DEPTH = 256 };
  static const int tall[3] = {TALL(1), TALL(2), TALL(3)};
  T panel[DEPTH * 3 * LANES] __attribute__((aligned(64)));
  // Rows of y that lie far apart evict each other from the cache; packing them pays for itself after a few tiles.
  const bool packs = y_column != 1 || (m > 48 && y_row * (long)sizeof(T) > 512);
  NAME(strip) s = {.x_row = x_row, .x_column = x_column, .out_row = n};
  for (long start = 0; start < k; start += packs ? DEPTH : k) {
    s.k = packs && k - start > DEPTH ? DEPTH : k - start;
    // The sums of several panels are scaled and added to the base when they are complete, unless the base is in the way.
    const bool is_last = start + s.k == k, at_once = base == out;
    const T *from = at_once || is_last ? base : NULL;
    s.base_row = base_row;
    s.scale = at_once || is_last ? (T)scale : 1;
    s.continues = !at_once && start > 0;
    for (long j = 0; j < n;) {
      long left = (n - j + LANES - 1) / LANES;
      // As few strips as can be, none narrow if it need not be: 3, 2 + 2, 3 + 2, …
      int vectors = left <= 3 ? (int)left : left % 2 ? 3 : 2;
      long columns = n - j < vectors * LANES ? n - j : vectors * LANES;
      s.last = columns - (vectors - 1) * LANES;
      s.y = y + start * y_row + j * y_column;
      s.y_row = y_row;
      if (packs) {
        NAME(pack)(s.k, columns, vectors * LANES, s.y, y_row, y_column, panel);
        s.y = panel;
        s.y_row = vectors * LANES;
      }
      // Tiles of about one height, so that none is too low to hide the latency of its additions.
      long tiles = (m + tall[vectors - 1] - 1) / tall[vectors - 1], i = 0;
      for (long t = 0; t < tiles; t++) {
        long rows = (m - i + tiles - t - 1) / (tiles - t);
        NAME(tiles)[rows - 1][vectors - 1](&s, x + start * x_column + i * x_row, from ? from + i * s.base_row + j : NULL,
                                           out + i * n + j);
        i += rows;
      }
      j += columns;
    }
  }
}

#undef T
#undef LANES
#undef NAME
#undef TARGET
#undef LOAD
#undef STORE
#undef TALL
#undef TRANSPOSE
#undef TRANSPOSED
