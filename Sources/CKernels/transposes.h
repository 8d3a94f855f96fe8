// Panels of matrices that lie the other way round, by transposes of small blocks in registers.
#ifndef CKERNELS_TRANSPOSES_H
#define CKERNELS_TRANSPOSES_H

#define SHUFFLE __builtin_shufflevector

// Transposes of 8 × 8 floats and 4 × 4 doubles. The rows of `from` and `to` are dense; of `from` there may be fewer, and the
// first is then taken for those that are missing.
typedef float eight_floats __attribute__((vector_size(32), aligned(4), may_alias));
static inline __attribute__((always_inline)) void transpose_f32(const float *from, long from_row, long rows,
                                                                        float *to, long to_row) {
  eight_floats r[8], s[8];
  for (int i = 0; i < 8; i++) r[i] = *(const eight_floats *)(from + (i < rows ? i : 0) * from_row);
  for (int i = 0; i < 8; i += 2) {
    s[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = SHUFFLE(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = SHUFFLE(s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      r[i + 2 * j + 1] = SHUFFLE(s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    *(eight_floats *)(to + i * to_row) = SHUFFLE(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(eight_floats *)(to + (i + 4) * to_row) = SHUFFLE(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

typedef double four_doubles __attribute__((vector_size(32), aligned(8), may_alias));
static inline __attribute__((always_inline)) void transpose_f64(const double *from, long from_row, long rows,
                                                                        double *to, long to_row) {
  four_doubles r[4], s[4];
  for (int i = 0; i < 4; i++) r[i] = *(const four_doubles *)(from + (i < rows ? i : 0) * from_row);
  for (int i = 0; i < 4; i += 2) {
    s[i] = SHUFFLE(r[i], r[i + 1], 0, 4, 2, 6);
    s[i + 1] = SHUFFLE(r[i], r[i + 1], 1, 5, 3, 7);
  }
  for (int i = 0; i < 2; i++) {
    *(four_doubles *)(to + i * to_row) = SHUFFLE(s[i], s[i + 2], 0, 1, 4, 5);
    *(four_doubles *)(to + (i + 2) * to_row) = SHUFFLE(s[i], s[i + 2], 2, 3, 6, 7);
  }
}

/// Writes columns of y, which lie densely in rows `y_column` apart, as rows of a panel `width` wide, `depth` of them; how many columns
/// are written, where the last block may repeat one. Fewer where a block would not fit; none where there are too few rows.
#define PANEL(name, T, transpose, SIDE)                                                                           \
  static inline __attribute__((always_inline)) long name(long depth, long columns, long width, const T *y, long y_column, T *panel) { \
    long c = 0;                                                                                                   \
    for (; depth >= SIDE && c < columns && c + SIDE <= width; c += SIDE)                                          \
      for (long done = 0; done < depth; done += SIDE) {                                                           \
        /* The last block reaches back over rows that are done. */                                                \
        const long p = done + SIDE <= depth ? done : depth - SIDE;                                                \
        transpose(y + p + c * y_column, y_column, columns - c, panel + p * width + c, width);                     \
      }                                                                                                           \
    return c;                                                                                                     \
  }
PANEL(transposed_panel_f32, float, transpose_f32, 8)
PANEL(transposed_panel_f64, double, transpose_f64, 4)
#undef PANEL

#endif
