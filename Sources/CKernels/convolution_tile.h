// Convolution for one scalar type and one vector width. Included several times with these defined:
//   T, LANES (numbers in a vector), ROWS (of a register tile, which is two vectors wide), NAME(x), TARGET.
//
// No patch of an image is copied: the rows of a tile are read where they lie, by a pointer for each tap of the filter, which
// leads to zeros where the tap lies beyond the image. Only what all pixels share is packed: the filters (or, for their
// gradient, the cotangents of a block of pixels) in strips of the tile's width.

typedef T NAME(vector) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T))));
enum { NAME(WIDE) = 2 * LANES };

TARGET static inline __attribute__((always_inline)) void NAME(load)(NAME(vector) * a, NAME(vector) * b, const T *from,
                                                             long columns) {
  if (columns == 2 * LANES) {
    *a = *(const NAME(vector) *)from, *b = *(const NAME(vector) *)(from + LANES);
  } else {
    T whole[2 * LANES] = {0};
    for (long l = 0; l < columns; l++) whole[l] = from[l];
    *a = *(const NAME(vector) *)whole, *b = *(const NAME(vector) *)(whole + LANES);
  }
}

TARGET static inline __attribute__((always_inline)) void NAME(store)(NAME(vector) a, NAME(vector) b, T *to, long columns) {
  if (columns == 2 * LANES) {
    *(NAME(vector) *)to = a, *(NAME(vector) *)(to + LANES) = b;
  } else {
    T whole[2 * LANES];
    *(NAME(vector) *)whole = a, *(NAME(vector) *)(whole + LANES) = b;
    for (long l = 0; l < columns; l++) to[l] = whole[l];
  }
}

/// What all tiles of a strip share: `taps` of a filter, of whose panels each has `depth` rows.
typedef struct {
  long taps, depth, columns;
  const T *panel;
  /// Where in the panel each tap begins.
  const long *places;
  /// In the rows of x, and in those of the result.
  long x_offset, out_offset;
  bool adds;
} NAME(strip);

