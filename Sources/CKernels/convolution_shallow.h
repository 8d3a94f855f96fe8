// Convolution of images of few channels, such as pictures and a first layer's, for which following a pointer to each pixel
// costs more than what is done with it. Each image is copied with its borders; then all taps of all pixels of a row lie evenly,
// and are read where they are. Included by convolution_tile.h.

/// An image with its borders of zeros, and where in it the numbers lie that one output pixel meets.
typedef struct {
  /// Numbers that a pixel meets, and where they lie from the first of them on.
  long depth, *offsets;
  /// Numbers in a row of the image with borders, and its rows.
  long width, height;
  /// Between output pixels of a row, and between the rows.
  long step, down;
  T *image;
} NAME(bordered);

/// The places of an image in scratch memory; gives what lies behind it.
TARGET static T *NAME(bordered_make)(NAME(bordered) * b, const ck_convolution *c, char *scratch) {
  b->depth = c->kernel_height * c->kernel_width * c->channels;
  b->width = bordered_width(c) * c->channels, b->height = bordered_height(c);
  b->step = c->stride_x * c->channels, b->down = c->stride_y * b->width;
  b->offsets = (long *)scratch;
  b->image = (T *)(b->offsets + b->depth);
  long d = 0;
  for (long ky = 0; ky < c->kernel_height; ky++)
    for (long kx = 0; kx < c->kernel_width; kx++)
      for (long l = 0; l < c->channels; l++)
        b->offsets[d++] = ky * c->dilation_y * b->width + kx * c->dilation_x * c->channels + l;
  return b->image + b->width * b->height;
}

/// Copies one image between the borders.
TARGET static void NAME(bordered_fill)(const NAME(bordered) * b, const ck_convolution *c, const T *x) {
  const long own = c->width * c->channels, left = c->left * c->channels;
  const long before = left > 0 ? left : 0, skipped = left > 0 ? 0 : -left;
  const long inside = own - skipped < b->width - before ? own - skipped : b->width - before;
  for (long row = 0; row < b->height; row++) {
    T *to = b->image + row * b->width;
    const long y = row - c->top;
    if (y < 0 || y >= c->height || inside <= 0) {
      memset(to, 0, (size_t)b->width * sizeof(T));
      continue;
    }
    for (long i = 0; i < before; i++) to[i] = 0;
    memcpy(to + before, x + y * own + skipped, (size_t)inside * sizeof(T));
    for (long i = before + inside; i < b->width; i++) to[i] = 0;
  }
}

