// A matrix product for one scalar type and one vector width. Included several times with these defined:
//   T, LANES (numbers in a vector), NAME(x), TARGET, LOAD(p, n) and STORE(p, v, n) (the first n numbers of a vector),
//   TALL(vectors): the rows of a register tile that is 1, 2 or 3 vectors wide, and, where tiles may end in half a vector,
//   HAS_HALF_TILES as 1 and LOAD_HALF and STORE_HALF, the same for one.
//
// The rows of y under a tile are read in place where they lie densely and near each other, and else packed into a panel
// that stays in the first-level cache; x is read in place whatever its strides.

typedef T NAME(vector) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T))));
#ifndef HAS_HALF_TILES
#define HAS_HALF_TILES 0
#define LOAD_HALF(p, n) (*(const NAME(half) *)(p))
#define STORE_HALF(p, v, n) (*(NAME(half) *)(p) = (v))
#endif
typedef T NAME(half) __attribute__((vector_size(LANES / 2 * sizeof(T)), aligned(sizeof(T))));

/// What all tiles of a strip share.
typedef struct {
  long k, x_row, x_column, y_row, base_row, out_row, last;
  const T *y;
  T scale;
  bool continues;  // the sums so far are in out
} NAME(strip);

TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const int vectors, const bool ends_in_half, const NAME(strip) *s, const T *x, const T *base, T *out) {
  NAME(vector) sum[12][3];
  NAME(half) rest[12];
  const long x_row = s->x_row, x_column = s->x_column, y_row = s->y_row, k = s->k, last = s->last;
  const int wholes = ends_in_half ? vectors - 1 : vectors, end = LANES * (vectors - 1);
  const T *y = s->y;
  // All loops over the tile are unrolled, so that the sums are registers.
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = sum[i][2] = (NAME(vector)){0}, rest[i] = (NAME(half)){0};
#define STEP(READ_LAST, READ_HALF)                                                             \
  for (long p = 0; p < k; p++) {                                                               \
    const T *from = y + p * y_row;                                                             \
    NAME(vector) of_y[3];                                                                      \
    NAME(half) half_of_y;                                                                      \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < wholes; v++)                        \
      of_y[v] = v < vectors - 1 ? *(const NAME(vector) *)(from + v * LANES) : READ_LAST(from + end); \
    if (ends_in_half) half_of_y = READ_HALF(from + end);                                       \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                        \
      T value = x[i * x_row + p * x_column];                                                   \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < wholes; v++) sum[i][v] += value * of_y[v]; \
      if (ends_in_half) rest[i] += value * half_of_y;                                          \
    }                                                                                          \
  }
#define WHOLE(p) (*(const NAME(vector) *)(p))
#define WHOLE_HALF(p) (*(const NAME(half) *)(p))
#define PART(p) LOAD(p, last)
#define PART_OF_HALF(p) LOAD_HALF(p, last)
  if (last == (ends_in_half ? LANES / 2 : LANES)) {
    STEP(WHOLE, WHOLE_HALF)
  } else {
    STEP(PART, PART_OF_HALF)
  }
#undef STEP
#undef WHOLE
#undef WHOLE_HALF
#undef PART
#undef PART_OF_HALF
  // Read before anything is written, which could change them for all that the compiler knows.
  const long out_row = s->out_row, base_row = s->base_row;
  const T scale = s->scale;
  const bool continues = s->continues;
#define FINISH(WITH)                                                                        \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                       \
    T *o = out + i * out_row;                                                               \
    const T *b = base + i * base_row;                                                       \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < wholes; v++) {                   \
      NAME(vector) value = sum[i][v];                                                       \
      if (v < vectors - 1 || last == LANES) {                                               \
        WITH(*(const NAME(vector) *)(o + v * LANES), *(const NAME(vector) *)(b + v * LANES)) \
        *(NAME(vector) *)(o + v * LANES) = value;                                           \
      } else {                                                                              \
        WITH(LOAD(o + v * LANES, last), LOAD(b + v * LANES, last))                          \
        STORE(o + v * LANES, value, last);                                                  \
      }                                                                                     \
    }                                                                                       \
    if (ends_in_half) {                                                                     \
      NAME(half) value = rest[i];                                                           \
      WITH(LOAD_HALF(o + end, last), LOAD_HALF(b + end, last))                              \
      STORE_HALF(o + end, value, last);                                                     \
    }                                                                                       \
  }
