// Convolution by filters of 3×3 with fewer products (Winograd's minimal filtering F(2×2, 3×3); Lavin and Gray, "Fast Algorithms
// for Convolutional Neural Networks", 2016, section 4.1). Included by convolution_tile.h, once for each scalar type and width.
//
// An output tile of 2×2 pixels reads 4×4 pixels. Both the 4×4 pixels and the filter are taken to 16 sums of theirs, whose products
// are summed over channels: 16 matrix products of [tiles, channels] by [channels, outputs], in place of 36 multiplications for 4
// pixels. With d the pixels, w the filter, y the tile, g its cotangent, and the matrices Bᵀ, F, Aᵀ of the paper (F is its G):
//   y = Aᵀ[(F w Fᵀ) ⊙ (Bᵀ d B)]A,      the gradient by w = Fᵀ[Σ (A g Aᵀ) ⊙ (Bᵀ d B)]F,
// and the gradient by the images is the convolution of g by the filters turned by half a turn, with inputs and outputs exchanged.
//
// Sums of an infinite number and its opposite are none: an infinite pixel can make the four of a tile NaN.

/// The 4×4 sums Bᵀ d B of a tile's pixels, and so on for the others: in place, of 16 vectors.
#define SUMS_OF_PIXELS(a, b, c, d)                   \
  do {                                               \
    NAME(vector) p = a - c, q = b + c, r = c - b, s = b - d; \
    a = p, b = q, c = r, d = s;                      \
  } while (0)
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_pixels)(NAME(vector) d[16]) {
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) SUMS_OF_PIXELS(d[j], d[4 + j], d[8 + j], d[12 + j]);
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) SUMS_OF_PIXELS(d[i], d[i + 1], d[i + 2], d[i + 3]);
}
#undef SUMS_OF_PIXELS

/// Aᵀ m A: the four pixels of a tile, in reading order.
TARGET static inline __attribute__((always_inline)) void NAME(tile_of_sums)(const NAME(vector) m[16], NAME(vector) y[4]) {
  NAME(vector) upper[4], lower[4];
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    NAME(vector) both = m[4 + j] + m[8 + j], other = m[4 + j] - m[8 + j];
    upper[j] = m[j] + both, lower[j] = other - m[12 + j];
  }
  y[0] = upper[0] + (upper[1] + upper[2]), y[1] = (upper[1] - upper[2]) - upper[3];
  y[2] = lower[0] + (lower[1] + lower[2]), y[3] = (lower[1] - lower[2]) - lower[3];
}

/// A g Aᵀ: the sums of a tile's cotangent g, four pixels in reading order.
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_tile)(const NAME(vector) g[4], NAME(vector) m[16]) {
  NAME(vector) down[8] = {g[0], g[1], g[0] + g[2], g[1] + g[3], g[0] - g[2], g[1] - g[3], -g[2], -g[3]};
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    m[4 * i] = down[2 * i], m[4 * i + 1] = down[2 * i] + down[2 * i + 1];
    m[4 * i + 2] = down[2 * i] - down[2 * i + 1], m[4 * i + 3] = -down[2 * i + 1];
  }
}

/// F w Fᵀ: the sums of a filter, of 9 numbers in each of some lanes.
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_filter)(const NAME(vector) w[9], NAME(vector) u[16]) {
  const T half = (T)0.5;
  NAME(vector) down[12];
#pragma clang loop unroll(full)
  for (int j = 0; j < 3; j++) {
    NAME(vector) ends = (w[j] + w[6 + j]) * half, middle = w[3 + j] * half;
    down[j] = w[j], down[3 + j] = ends + middle, down[6 + j] = ends - middle, down[9 + j] = w[6 + j];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    NAME(vector) ends = (down[3 * i] + down[3 * i + 2]) * half, middle = down[3 * i + 1] * half;
    u[4 * i] = down[3 * i], u[4 * i + 1] = ends + middle, u[4 * i + 2] = ends - middle, u[4 * i + 3] = down[3 * i + 2];
  }
}

