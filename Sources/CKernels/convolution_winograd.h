// Convolution by filters of 3×3 with fewer products (Winograd's minimal filtering F(2×2, 3×3) and F(4×4, 3×3); Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks", 2016, sections 4.1 and 4.2). Included by convolution_tile.h, once for each scalar type
// and width.
//
// An output tile of `side`×`side` pixels reads n×n, with n = side + 2. Both these and the filter are taken to n×n sums of theirs
// (winograd_lines.h), whose products are summed over channels: n·n matrix products of [tiles, channels] by [channels, outputs]: 16 in
// place of 36 multiplications for 4 pixels, or 36 in place of 144 for 16. With d the pixels, w the filter, y the tile, g its cotangent,
// and the matrices Bᵀ, F, Aᵀ of the paper (F is its G):
//   y = Aᵀ[(F w Fᵀ) ⊙ (Bᵀ d B)]A,      the gradient by w = Fᵀ[Σ (A g Aᵀ) ⊙ (Bᵀ d B)]F,
// and the gradient by the images is the convolution of g by the filters turned by half a turn, with inputs and outputs exchanged.
//
// Sums of an infinite number and its opposite are none: an infinite pixel can make all of a tile NaN.

/// Places for the most sums that there are, and for the most pixels of a tile.
#define MOST_SUMS 36
#define MOST_PIXELS 16

/// Bᵀ d B, in place: the sums of the pixels that a tile reads.
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_pixels)(const int side, NAME(vector) * d) {
  const int n = side + 2;
#pragma clang loop unroll(full)
  for (int j = 0; j < n; j++) NAME(line_of_pixels)(side, d + j, n);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) NAME(line_of_pixels)(side, d + i * n, 1);
}

/// Aᵀ m A: the pixels of a tile, in reading order.
TARGET static inline __attribute__((always_inline)) void NAME(tile_of_sums)(const int side, const NAME(vector) * m, NAME(vector) * y) {
  const int n = side + 2;
  NAME(vector) down[MOST_SUMS];
#pragma clang loop unroll(full)
  for (int j = 0; j < n; j++) NAME(line_of_tile)(side, m + j, n, down + j, n);
#pragma clang loop unroll(full)
  for (int i = 0; i < side; i++) NAME(line_of_tile)(side, down + i * n, 1, y + i * side, 1);
}

/// A g Aᵀ: the sums of a tile's cotangent g.
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_tile)(const int side, const NAME(vector) * g, NAME(vector) * m) {
  const int n = side + 2;
  NAME(vector) down[MOST_SUMS];
#pragma clang loop unroll(full)
  for (int j = 0; j < side; j++) NAME(line_of_cotangent)(side, g + j, side, down + j, side);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) NAME(line_of_cotangent)(side, down + i * side, 1, m + i * n, 1);
}

/// F w Fᵀ: the sums of a filter, of 9 numbers in each of some lanes.
TARGET static inline __attribute__((always_inline)) void NAME(sums_of_filter)(const int side, const NAME(vector) w[9], NAME(vector) * u) {
  const int n = side + 2;
  NAME(vector) down[MOST_SUMS];
#pragma clang loop unroll(full)
  for (int j = 0; j < 3; j++) NAME(line_of_filter)(side, w + j, 3, down + j, 3);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) NAME(line_of_filter)(side, down + 3 * i, 1, u + i * n, 1);
}

/// Fᵀ u F: the gradient by a filter of 9 numbers.
TARGET static inline __attribute__((always_inline)) void NAME(filter_of_sums)(const int side, const NAME(vector) * u, NAME(vector) w[9]) {
  const int n = side + 2;
  NAME(vector) down[MOST_SUMS];
#pragma clang loop unroll(full)
  for (int j = 0; j < n; j++) NAME(line_of_gradient)(side, u + j, n, down + j, n);
#pragma clang loop unroll(full)
  for (int i = 0; i < 3; i++) NAME(line_of_gradient)(side, down + i * n, 1, w + 3 * i, 1);
}

/// The sums of the filters as panels, one after the other for each of the products. With `turned` filters, rows are outputs and
/// columns are channels.
TARGET static inline __attribute__((always_inline)) void NAME(pack_sums)(const int side, const ck_convolution *c, const T *filters,
                                                                  bool turned, T *panels) {
  const long depth = turned ? c->outputs : c->channels, columns = turned ? c->channels : c->outputs;
  const long size = depth * NAME(padded)(columns) + 16;
  T rows[9][NAME(ROOM) * 2 * LANES] __attribute__((aligned(64)));
  for (long j = 0; j < columns; j += 2 * LANES, panels += depth * 2 * LANES)
    for (long start = 0; start < depth; start += NAME(ROOM)) {
      const long count = NAME(pack_taps)(c, filters, turned, start, j, rows);
      for (long l = 0; l < count * 2 * LANES; l += LANES) {
        NAME(vector) w[9], u[MOST_SUMS];
        // Turned filters are mirrored too.
        for (int t = 0; t < 9; t++) w[t] = *(const NAME(vector) *)(rows[turned ? 8 - t : t] + l);
        NAME(sums_of_filter)(side, w, u);
#pragma clang loop unroll(full)
        for (int s = 0; s < (side + 2) * (side + 2); s++) *(NAME(vector) *)(panels + s * size + start * 2 * LANES + l) = u[s];
      }
    }
}