// A product is rounded before it is added to the base, as plain evaluation does: in one expression the two would become
// one operation.
#define SCALED(before, start) value *= scale;
#define ADDED(before, start) \
  value *= scale;            \
  value = start + value;
#define CONTINUED(before, start) \
  value += before;               \
  value *= scale;                \
  if (base) value = start + value;
  if (continues) {
    FINISH(CONTINUED)
  } else if (base) {
    FINISH(ADDED)
  } else {
    FINISH(SCALED)
  }
#undef FINISH
#undef SCALED
#undef ADDED
#undef CONTINUED
}

typedef void (*NAME(tile_function))(const NAME(strip) *s, const T *x, const T *base, T *out);
#define TILE(rows, vectors, half, ends_in_half)                                                                      \
  TARGET static void NAME(tile_##rows##_##vectors##half)(const NAME(strip) *s, const T *x, const T *base, T *out) {  \
    NAME(tile)(rows, vectors, ends_in_half, s, x, base, out);                                                        \
  }
#define HEIGHTS(WIDTHS)                                                                                              \
  WIDTHS(1) WIDTHS(2) WIDTHS(3) WIDTHS(4) WIDTHS(5) WIDTHS(6) WIDTHS(7) WIDTHS(8) WIDTHS(9) WIDTHS(10) WIDTHS(11) WIDTHS(12)
#define TILES(rows) TILE(rows, 1, , false) TILE(rows, 2, , false) TILE(rows, 3, , false)
#define NAMES(rows) {NAME(tile_##rows##_1), NAME(tile_##rows##_2), NAME(tile_##rows##_3)},
HEIGHTS(TILES)
static const NAME(tile_function) NAME(tiles)[12][3] = {HEIGHTS(NAMES)};
#if HAS_HALF_TILES
// Tiles whose last vector is a half, in which the processor may add twice as fast.
#define HALF_TILES(rows) TILE(rows, 1, _half, true) TILE(rows, 2, _half, true) TILE(rows, 3, _half, true)
#define HALF_NAMES(rows) {NAME(tile_##rows##_1_half), NAME(tile_##rows##_2_half), NAME(tile_##rows##_3_half)},
HEIGHTS(HALF_TILES)
static const NAME(tile_function) NAME(half_tiles)[12][3] = {HEIGHTS(HALF_NAMES)};
#undef HALF_TILES
#undef HALF_NAMES
#endif
#undef HEIGHTS
#undef TILES
#undef NAMES
#undef TILE

/// Writes `depth` rows of y, `columns` wide, as a dense panel of `width` columns with zeros beyond.
TARGET static void NAME(pack)(long depth, long columns, long width, const T *y, long y_row, long y_column, T *panel) {
  if (y_column == 1) {
    if (columns == width) {
      for (long p = 0; p < depth; p++)
        for (long c = 0; c < width; c += LANES)
          *(NAME(vector) *)(panel + p * width + c) = *(const NAME(vector) *)(y + p * y_row + c);
      return;
    }
    for (long p = 0; p < depth; p++) {
      for (long c = 0; c < columns; c++) panel[p * width + c] = y[p * y_row + c];
      for (long c = columns; c < width; c++) panel[p * width + c] = 0;
    }
    return;
  }
  long c = y_row == 1 ? TRANSPOSED_PANEL(depth, columns, width, y, y_column, panel) : 0;
  for (; c < columns; c++)
    for (long p = 0; p < depth; p++) panel[p * width + c] = y[p * y_row + c * y_column];
  if (c < width)
    for (long p = 0; p < depth; p++)
      for (long i = c; i < width; i++) panel[p * width + i] = 0;
}

/// Writes `rows` rows of x, whose columns are dense, column after column.
TARGET static void NAME(pack_rows)(long depth, long rows, const T *x, long x_column, T *tile) {
#define ROWS(count) \
  for (long p = 0; p < depth; p++) memcpy(tile + p * (count), x + p * x_column, (count) * sizeof(T));
  if (rows == TALL(2)) {
    ROWS(TALL(2))
  } else {
    ROWS((size_t)rows)
  }
#undef ROWS
}

/// The number of vectors in the next strip: as few strips as can be, none narrow if it need not be: 3, 2 + 2, 3 + 2, …
static inline int NAME(strip_width)(long columns) {
  long left = (columns + LANES - 1) / LANES;
  return left <= 3 ? (int)left : left % 2 ? 3 : 2;
}

/// As many columns as tiles read of a panel for so many.
static inline long NAME(whole_parts)(long columns) {
  const long part = HAS_HALF_TILES ? LANES / 2 : LANES;
  return (columns + part - 1) / part * part;
}