/// Fᵀ u F: the gradient by a filter of 9 numbers.
TARGET static inline __attribute__((always_inline)) void NAME(filter_of_sums)(const NAME(vector) u[16], NAME(vector) w[9]) {
  const T half = (T)0.5;
  NAME(vector) up[12];
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    NAME(vector) both = (u[4 + j] + u[8 + j]) * half;
    up[j] = u[j] + both, up[4 + j] = (u[4 + j] - u[8 + j]) * half, up[8 + j] = both + u[12 + j];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 3; i++) {
    NAME(vector) both = (up[4 * i + 1] + up[4 * i + 2]) * half;
    w[3 * i] = up[4 * i] + both, w[3 * i + 1] = (up[4 * i + 1] - up[4 * i + 2]) * half, w[3 * i + 2] = both + up[4 * i + 3];
  }
}

/// The sums of the filters as panels, one after the other for each of the 16 products. With `turned` filters, rows are outputs and
/// columns are channels.
TARGET static void NAME(pack_sums)(const ck_convolution *c, const T *filters, bool turned, T *panels) {
  const long depth = turned ? c->outputs : c->channels, columns = turned ? c->channels : c->outputs;
  const long size = depth * NAME(padded)(columns);
  T rows[9][NAME(ROOM) * 2 * LANES] __attribute__((aligned(64)));
  for (long j = 0; j < columns; j += 2 * LANES, panels += depth * 2 * LANES)
    for (long start = 0; start < depth; start += NAME(ROOM)) {
      const long count = NAME(pack_taps)(c, filters, turned, start, j, rows);
      for (long l = 0; l < count * 2 * LANES; l += LANES) {
        NAME(vector) w[9], u[16];
        // Turned filters are mirrored too.
        for (int t = 0; t < 9; t++) w[t] = *(const NAME(vector) *)(rows[turned ? 8 - t : t] + l);
        NAME(sums_of_filter)(w, u);
        for (int s = 0; s < 16; s++) *(NAME(vector) *)(panels + s * size + start * 2 * LANES + l) = u[s];
      }
    }
}

/// A tile's place: its image, and its first output pixel.
typedef struct {
  long image, y, x;
} NAME(corner);

static inline void NAME(advance)(NAME(corner) * at, long height, long width) {
  if ((at->x += 2) >= width) at->x = 0, at->y += 2;
  if (at->y >= height) at->y = 0, at->image++;
}

/// The sums of the pixels that some tiles read, `sums` apart from each other and with rows of `row` numbers, of the channels from
/// `start` on before `end`.
TARGET static void NAME(read_tiles)(long height, long width, long channels, long top, long left, const T *x, NAME(corner) at,
                                    long output_height, long output_width, long tiles, long start, long end, const T *zeros,
                                    T *to, long row, long sums) {
  for (long t = 0; t < tiles; t++, to += row, NAME(advance)(&at, output_height, output_width)) {
    const T *from[16];
    for (long i = 0; i < 4; i++)
      for (long j = 0; j < 4; j++) {
        const long py = at.y + i - top, px = at.x + j - left;
        const bool inside = py >= 0 && py < height && px >= 0 && px < width;
        from[4 * i + j] = inside ? x + ((at.image * height + py) * width + px) * channels + start : zeros;
      }
    for (long l = 0; l < end - start; l += LANES) {
      NAME(vector) d[16];
#pragma clang loop unroll(full)
      for (int k = 0; k < 16; k++) d[k] = NAME(first)(from[k] + l, end - start - l);
      NAME(sums_of_pixels)(d);
#pragma clang loop unroll(full)
      for (int k = 0; k < 16; k++) *(NAME(vector) *)(to + k * sums + l) = d[k];
    }
  }
}

