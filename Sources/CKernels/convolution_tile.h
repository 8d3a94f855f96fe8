// Convolution for one scalar type and one vector width. Included several times with these defined:
//   T, LANES (numbers in a vector), ROWS (of a register tile, which is two vectors wide), NAME(x), TARGET.
//
// Patches of an image are copied only where it has few channels: else the rows of a tile are read where they lie, by a
// pointer for each tap of the filter, which leads to zeros where the tap lies beyond the image. Beside them, only what all
// pixels share is packed: the filters (or, for their gradient, the cotangents of a block of pixels) in strips of the tile's
// width.

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
TARGET static void NAME(pack)(long depth, long columns, const T *restrict y, long y_row, long y_column, T *restrict panel) {
  if (y_column == 1 && columns == 2 * LANES) {
    for (long p = 0; p < depth; p++, y += y_row, panel += 2 * LANES) {
      *(NAME(vector) *)panel = *(const NAME(vector) *)y;
      *(NAME(vector) *)(panel + LANES) = *(const NAME(vector) *)(y + LANES);
    }
    return;
  }
  long p = 0;
  // Four rows of two columns at a time, so that what is read and what is written both lie together.
  if (y_row == 1 && columns == 2 * LANES)
    for (; p + 4 <= depth; p += 4)
      for (long l = 0; l < columns; l += 2) {
        const T *a = y + p + l * y_column, *b = a + y_column;
        T *to = panel + p * 2 * LANES + l;
        for (int i = 0; i < 4; i++) to[i * 2 * LANES] = a[i], to[i * 2 * LANES + 1] = b[i];
      }
  for (; p < depth; p++) {
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

/// A block of pixels of the result, by pointers to their rows in x for some taps of `all` that a panel has, and to their own
/// rows. A group has `depth` numbers of a row in x and `columns` of the result.
TARGET static void NAME(block)(long groups, long all, long depth, long columns, long pixels, long taps,
                               const T *const *from, T *const *out, const long *places, const T *panels) {
  // So many rows of a panel stay in the first cache while all pixels of the block meet them.
  long many = depth >= DEPTH ? 1 : DEPTH / (depth > 0 ? depth : 1);
  NAME(strip) s;
  for (long g = 0; g < groups; g++)
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

/// The patches of an image under the filter for some output pixels from `start` on, a row for each; zeros beyond the image.
TARGET static void NAME(copy_patches)(const ck_convolution *c, const T *x, long start, long count, T *restrict patches) {
  const long channels = c->channels, taps = c->kernel_height * c->kernel_width, length = taps * channels;
  const long step = c->stride_x * channels;
  // Along a row of output pixels, the numbers under one place of the filter lie evenly.
  for (long done = 0; done < count;) {
    long oy = (start + done) / c->output_width, ox = (start + done) % c->output_width, image = oy / c->output_height;
    long run = c->output_width - ox < count - done ? c->output_width - ox : count - done;
    T *to = patches + done * length;
    for (long ky = 0; ky < c->kernel_height; ky++) {
      long y = oy % c->output_height * c->stride_y + ky * c->dilation_y - c->top;
      bool is_row = y >= 0 && y < c->height;
      for (long kx = 0; kx < c->kernel_width; kx++, to += channels) {
        long first = ox * c->stride_x + kx * c->dilation_x - c->left;
        long before = first >= 0 ? 0 : (-first + c->stride_x - 1) / c->stride_x;
        long end = first >= c->width ? 0 : (c->width - first + c->stride_x - 1) / c->stride_x;
        if (!is_row || before > run) before = run;
        if (!is_row || end > run) end = run;
        if (end < before) end = before;
        const T *from = is_row ? x + ((image * c->height + y) * c->width + first) * channels : x;
        for (long l = 0; l < channels; l++) {
          for (long i = 0; i < before; i++) to[i * length + l] = 0;
          for (long i = before; i < end; i++) to[i * length + l] = from[i * step + l];
          for (long i = end; i < run; i++) to[i * length + l] = 0;
        }
      }
    }
    done += run;
  }
}

/// Output pixels one after the other.
TARGET static void NAME(forward)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch) {
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  // With few channels, following a pointer costs more than copying what it leads to.
  const bool copies = copies_patches(c);
  const T **from = (const T **)scratch;
  T **to = (T **)(from + taps * BLOCK);
  long *places = (long *)(to + BLOCK);
  T *zeros = (T *)(places + taps), *patches = zeros + c->channels;
  T *panels = patches + (copies ? taps * channels * BLOCK : 0);
  for (long i = 0; i < c->channels; i++) zeros[i] = 0;
  for (long t = 0; t < taps; t++) places[t] = t * channels * 2 * LANES;
  NAME(pack_filters)(c, filters, true, panels);
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long i = 0; i < count; i++) {
      to[i] = out + (start + i) * c->outputs;
      if (copies) {
        from[i] = patches + i * taps * channels;
        continue;
      }
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
    if (copies) {
      NAME(copy_patches)(c, x, start, count, patches);
      NAME(block)(1, 1, taps * channels, outputs, count, 1, from, to, places, panels);
    } else {
      NAME(block)(c->groups, taps, channels, outputs, count, taps, from, to, places, panels);
    }
  }
}

/// Input pixels by their phase within a stride, for those of one phase meet the same taps.
TARGET static void NAME(by_input)(const ck_convolution *c, const T *filters, const T *g, T *out, char *scratch) {
  long all = c->kernel_height * c->kernel_width, channels = c->channels / c->groups, outputs = c->outputs / c->groups;
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
            if (++count == BLOCK) {
              NAME(block)(c->groups, all, outputs, channels, count, taps, from, to, places, panels);
              count = 0;
            }
          }
      if (count > 0) NAME(block)(c->groups, all, outputs, channels, count, taps, from, to, places, panels);
    }
}