/// out = base + scale · x · y, where a null base is zero; both dense along their rows.
///
/// The sums over k are taken in stretches of about one length, which depend on k alone: so an element has the same bits
/// whatever rows and columns it is computed with.
TARGET static void NAME(matmul)(long m, long n, long k, const T *x, long x_row, long x_column, const T *y, long y_row,
                                long y_column, double scale, const T *base, long base_row, T *out, long out_row) {
  enum { DEPTH = 256, PANELS = (128 << 10) / sizeof(T) };
  static const int tall[3] = {TALL(1), TALL(2), TALL(3)};
  const long stretches = (k + DEPTH - 1) / DEPTH, depth = (k + stretches - 1) / stretches;
  // Rows of y that lie far apart evict each other from the cache, and so do columns of x; packing pays for itself after a
  // few tiles.
  const bool packs = y_column != 1 || (m > 2 * TALL(2) && y_row * (long)sizeof(T) > 256 && depth > 32);
  const bool packs_rows = x_row == 1 && x_column * (long)sizeof(T) > 256 && n > 3 * LANES && depth > 32;
  const long most = packs ? PANELS / depth / (6 * LANES) * (6 * LANES) : n;
  T panels[packs ? (n < most ? (n + LANES - 1) / LANES * LANES : most) * depth : 1] __attribute__((aligned(64)));
  T tile[packs_rows ? depth * 12 : 1] __attribute__((aligned(64)));
  for (long start = 0; start < k; start += depth) {
    NAME(strip) s = {.k = k - start < depth ? k - start : depth, .out_row = out_row};
    // The sums of several stretches are scaled and added to the base when they are complete, unless the base is in the way.
    const bool is_last = start + s.k == k, at_once = base == out;
    const T *from = at_once || is_last ? base : NULL;
    s.base_row = base_row;
    s.scale = at_once || is_last ? (T)scale : 1;
    s.continues = !at_once && start > 0;
    for (long first = 0; first < n; first += most) {
      const long columns = n - first < most ? n - first : most;
      if (packs)
        for (long j = 0; j < columns;) {
          const long most_columns = NAME(strip_width)(columns - j) * LANES;
          const long filled = columns - j < most_columns ? columns - j : most_columns, width = NAME(whole_parts)(filled);
          NAME(pack)(s.k, filled, width, y + start * y_row + (first + j) * y_column, y_row, y_column, panels + j * s.k);
          j += filled;
        }
      // The rows of a tile stay in the first-level cache while the panels pass by. Tiles of about one height, so that none
      // is too low to hide the latency of its additions.
      long tiles = (m + tall[1] - 1) / tall[1], i = 0;
      for (long t = 0; t < tiles; t++) {
        long rows = (m - i + tiles - t - 1) / (tiles - t);
        const T *row = x + start * x_column + i * x_row;
        s.x_row = x_row, s.x_column = x_column;
        if (packs_rows) {
          NAME(pack_rows)(s.k, rows, row, x_column, tile);
          row = tile, s.x_row = 1, s.x_column = rows;
        }
        for (long j = 0; j < columns;) {
          int vectors = NAME(strip_width)(columns - j);
          long width = columns - j < vectors * LANES ? columns - j : vectors * LANES;
          s.last = width - (vectors - 1) * LANES;
          const NAME(tile_function)(*tiles_of_width)[3] = NAME(tiles);
#if HAS_HALF_TILES
          if (s.last <= LANES / 2) tiles_of_width = NAME(half_tiles);
#endif
          s.y = packs ? panels + j * s.k : y + start * y_row + (first + j) * y_column;
          s.y_row = packs ? NAME(whole_parts)(width) : y_row;
          // Wide strips have lower tiles, for there are so many registers.
          for (long done = 0, parts = (rows + tall[vectors - 1] - 1) / tall[vectors - 1]; parts > 0; parts--) {
            long count = (rows - done + parts - 1) / parts, r = i + done;
            tiles_of_width[count - 1][vectors - 1](&s, row + done * s.x_row, from ? from + r * base_row + first + j : NULL,
                                                out + r * out_row + first + j);
            done += count;
          }
          j += width;
        }
        i += rows;
      }
    }
  }
}

#undef T
#undef LANES
#undef NAME
#undef TARGET
#undef LOAD
#undef STORE
#undef LOAD_HALF
#undef STORE_HALF
#undef HAS_HALF_TILES
#undef TALL
#undef TRANSPOSED_PANEL