/// Output pixels by tiles of 2×2, some tiles at a time. Where `turned`, x is the cotangent of the output, and out is the gradient by
/// the images.
TARGET static void NAME(by_sums)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch, bool turned) {
  const long channels = turned ? c->outputs : c->channels, outputs = turned ? c->channels : c->outputs;
  const long height = turned ? c->output_height : c->height, width = turned ? c->output_width : c->width;
  const long output_height = turned ? c->height : c->output_height, output_width = turned ? c->width : c->output_width;
  const long top = turned ? 2 - c->top : c->top, left = turned ? 2 - c->left : c->left;
  const long most = sums_at_once(c, sizeof(T)), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T);
  const long made = NAME(padded)(outputs), read_sums = most * read + 16, made_sums = most * made + 16;
  T *panels = (T *)scratch, *zeros = panels + 16 * channels * made, *sums = zeros + read, *products = sums + 16 * read_sums;
  for (long l = 0; l < read; l++) zeros[l] = 0;
  NAME(pack_sums)(c, filters, turned, panels);
  const long tiles = c->images * ((output_height + 1) / 2) * ((output_width + 1) / 2);
  NAME(corner) at = {0, 0, 0};
  for (long start = 0; start < tiles; start += most) {
    const long count = tiles - start < most ? tiles - start : most;
    NAME(read_tiles)(height, width, channels, top, left, x, at, output_height, output_width, count, 0, channels, zeros, sums, read,
                     read_sums);
    for (long s = 0; s < 16; s++) {
      const T *from[BLOCK];
      T *to[BLOCK];
      const long place = 0;
      for (long t = 0; t < count; t++) from[t] = sums + s * read_sums + t * read, to[t] = products + s * made_sums + t * made;
      NAME(block)(1, 1, channels, made, count, 1, from, to, &place, panels + s * channels * made, NULL, NULL);
    }
    for (long t = 0; t < count; t++, NAME(advance)(&at, output_height, output_width)) {
      T *to = out + ((at.image * output_height + at.y) * output_width + at.x) * outputs;
      const bool right = at.x + 1 < output_width, below = at.y + 1 < output_height;
      for (long l = 0; l < outputs; l += LANES) {
        NAME(vector) m[16], y[4];
#pragma clang loop unroll(full)
        for (int s = 0; s < 16; s++) m[s] = *(const NAME(vector) *)(products + s * made_sums + t * made + l);
        NAME(tile_of_sums)(m, y);
        NAME(put_first)(y[0], to + l, outputs - l);
        if (right) NAME(put_first)(y[1], to + outputs + l, outputs - l);
        if (below) NAME(put_first)(y[2], to + output_width * outputs + l, outputs - l);
        if (right && below) NAME(put_first)(y[3], to + (output_width + 1) * outputs + l, outputs - l);
      }
    }
  }
}

/// Rows of a gradient by sums of filters: those of y, in a panel, each times the numbers of x in its row.
TARGET static inline __attribute__((always_inline)) void NAME(sums_tile)(const int rows, long count, const T *x, long x_row,
                                                                         const T *y, T *out, long out_row) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
    a[i] = *(const NAME(vector) *)(out + i * out_row), b[i] = *(const NAME(vector) *)(out + i * out_row + LANES);
#pragma clang loop unroll_count(2)
  for (long p = 0; p < count; p++, x += x_row, y += 2 * LANES) {
    NAME(vector) y0 = *(const NAME(vector) *)y, y1 = *(const NAME(vector) *)(y + LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) a[i] += x[i] * y0, b[i] += x[i] * y1;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
    *(NAME(vector) *)(out + i * out_row) = a[i], *(NAME(vector) *)(out + i * out_row + LANES) = b[i];
}
#define EACH(rows)                                                                                                    \
  TARGET static void NAME(sums_tile_##rows)(long count, const T *x, long x_row, const T *y, T *out, long out_row) {   \
    NAME(sums_tile)(rows, count, x, x_row, y, out, out_row);                                                          \
  }
SIZES
#undef EACH
typedef void (*NAME(sums_tile_function))(long count, const T *x, long x_row, const T *y, T *out, long out_row);
#define EACH(rows) NAME(sums_tile_##rows),
static const NAME(sums_tile_function) NAME(sums_tiles)[] = {SIZES};
#undef EACH