/// Rows of the result: the sum over taps of a row of x times that tap's panel.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const NAME(strip) * s, const T *const *from, T *const *out) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    a[i] = b[i] = (NAME(vector)){0};
    if (s->adds) NAME(load)(&a[i], &b[i], out[i] + s->out_offset, s->columns);
  }
  const long depth = s->depth;
  for (long t = 0; t < s->taps; t++, from += BLOCK) {
    const T *x[ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) x[i] = from[i] + s->x_offset;
    const T *y = s->panel + s->places[t];
    for (long p = 0; p < depth; p++, y += 2 * LANES) {
      NAME(vector) y0 = *(const NAME(vector) *)y, y1 = *(const NAME(vector) *)(y + LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        T value = x[i][p];
        a[i] += value * y0;
        b[i] += value * y1;
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(a[i], b[i], out[i] + s->out_offset, s->columns);
}

/// Rows of the filters' gradient, one behind the other: the sum over pixels of the elements of x from `x_offset` on, each
/// times the pixel's row of the panel.
TARGET static inline __attribute__((always_inline)) void NAME(filter_tile)(
    const int rows, const NAME(strip) * s, long pixels, const T *const *from, const long *places, T *out, long out_row) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(load)(&a[i], &b[i], out + i * out_row, s->columns);
  for (long p = 0; p < pixels; p++) {
    const T *x = from[p] + s->x_offset, *y = s->panel + places[p];
    NAME(vector) y0 = *(const NAME(vector) *)y, y1 = *(const NAME(vector) *)(y + LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      T value = x[i];
      a[i] += value * y0;
      b[i] += value * y1;
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(a[i], b[i], out + i * out_row, s->columns);
}

#define SIZES EACH(1) EACH(2) EACH(3) EACH(4) EACH(5) EACH(6) LARGER
#if ROWS == 12
#define LARGER EACH(7) EACH(8) EACH(9) EACH(10) EACH(11) EACH(12)
#else
#define LARGER
#endif
#define EACH(rows)                                                                                                   \
  TARGET static void NAME(tile_##rows)(const NAME(strip) * s, const T *const *from, T *const *out) {                 \
    NAME(tile)(rows, s, from, out);                                                                                  \
  }                                                                                                                  \
  TARGET static void NAME(filter_tile_##rows)(const NAME(strip) * s, long pixels, const T *const *from,              \
                                              const long *places, T *out, long out_row) {                            \
    NAME(filter_tile)(rows, s, pixels, from, places, out, out_row);                                                  \
  }
SIZES
#undef EACH
typedef void (*NAME(tile_function))(const NAME(strip) * s, const T *const *from, T *const *out);
typedef void (*NAME(filter_tile_function))(const NAME(strip) * s, long pixels, const T *const *from, const long *places,
                                           T *out, long out_row);
#define EACH(rows) NAME(tile_##rows),
static const NAME(tile_function) NAME(tiles)[] = {SIZES};
#undef EACH
#define EACH(rows) NAME(filter_tile_##rows),
static const NAME(filter_tile_function) NAME(filter_tiles)[] = {SIZES};
#undef EACH
#undef LARGER
#undef SIZES

/// A matrix [depth, columns] of any strides as a panel: rows of the tile's width with zeros beyond the columns.
TARGET static void NAME(pack)(long depth, long columns, const T *y, long y_row, long y_column, T *panel) {
  if (y_column == 1 && columns == 2 * LANES) {
    for (long p = 0; p < depth; p++)
      for (long l = 0; l < 2 * LANES; l++) panel[p * 2 * LANES + l] = y[p * y_row + l];
    return;
  }
  for (long p = 0; p < depth; p++) {
    for (long l = 0; l < columns; l++) panel[p * 2 * LANES + l] = y[p * y_row + l * y_column];
    for (long l = columns; l < 2 * LANES; l++) panel[p * 2 * LANES + l] = 0;
  }
}

/// The panels of all groups, strips and taps, in this order. Forward, rows are a group's channels and columns its outputs;
/// for the gradient by the input the other way round.
TARGET static void NAME(pack_filters)(const ck_convolution *c, const T *filters, bool is_forward, T *panels) {
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups, taps = c->kernel_height * c->kernel_width;
  long depth = is_forward ? channels : outputs, columns = is_forward ? outputs : channels;
  for (long g = 0; g < c->groups; g++)
    for (long j = 0; j < columns; j += 2 * LANES)
      for (long t = 0; t < taps; t++, panels += depth * 2 * LANES) {
        const T *tap = filters + t * channels * c->outputs + g * outputs;
        long some = columns - j < 2 * LANES ? columns - j : 2 * LANES;
        if (is_forward)
          NAME(pack)(depth, some, tap + j, c->outputs, 1, panels);
        else
          NAME(pack)(depth, some, tap + j * c->outputs, 1, c->outputs, panels);
      }
}

/// A block of pixels of the result, by pointers to their rows in x for `taps` of the filter and to their own rows.
TARGET static void NAME(block)(const ck_convolution *c, bool is_forward, long pixels, long taps, const T *const *from,
                               T *const *out, const long *places, const T *panels) {
  long depth = (is_forward ? c->channels : c->outputs) / c->groups;
  long columns = (is_forward ? c->outputs : c->channels) / c->groups, all = c->kernel_height * c->kernel_width;
  // So many rows of a panel stay in the first cache while all pixels of the block meet them.
  long many = depth >= DEPTH ? 1 : DEPTH / (depth > 0 ? depth : 1);
  NAME(strip) s;
  for (long g = 0; g < c->groups; g++)
    for (long t = 0; t < taps || t == 0; t += many)
      for (long d = 0; d < depth || d == 0; d += DEPTH) {
        s.taps = taps - t < many ? taps - t : many;
        s.depth = depth - d < DEPTH ? depth - d : DEPTH;
        s.places = places + t;
        s.adds = t > 0 || d > 0;
        s.x_offset = g * depth + d;
        long strips = (columns + 2 * LANES - 1) / (2 * LANES);
        for (long j = 0; j < strips; j++) {
          s.columns = columns - j * 2 * LANES < 2 * LANES ? columns - j * 2 * LANES : 2 * LANES;
          s.panel = panels + ((g * strips + j) * all * depth + d) * 2 * LANES;
          s.out_offset = g * columns + j * 2 * LANES;
          for (long i = 0, tiles = (pixels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
            long rows = (pixels - i + tiles - 1) / tiles;
            NAME(tiles)[rows - 1](&s, from + t * BLOCK + i, out + i);
            i += rows;
          }
        }
      }
}

/// Output pixels one after the other.
TARGET static void NAME(forward)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch) {
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  const T **from = (const T **)scratch;
  T **to = (T **)(from + taps * BLOCK);
  long *places = (long *)(to + BLOCK);
  T *zeros = (T *)(places + taps), *panels = zeros + c->channels;
  for (long i = 0; i < c->channels; i++) zeros[i] = 0;
  for (long t = 0; t < taps; t++) places[t] = t * (c->channels / c->groups) * 2 * LANES;
  NAME(pack_filters)(c, filters, true, panels);
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long i = 0; i < count; i++) {
      to[i] = out + (start + i) * c->outputs;
      for (long ky = 0, t = 0; ky < c->kernel_height; ky++) {
        long y = oy * c->stride_y + ky * c->dilation_y - c->top;
        for (long kx = 0; kx < c->kernel_width; kx++, t++) {
          long across = ox * c->stride_x + kx * c->dilation_x - c->left;
          bool inside = y >= 0 && y < c->height && across >= 0 && across < c->width;
          from[t * BLOCK + i] = inside ? x + ((image * c->height + y) * c->width + across) * c->channels : zeros;
        }
      }
      if (++ox == c->output_width) ox = 0, oy++;
      if (oy == c->output_height) oy = 0, image++;
    }
    NAME(block)(c, true, count, taps, from, to, places, panels);
  }
}

/// Input pixels by their phase within a stride, for those of one phase meet the same taps.
TARGET static void NAME(by_input)(const ck_convolution *c, const T *filters, const T *g, T *out, char *scratch) {
  long all = c->kernel_height * c->kernel_width;
  const T **from = (const T **)scratch;
  T **to = (T **)(from + all * BLOCK);
  long *places = (long *)(to + BLOCK);
  T *zeros = (T *)(places + all), *panels = zeros + c->outputs;
  for (long i = 0; i < c->outputs; i++) zeros[i] = 0;
  NAME(pack_filters)(c, filters, false, panels);
  for (long first_y = 0; first_y < c->stride_y && first_y < c->height; first_y++)
    for (long first_x = 0; first_x < c->stride_x && first_x < c->width; first_x++) {
      long taps = 0, kys[all], kxs[all];
      for (long ky = 0; ky < c->kernel_height; ky++)
        for (long kx = 0; kx < c->kernel_width; kx++)
          if ((first_y + c->top - ky * c->dilation_y) % c->stride_y == 0 &&
              (first_x + c->left - kx * c->dilation_x) % c->stride_x == 0) {
            places[taps] = (ky * c->kernel_width + kx) * (c->outputs / c->groups) * 2 * LANES;
            kys[taps] = ky, kxs[taps++] = kx;
          }
      long count = 0;
      for (long image = 0; image < c->images; image++)
        for (long y = first_y; y < c->height; y += c->stride_y)
          for (long x = first_x; x < c->width; x += c->stride_x) {
            to[count] = out + ((image * c->height + y) * c->width + x) * c->channels;
            for (long t = 0; t < taps; t++) {
              long down = y + c->top - kys[t] * c->dilation_y, across = x + c->left - kxs[t] * c->dilation_x;
              long oy = down / c->stride_y, ox = across / c->stride_x;
              bool inside = down >= 0 && oy < c->output_height && across >= 0 && ox < c->output_width;
              from[t * BLOCK + count] =
                  inside ? g + ((image * c->output_height + oy) * c->output_width + ox) * c->outputs : zeros;
            }
            if (++count == BLOCK) NAME(block)(c, false, count, taps, from, to, places, panels), count = 0;
          }
      if (count > 0) NAME(block)(c, false, count, taps, from, to, places, panels);
    }
}

/// Pixels block by block, each added to what the ones before have come to.
TARGET static void NAME(by_filters)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch) {
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  long strips = (outputs + 2 * LANES - 1) / (2 * LANES);
  // A tile's rows are channels of one tap; where there are too few, the patches are copied and are one tap.
  const bool copies = channels < ROWS && c->groups == 1;
  const T **from = (const T **)scratch;
  long *places = (long *)(from + BLOCK);
  T *panels = (T *)(places + BLOCK), *patches = panels + c->groups * strips * BLOCK * 2 * LANES;
  for (long i = 0; i < taps * channels * c->outputs; i++) out[i] = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long group = 0; group < c->groups; group++)
      for (long j = 0; j < strips; j++) {
        long columns = outputs - j * 2 * LANES < 2 * LANES ? outputs - j * 2 * LANES : 2 * LANES;
        NAME(pack)(count, columns, g + start * c->outputs + group * outputs + j * 2 * LANES, c->outputs, 1,
                   panels + (group * strips + j) * BLOCK * 2 * LANES);
      }
    for (long t = 0; t < taps; t++) {
      long image = start / (c->output_height * c->output_width), rest = start % (c->output_height * c->output_width);
      long oy = rest / c->output_width, ox = rest % c->output_width, met = 0;
      for (long i = 0; i < count; i++) {
        long y = oy * c->stride_y + t / c->kernel_width * c->dilation_y - c->top;
        long across = ox * c->stride_x + t % c->kernel_width * c->dilation_x - c->left;
        bool inside = y >= 0 && y < c->height && across >= 0 && across < c->width;
        const T *row = x + ((image * c->height + y) * c->width + across) * c->channels;
        if (copies)
          for (long k = 0; k < channels; k++) patches[(i * taps + t) * channels + k] = inside ? row[k] : 0;
        else if (inside)
          from[met] = row, places[met++] = i * 2 * LANES;
        if (++ox == c->output_width) ox = 0, oy++;
        if (oy == c->output_height) oy = 0, image++;
      }
      if (copies && t < taps - 1) continue;
      for (long i = 0; copies && i < count; i++) from[i] = patches + i * taps * channels, places[i] = i * 2 * LANES;
      long depth = copies ? taps * channels : channels;
      T *first = copies ? out : out + t * channels * c->outputs;
      for (long group = 0; group < c->groups; group++)
        for (long j = 0; j < strips; j++) {
          NAME(strip) s = {.panel = panels + (group * strips + j) * BLOCK * 2 * LANES};
          s.columns = outputs - j * 2 * LANES < 2 * LANES ? outputs - j * 2 * LANES : 2 * LANES;
          for (long i = 0, tiles = (depth + ROWS - 1) / ROWS; tiles > 0; tiles--) {
            long rows = (depth - i + tiles - 1) / tiles;
            s.x_offset = group * channels + i;
            NAME(filter_tiles)[rows - 1](&s, copies ? count : met, from, places,
                                         first + i * c->outputs + group * outputs + j * 2 * LANES, c->outputs);
            i += rows;
          }
        }
    }
  }
}

#undef T
#undef LANES
#undef ROWS
#undef NAME
#undef TARGET
