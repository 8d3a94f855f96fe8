// A matrix product for one scalar type and one vector width. Included several times with these defined:
//   T, LANES (numbers in a vector), ROWS (rows of a register tile, its width is one or two vectors), NAME(x), TARGET.
//
// out = x · y in register tiles of ROWS × 2·LANES, or × LANES for the last few columns. The columns of y under a tile are read in place where they lie
// densely, and else packed into a panel that stays in the first-level cache; x is read in place whatever its strides.

typedef T NAME(vector) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T))));

#define COLUMNS (2 * LANES)

TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const int vectors, long k, const T *x, long x_row, long x_column, const T *y, long y_row, T *out,
    long out_row, long columns, bool accumulate) {
  NAME(vector) sum[ROWS][2];
  for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (NAME(vector)){0};
  for (long p = 0; p < k; p++) {
    NAME(vector) y0 = *(const NAME(vector) *)(y + p * y_row), y1 = y0;
    if (vectors == 2) y1 = *(const NAME(vector) *)(y + p * y_row + LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      T value = x[i * x_row + p * x_column];
      sum[i][0] += value * y0;
      if (vectors == 2) sum[i][1] += value * y1;
    }
  }
  for (int i = 0; i < rows; i++) {
    T *o = out + i * out_row;
    if (columns == vectors * LANES) {
      NAME(vector) *wide = (NAME(vector) *)o, *next = (NAME(vector) *)(o + LANES);
      *wide = accumulate ? *wide + sum[i][0] : sum[i][0];
      if (vectors == 2) *next = accumulate ? *next + sum[i][1] : sum[i][1];
    } else {
      const T *s = (const T *)sum[i];
      for (long j = 0; j < columns; j++) o[j] = accumulate ? o[j] + s[j] : s[j];
    }
  }
}

#define TILE(n)                                                                                                         \
  NAME(tile)(n, VECTORS, k, x + i * x_row, x_row, x_column, y, y_row, out + i * out_row, out_row, columns, accumulate)
#if ROWS > 8
#define TAIL                                                                                                    \
  case 6: TILE(6); break; case 7: TILE(7); break; case 8: TILE(8); break; case 9: TILE(9); break;               \
  case 10: TILE(10); break; case 11: TILE(11); break;
#elif ROWS > 6
#define TAIL case 6: TILE(6); break; case 7: TILE(7); break;
#else
#define TAIL
#endif
#define STRIP(name)                                                                                                    \
  TARGET static __attribute__((noinline)) void NAME(name)(long m, long k, const T *x, long x_row, long x_column,      \
                                                          const T *y, long y_row, T *out, long out_row, long columns, \
                                                          bool accumulate) {                                          \
    long i = 0;                                                                                                       \
    for (; i + ROWS <= m; i += ROWS) TILE(ROWS);                                                                      \
    switch (m - i) {                                                                                                  \
      case 1: TILE(1); break;                                                                                         \
      case 2: TILE(2); break;                                                                                         \
      case 3: TILE(3); break;                                                                                         \
      case 4: TILE(4); break;                                                                                         \
      case 5: TILE(5); break;                                                                                         \
      TAIL                                                                                                            \
    }                                                                                                                 \
  }
#define VECTORS 2
STRIP(strip)
#undef VECTORS
#define VECTORS 1
STRIP(narrow_strip)
#undef VECTORS
#undef STRIP
#undef TAIL
#undef TILE

TARGET static void NAME(matmul)(long m, long n, long k, const T *x, long x_row, long x_column, const T *y, long y_row,
                                long y_column, T *out) {
  enum { DEPTH = 256 };
  T panel[DEPTH * COLUMNS];
  for (long start = 0; start < k; start += DEPTH) {
    long depth = k - start < DEPTH ? k - start : DEPTH;
    for (long j = 0; j < n; j += COLUMNS) {
      long columns = n - j < COLUMNS ? n - j : COLUMNS;
      long width = columns > LANES ? COLUMNS : LANES;
      const T *from = y + start * y_row + j * y_column;
      const T *under = from;
      long under_row = y_row;
      // Packing pays for itself after a few tiles; it is needed where columns are strided or fewer than a tile's.
      if (y_column != 1 || columns < width || m > 4 * ROWS) {
        if (y_column == 1) {
          for (long p = 0; p < depth; p++) {
            for (long c = 0; c < columns; c++) panel[p * width + c] = from[p * y_row + c];
            for (long c = columns; c < width; c++) panel[p * width + c] = 0;
          }
        } else {
          for (long c = 0; c < columns; c++)
            for (long p = 0; p < depth; p++) panel[p * width + c] = from[p * y_row + c * y_column];
          for (long c = columns; c < width; c++)
            for (long p = 0; p < depth; p++) panel[p * width + c] = 0;
        }
        under = panel;
        under_row = width;
      }
      if (width == COLUMNS)
        NAME(strip)(m, depth, x + start * x_column, x_row, x_column, under, under_row, out + j, n, columns, start > 0);
      else
        NAME(narrow_strip)
        (m, depth, x + start * x_column, x_row, x_column, under, under_row, out + j, n, columns, start > 0);
    }
  }
}

#undef COLUMNS
#undef T
#undef LANES
#undef ROWS
#undef NAME
#undef TARGET