/// The gradient by the filters' rows of some channels, of a group of images at a time, each added to what the ones before have come
/// to, or to what is in `out` already.
TARGET static void NAME(filters_by_sums)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                         channel_range some) {
  const long channels = some.end - some.start, outputs = c->outputs, tap = c->channels * outputs;
  const long most = sums_at_once(c, sizeof(T)), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T);
  const long made = NAME(padded)(outputs), strips = made / (2 * LANES), read_sums = most * read + 16;
  const long made_sums = strips * most * 2 * LANES + 16, made_gradients = channels * made + 16;
  T *gradients = (T *)scratch, *zeros = gradients + 16 * made_gradients, *sums = zeros + read, *panels = sums + 16 * read_sums;
  for (long l = 0; l < read; l++) zeros[l] = 0;
  const long of_image = tiles_of_image(c->output_height, c->output_width), group = images_of_sums(c);
  NAME(corner) at = {0, 0, 0};
  for (long image = 0; image < c->images; image += group) {
    const long tiles = (c->images - image < group ? c->images - image : group) * of_image;
    memset(gradients, 0, (size_t)(16 * made_gradients) * sizeof(T));
    for (long start = 0; start < tiles; start += most) {
      const long count = tiles - start < most ? tiles - start : most;
      NAME(read_tiles)(c->height, c->width, c->channels, c->top, c->left, x, at, c->output_height, c->output_width, count,
                       some.start, some.end, zeros, sums, read, read_sums);
      for (long t = 0; t < count; t++, NAME(advance)(&at, c->output_height, c->output_width)) {
        const T *from = g + ((at.image * c->output_height + at.y) * c->output_width + at.x) * outputs;
        const bool right = at.x + 1 < c->output_width, below = at.y + 1 < c->output_height;
        for (long l = 0; l < made; l += LANES) {
          NAME(vector) y[4] = {{0}, {0}, {0}, {0}}, m[16];
          if (l < outputs) {
            y[0] = NAME(first)(from + l, outputs - l);
            if (right) y[1] = NAME(first)(from + outputs + l, outputs - l);
            if (below) y[2] = NAME(first)(from + c->output_width * outputs + l, outputs - l);
            if (right && below) y[3] = NAME(first)(from + (c->output_width + 1) * outputs + l, outputs - l);
          }
          NAME(sums_of_tile)(y, m);
          T *to = panels + (l / (2 * LANES) * most + t) * 2 * LANES + l % (2 * LANES);
#pragma clang loop unroll(full)
          for (int s = 0; s < 16; s++) *(NAME(vector) *)(to + s * made_sums) = m[s];
        }
      }
      for (long s = 0; s < 16; s++)
        for (long j = 0; j < strips; j++)
          for (long i = 0, left = (channels + ROWS - 1) / ROWS; left > 0; left--) {
            const long rows = (channels - i + left - 1) / left;
            NAME(sums_tiles)[rows - 1](count, sums + s * read_sums + i, read, panels + s * made_sums + j * most * 2 * LANES,
                                       gradients + s * made_gradients + i * made + j * 2 * LANES, made);
            i += rows;
          }
    }
    for (long p = 0; p < channels; p++)
      for (long l = 0; l < outputs; l += LANES) {
        NAME(vector) u[16], w[9];
#pragma clang loop unroll(full)
        for (int s = 0; s < 16; s++) u[s] = *(const NAME(vector) *)(gradients + s * made_gradients + p * made + l);
        NAME(filter_of_sums)(u, w);
        T *to = out + (some.start + p) * outputs + l;
#pragma clang loop unroll(full)
        for (int t = 0; t < 9; t++) {
          if (adds || image > 0) w[t] += NAME(first)(to + t * tap, outputs - l);
          NAME(put_first)(w[t], to + t * tap, outputs - l);
        }
      }
  }
  if (c->images == 0 && !adds)
    for (int t = 0; t < 9; t++) memset(out + t * tap + some.start * outputs, 0, (size_t)(channels * outputs) * sizeof(T));
}