/// A tile's place: its image, and its first output pixel.
typedef struct {
  long image, y, x;
} NAME(corner);

static inline void NAME(advance)(const int side, NAME(corner) * at, long height, long width) {
  if ((at->x += side) >= width) at->x = 0, at->y += side;
  if (at->y >= height) at->y = 0, at->image++;
}

/// The sums of the pixels that some tiles read, `sums` apart from each other and with rows of `row` numbers, of the channels from
/// `start` on before `end`.
TARGET static inline __attribute__((always_inline)) void NAME(read_tiles)(const int side, long height, long width, long channels,
                                                                   long top, long left, const T *x, NAME(corner) at,
                                                                   long output_height, long output_width, long tiles, long start,
                                                                   long end, const T *zeros, T *to, long row, long sums) {
  const int n = side + 2;
  for (long t = 0; t < tiles; t++, to += row, NAME(advance)(side, &at, output_height, output_width)) {
    const T *from[MOST_SUMS];
    for (long i = 0; i < n; i++) {
      const long py = at.y + i - top;
      const long line = ((at.image * height + py) * width + at.x - left) * channels + start;
      for (long j = 0; j < n; j++) {
        const long px = at.x + j - left;
        from[n * i + j] = py >= 0 && py < height && px >= 0 && px < width ? x + (line + j * channels) : zeros;
      }
    }
    for (long l = 0; l < end - start; l += LANES) {
      NAME(vector) d[MOST_SUMS];
#pragma clang loop unroll(full)
      for (int k = 0; k < n * n; k++) d[k] = NAME(first)(from[k] + l, end - start - l);
      NAME(sums_of_pixels)(side, d);
#pragma clang loop unroll(full)
      for (int k = 0; k < n * n; k++) *(NAME(vector) *)(to + k * sums + l) = d[k];
    }
  }
}

/// Output pixels by tiles, some tiles at a time. Where `turned`, x is the cotangent of the output, and out is the gradient by
/// the images.
TARGET static inline __attribute__((always_inline)) void NAME(by_sums_of)(const int side, const ck_convolution *c, const T *x,
                                                                   const T *filters, T *out, char *scratch, bool turned) {
  const int n = side + 2;
  const long channels = turned ? c->outputs : c->channels, outputs = turned ? c->channels : c->outputs;
  const long height = turned ? c->output_height : c->height, width = turned ? c->output_width : c->width;
  const long output_height = turned ? c->height : c->output_height, output_width = turned ? c->width : c->output_width;
  const long top = turned ? 2 - c->top : c->top, left = turned ? 2 - c->left : c->left;
  const long most = sums_at_once(CKConvolutionOutput, c, sizeof(T)), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T);
  const long made = NAME(padded)(outputs), read_sums = most * read + 16, made_sums = most * made + 16;
  T *panels = (T *)scratch, *zeros = panels + n * n * (channels * made + 16), *sums = zeros + read, *products = sums + n * n * read_sums;
  for (long l = 0; l < read; l++) zeros[l] = 0;
  NAME(pack_sums)(side, c, filters, turned, panels);
  const long tiles = c->images * tiles_of_image(output_height, output_width, side);
  NAME(corner) at = {0, 0, 0};
  for (long start = 0; start < tiles; start += most) {
    const long count = tiles - start < most ? tiles - start : most;
    NAME(read_tiles)(side, height, width, channels, top, left, x, at, output_height, output_width, count, 0, channels, zeros, sums, read,
                     read_sums);
    for (long s = 0; s < n * n; s++) {
      const T *from[BLOCK];
      T *to[BLOCK];
      const long place = 0;
      for (long t = 0; t < count; t++) from[t] = sums + s * read_sums + t * read, to[t] = products + s * made_sums + t * made;
      NAME(block)(1, 1, channels, made, count, 1, from, to, &place, panels + s * (channels * made + 16), NULL, NULL);
    }
    for (long t = 0; t < count; t++, NAME(advance)(side, &at, output_height, output_width)) {
      T *to = out + ((at.image * output_height + at.y) * output_width + at.x) * outputs;
      const long rows = output_height - at.y, columns = output_width - at.x;
      const bool is_whole = rows >= side && columns >= side;
      for (long l = 0; l < outputs; l += LANES) {
        NAME(vector) m[MOST_SUMS], y[MOST_PIXELS];
#pragma clang loop unroll(full)
        for (int s = 0; s < n * n; s++) m[s] = *(const NAME(vector) *)(products + s * made_sums + t * made + l);
        NAME(tile_of_sums)(side, m, y);
        T *pixel = to + l;
        if (is_whole && l + LANES <= outputs) {
#pragma clang loop unroll(full)
          for (int i = 0; i < side * side; i++) *(NAME(vector) *)(pixel + (i / side * output_width + i % side) * outputs) = y[i];
        } else {
#pragma clang loop unroll(full)
          for (int i = 0; i < side * side; i++)
            if (i / side < rows && i % side < columns)
              NAME(put_first)(y[i], pixel + (i / side * output_width + i % side) * outputs, outputs - l);
        }
      }
    }
  }
}