/// Output pixels one beside the other: the sums over what they meet, each times its row of the panel. What will be written
/// `ahead` of them is asked for meanwhile.
TARGET static inline __attribute__((always_inline)) void NAME(shallow_tile)(
    const int rows, const NAME(bordered) * b, const T *first, const T *panel, long columns, T *out, long out_row,
    long ahead) {
  NAME(vector) sums[ROWS], others[ROWS];
  const T *x[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    sums[i] = others[i] = (NAME(vector)){0}, x[i] = first + i * b->step;
    __builtin_prefetch(out + i * out_row + ahead, 1, 2);
  }
  const long depth = b->depth, *offsets = b->offsets;
  for (long d = 0; d < depth; d++, panel += 2 * LANES) {
    const long at = offsets[d];
    NAME(vector) y0 = *(const NAME(vector) *)panel, y1 = *(const NAME(vector) *)(panel + LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) sums[i] += x[i][at] * y0, others[i] += x[i][at] * y1;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(sums[i], others[i], out + i * out_row, columns);
}

/// Some of the numbers that pixels meet, one behind the other in the filters' gradient: their sums over some rows of pixels,
/// each times its pixel's row of g. What lies `ahead` of g is asked for meanwhile.
TARGET static inline __attribute__((always_inline)) void NAME(shallow_filter_tile)(
    const int rows, const NAME(bordered) * b, const long *offsets, const T *first, long pixel_rows, long pixels, const T *g,
    long g_row, long ahead, long columns, T *out, long out_row) {
  NAME(vector) sums[ROWS], others[ROWS];
  const T *x[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(load)(&sums[i], &others[i], out + i * out_row, columns), x[i] = first + offsets[i];
  const long step = b->step, down = b->down;
  for (long row = 0; row < pixel_rows; row++)
    for (long p = 0, at = row * down; p < pixels; p++, at += step, g += g_row) {
      __builtin_prefetch(g + ahead, 0, 2);
      NAME(vector) y0 = *(const NAME(vector) *)g, y1 = *(const NAME(vector) *)(g + LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) sums[i] += x[i][at] * y0, others[i] += x[i][at] * y1;
    }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(sums[i], others[i], out + i * out_row, columns);
}

/// A row of output pixels and a strip of their numbers.
TARGET static void NAME(shallow_row)(const NAME(bordered) * b, long pixels, const T *x, const T *panel, long columns, T *out,
                                     long out_row, long ahead) {
  for (long i = 0, tiles = (pixels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
    const long rows = (pixels - i + tiles - 1) / tiles;
    switch (rows) {
#define EACH(n) \
  case n: NAME(shallow_tile)(n, b, x + i * b->step, panel, columns, out + i * out_row, out_row, ahead); break;
      SIZES
#undef EACH
    }
    i += rows;
  }
}

TARGET static void NAME(shallow_forward)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch) {
  NAME(bordered) b;
  T *panels = NAME(bordered_make)(&b, c, scratch);
  NAME(pack_filters)(c, filters, true, panels);
  for (long image = 0; image < c->images; image++, x += c->height * c->width * c->channels) {
    NAME(bordered_fill)(&b, c, x);
    for (long oy = 0; oy < c->output_height; oy++, out += c->output_width * c->outputs) {
      const bool is_last = image + 1 == c->images && oy + 1 == c->output_height;
      for (long j = 0; j < c->outputs; j += 2 * LANES) {
        // Of all taps and channels of a strip, for they lie one behind the other.
        const T *panel = panels + j * b.depth;
        NAME(shallow_row)(&b, c->output_width, b.image + oy * b.down, panel,
                          c->outputs - j < 2 * LANES ? c->outputs - j : 2 * LANES, out + j, c->outputs,
                          is_last ? 0 : c->output_width * c->outputs);
      }
    }
  }
}

TARGET static void NAME(shallow_by_filters)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                            channel_range some) {
  NAME(bordered) b;
  T *panel = NAME(bordered_make)(&b, c, scratch);
  for (long d = 0; !adds && d < b.depth; d++)
    memset(out + d * c->outputs + some.start, 0, (size_t)(some.end - some.start) * sizeof(T));
  const long many = shallow_rows(c), pixels = c->output_width;
  for (long image = 0; image < c->images; image++, x += c->height * c->width * c->channels) {
    NAME(bordered_fill)(&b, c, x);
    // So many rows of g stay in the first cache while all taps meet them.
    for (long oy = 0; oy < c->output_height; oy += many) {
      const long rows = c->output_height - oy < many ? c->output_height - oy : many;
      const bool is_last = image + 1 == c->images && oy + rows == c->output_height;
      const long ahead = is_last ? 0 : rows * pixels * c->outputs;
      for (long j = some.start; j < some.end; j += 2 * LANES) {
        const long columns = some.end - j < 2 * LANES ? some.end - j : 2 * LANES;
        const bool packs = columns < 2 * LANES;
        if (packs) NAME(pack)(rows * pixels, columns, g + j, c->outputs, 1, panel);
        const T *own = packs ? panel : g + j;
        const long g_row = packs ? 2 * LANES : c->outputs;
        for (long d = 0, tiles = (b.depth + ROWS - 1) / ROWS; tiles > 0; tiles--) {
          const long numbers = (b.depth - d + tiles - 1) / tiles;
          T *to = out + d * c->outputs + j;
          switch (numbers) {
#define EACH(n)                                                                                              \
  case n:                                                                                                    \
    NAME(shallow_filter_tile)(n, &b, b.offsets + d, b.image + oy * b.down, rows, pixels, own, g_row,         \
                              d == 0 ? ahead : 0, columns, to, c->outputs);                                  \
    break;
            SIZES
#undef EACH
          }
          d += numbers;
        }
      }
      g += rows * pixels * c->outputs;
    }
  }
}