/// Pixels block by block, each added to what the ones before have come to.
TARGET static void NAME(by_filters)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch) {
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  long strips = (outputs + 2 * LANES - 1) / (2 * LANES);
  // A tile's rows are channels of one tap; where there are few, the patches are copied and are one tap.
  const bool copies = copies_patches(c);
  const T **from = (const T **)scratch;
  long *places = (long *)(from + BLOCK);
  T *panels = (T *)(places + BLOCK), *patches = panels + c->groups * strips * BLOCK * 2 * LANES;
  for (long i = 0; i < taps * channels * c->outputs; i++) out[i] = 0;
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long group = 0; group < c->groups; group++)
      for (long j = 0; j < strips; j++) {
        long columns = outputs - j * 2 * LANES < 2 * LANES ? outputs - j * 2 * LANES : 2 * LANES;
        NAME(pack)(count, columns, g + start * c->outputs + group * outputs + j * 2 * LANES, c->outputs, 1,
                   panels + (group * strips + j) * BLOCK * 2 * LANES);
      }
    const long first_image = image, first_y = oy, first_x = ox;
    if (copies) NAME(copy_patches)(c, x, start, count, patches);
    for (long ky = 0; ky < c->kernel_height; ky++)
      for (long kx = 0; kx < c->kernel_width; kx++) {
        if (copies && ky + kx > 0) continue;
        long met = 0;
        image = first_image, oy = first_y, ox = first_x;
        for (long i = 0; i < count; i++) {
          if (copies) {
            from[met] = patches + i * taps * channels, places[met++] = i * 2 * LANES;
          } else {
            // Pixels for which the tap lies beyond the image add nothing.
            long y = oy * c->stride_y + ky * c->dilation_y - c->top, across = ox * c->stride_x + kx * c->dilation_x - c->left;
            if (y >= 0 && y < c->height && across >= 0 && across < c->width)
              from[met] = x + ((image * c->height + y) * c->width + across) * c->channels, places[met++] = i * 2 * LANES;
          }
          if (++ox == c->output_width) ox = 0, oy++;
          if (oy == c->output_height) oy = 0, image++;
        }
        long depth = copies ? taps * channels : channels;
        T *first = out + (ky * c->kernel_width + kx) * channels * c->outputs;
        for (long group = 0; group < c->groups; group++)
          for (long j = 0; j < strips; j++) {
            NAME(strip) s = {.panel = panels + (group * strips + j) * BLOCK * 2 * LANES};
            s.columns = outputs - j * 2 * LANES < 2 * LANES ? outputs - j * 2 * LANES : 2 * LANES;
            for (long i = 0, tiles = (depth + ROWS - 1) / ROWS; tiles > 0; tiles--) {
              long rows = (depth - i + tiles - 1) / tiles;
              s.x_offset = group * channels + i;
              NAME(filter_tiles)[rows - 1](&s, met, from, places,
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