TARGET static void NAME(by_sums)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch, bool turned) {
  if (side_of_tiles(c) == 4)
    NAME(by_sums_of)(4, c, x, filters, out, scratch, turned);
  else
    NAME(by_sums_of)(2, c, x, filters, out, scratch, turned);
}

/// The gradient by the filters' rows of some channels, of a group of images at a time, each added to what the ones before have come
/// to, or to what is in `out` already.
TARGET static inline __attribute__((always_inline)) void NAME(filters_by_sums_of)(const int side, const ck_convolution *c, const T *x,
                                                                           const T *g, T *out, char *scratch, bool adds,
                                                                           channel_range some) {
  const int n = side + 2;
  const long channels = some.end - some.start, outputs = c->outputs, tap = c->channels * outputs;
  const long most = sums_at_once(CKConvolutionFilters, c, sizeof(T)), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T);
  const long made = NAME(padded)(outputs), strips = made / (2 * LANES), read_sums = most * read + 16;
  const long made_sums = strips * most * 2 * LANES + 16, made_gradients = channels * made + 16;
  T *gradients = (T *)scratch, *zeros = gradients + n * n * made_gradients, *sums = zeros + read, *panels = sums + n * n * read_sums;
  for (long l = 0; l < read; l++) zeros[l] = 0;
  const long of_image = tiles_of_image(c->output_height, c->output_width, side), group = images_of_sums(c);
  NAME(corner) at = {0, 0, 0};
  for (long image = 0; image < c->images; image += group) {
    const long tiles = (c->images - image < group ? c->images - image : group) * of_image;
    for (long start = 0; start < tiles; start += most) {
      const long count = tiles - start < most ? tiles - start : most;
      NAME(read_tiles)(side, c->height, c->width, c->channels, c->top, c->left, x, at, c->output_height, c->output_width, count,
                       some.start, some.end, zeros, sums, read, read_sums);
      for (long t = 0; t < count; t++, NAME(advance)(side, &at, c->output_height, c->output_width)) {
        const T *from = g + ((at.image * c->output_height + at.y) * c->output_width + at.x) * outputs;
        const long rows = c->output_height - at.y, columns = c->output_width - at.x;
        for (long l = 0; l < made; l += LANES) {
          NAME(vector) y[MOST_PIXELS], m[MOST_SUMS];
#pragma clang loop unroll(full)
          for (int i = 0; i < side * side; i++)
            y[i] = l < outputs && i / side < rows && i % side < columns
                       ? NAME(first)(from + (i / side * c->output_width + i % side) * outputs + l, outputs - l)
                       : (NAME(vector)){0};
          NAME(sums_of_tile)(side, y, m);
          T *to = panels + (l / (2 * LANES) * most + t) * 2 * LANES + l % (2 * LANES);
#pragma clang loop unroll(full)
          for (int s = 0; s < n * n; s++) *(NAME(vector) *)(to + s * made_sums) = m[s];
        }
      }
      for (long s = 0; s < n * n; s++)
        for (long j = 0; j < strips; j++)
          for (long i = 0, left = (channels + ROWS - 1) / ROWS; left > 0; left--) {
            const long rows = (channels - i + left - 1) / left;
            const NAME(stretch) all = {sums + s * read_sums + i, panels + s * made_sums + j * most * 2 * LANES, count};
            NAME(even_tiles)[rows - 1](1, &all, 0, 0, read, gradients + s * made_gradients + i * made + j * 2 * LANES, made, start > 0);
            i += rows;
          }
    }
    for (long p = 0; p < channels; p++)
      for (long l = 0; l < outputs; l += LANES) {
        NAME(vector) u[MOST_SUMS], w[9];
#pragma clang loop unroll(full)
        for (int s = 0; s < n * n; s++) u[s] = *(const NAME(vector) *)(gradients + s * made_gradients + p * made + l);
        NAME(filter_of_sums)(side, u, w);
        NAME(put_filter)(w, out + (some.start + p) * outputs + l, tap, outputs - l, adds || image > 0);
      }
  }
  if (c->images == 0 && !adds)
    for (int t = 0; t < 9; t++) memset(out + t * tap + some.start * outputs, 0, (size_t)(channels * outputs) * sizeof(T));
}

TARGET static void NAME(filters_by_sums)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                         channel_range some) {
  if (side_of_tiles(c) == 4)
    NAME(filters_by_sums_of)(4, c, x, g, out, scratch, adds, some);
  else
    NAME(filters_by_sums_of)(2, c, x, g, out, scratch, adds, some);
}

#undef MOST_SUMS
#undef MOST_PIXELS
