// The three forms of convolution, by the tiles of convolution_tile.h, which includes this once for each scalar type and
// vector width: what belongs to which pixel, and in which order blocks of pixels are done.

/// Where about the rows of x begin that output pixels from `pixel` on read.
static inline const W *NAME(read_from)(const ck_convolution *c, const W *x, long pixel) {
  long pixels = c->output_height * c->output_width, image = c->height * c->width * c->channels;
  return x + pixel / pixels * image + pixel % pixels * image / pixels;
}

/// Pointers to neighbours in a row of pixels, `step` apart from `column` on: beyond the row's width, or where there is no row, to
/// zeros.
static inline __attribute__((always_inline)) void NAME(point)(const W **to, long count, const W *row, long column, long step,
                                                       long width, long channels, const W *zeros) {
  long start = 0, end = 0;
  if (row) inside_row(column, step, width, count, &start, &end);
  for (long i = 0; i < start; i++) to[i] = zeros;
  for (long i = start; i < end; i++) to[i] = row + (column + i * step) * channels;
  for (long i = end; i < count; i++) to[i] = zeros;
}

/// Output pixels one after the other. Where `is_packed`, the scratch memory has the filters of an earlier call.
TARGET static void NAME(forward)(const ck_convolution *c, const W *x, const T *filters, T *out, char *scratch,
                                 bool is_packed) {
#ifndef HALVES
  if (is_shallow(c)) return NAME(shallow_forward)(c, x, filters, out, scratch);
#endif
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  const W **from = (const W **)scratch;
  T **to = (T **)(from + taps * BLOCK);
  long *places = (long *)(to + BLOCK);
  W *zeros = (W *)(places + taps), *panels = zeros + c->channels;
  for (long i = 0; i < c->channels; i++) zeros[i] = 0;
  for (long t = 0; t < taps; t++) places[t] = t * channels * 2 * LANES;
  if (!is_packed) NAME(pack_filters)(c, filters, true, panels);
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long i = 0; i < count; i++) to[i] = out + (start + i) * c->outputs;
    for (long i = 0, some; i < count; i += some) {
      some = c->output_width - ox < count - i ? c->output_width - ox : count - i;
      for (long ky = 0, t = 0; ky < c->kernel_height; ky++) {
        const long y = oy * c->stride_y + ky * c->dilation_y - c->top;
        const W *row = y >= 0 && y < c->height ? x + (image * c->height + y) * c->width * c->channels : NULL;
        for (long kx = 0; kx < c->kernel_width; kx++, t++)
          NAME(point)(from + t * BLOCK + i, some, row, ox * c->stride_x + kx * c->dilation_x - c->left, c->stride_x, c->width,
                      c->channels, zeros);
      }
      ox += some;
      if (ox == c->output_width) ox = 0, oy++;
      if (oy == c->output_height) oy = 0, image++;
    }
    long after = start + 2 * BLOCK < pixels ? start + 2 * BLOCK : pixels;
    const W *next = NAME(read_from)(c, x, start + count), *end = NAME(read_from)(c, x, after);
    NAME(block)(c->groups, taps, channels, outputs, count, taps, from, to, places, panels, next, end);
  }
}

/// Input pixels by their phase within a stride, for those of one phase meet the same taps.
TARGET static void NAME(by_input)(const ck_convolution *c, const T *filters, const W *g, T *out, char *scratch,
                                  bool is_packed) {
  long all = c->kernel_height * c->kernel_width, channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  const W **from = (const W **)scratch;
  T **to = (T **)(from + all * BLOCK);
  long *places = (long *)(to + BLOCK);
  W *zeros = (W *)(places + all), *panels = zeros + c->outputs;
  for (long i = 0; i < c->outputs; i++) zeros[i] = 0;
  if (!is_packed) NAME(pack_filters)(c, filters, false, panels);
  for (long first_y = 0; first_y < c->stride_y && first_y < c->height; first_y++)
    for (long first_x = 0; first_x < c->stride_x && first_x < c->width; first_x++) {
      // The output pixel that a tap leads to from the first pixel of the phase; from the next one to the next.
      long taps = 0, down[all], across[all];
      for (long ky = 0; ky < c->kernel_height; ky++)
        for (long kx = 0; kx < c->kernel_width; kx++)
          if ((first_y + c->top - ky * c->dilation_y) % c->stride_y == 0 &&
              (first_x + c->left - kx * c->dilation_x) % c->stride_x == 0) {
            places[taps] = (ky * c->kernel_width + kx) * (c->outputs / c->groups) * 2 * LANES;
            down[taps] = (first_y + c->top - ky * c->dilation_y) / c->stride_y;
            across[taps++] = (first_x + c->left - kx * c->dilation_x) / c->stride_x;
          }
      long count = 0;
      const long columns = (c->width - first_x + c->stride_x - 1) / c->stride_x;
      for (long image = 0; image < c->images; image++)
        for (long y = first_y, row = 0; y < c->height; y += c->stride_y, row++)
          for (long column = 0, some; column < columns; column += some) {
            some = columns - column < BLOCK - count ? columns - column : BLOCK - count;
            T *first = out + ((image * c->height + y) * c->width + first_x + column * c->stride_x) * c->channels;
            for (long i = 0; i < some; i++) to[count + i] = first + i * c->stride_x * c->channels;
            for (long t = 0; t < taps; t++) {
              const long oy = down[t] + row;
              const bool inside = oy >= 0 && oy < c->output_height;
              NAME(point)(from + t * BLOCK + count, some,
                          inside ? g + (image * c->output_height + oy) * c->output_width * c->outputs : NULL,
                          across[t] + column, 1, c->output_width, c->outputs, zeros);
            }
            count += some;
            if (count == BLOCK) {
              NAME(block)(c->groups, all, outputs, channels, count, taps, from, to, places, panels, NULL, NULL);
              count = 0;
            }
          }
      if (count > 0) NAME(block)(c->groups, all, outputs, channels, count, taps, from, to, places, panels, NULL, NULL);
    }
}

#ifndef HALVES
/// Pixels block by block, each added to what the ones before have come to, or to what is in `out` already; of some columns.
TARGET static void NAME(by_filters)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                    channel_range some) {
  if (is_shallow(c)) return NAME(shallow_by_filters)(c, x, g, out, scratch, adds, some);
  long taps = c->kernel_height * c->kernel_width, pixels = c->images * c->output_height * c->output_width;
  long channels = c->channels / c->groups, outputs = c->outputs / c->groups;
  const long width = some.end - some.start, strips = (width + 2 * LANES - 1) / (2 * LANES);
  const T **from = (const T **)scratch;
  long *places = (long *)(from + BLOCK);
  T *panels = (T *)(places + BLOCK);
  for (long r = 0; !adds && r < taps * channels; r++)
    for (long group = 0; group < c->groups; group++)
      memset(out + r * c->outputs + group * outputs + some.start, 0, (size_t)width * sizeof(T));
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += BLOCK) {
    long count = pixels - start < BLOCK ? pixels - start : BLOCK;
    for (long group = 0; group < c->groups; group++)
      for (long j = 0; j < strips; j++) {
        long columns = width - j * 2 * LANES < 2 * LANES ? width - j * 2 * LANES : 2 * LANES;
        NAME(pack)(count, columns, g + start * c->outputs + group * outputs + some.start + j * 2 * LANES, c->outputs, 1,
                   panels + (group * strips + j) * BLOCK * 2 * LANES);
      }
    const long first_image = image, first_y = oy, first_x = ox;
    const long after = start + 2 * BLOCK < pixels ? start + 2 * BLOCK : pixels;
    const char *next = (const char *)NAME(read_from)(c, x, start + count), *end = (const char *)NAME(read_from)(c, x, after);
    const long calls = taps * c->groups * strips * ((channels + ROWS - 1) / ROWS), lines = (end - next) / 64 / calls + 1;
    for (long ky = 0; ky < c->kernel_height; ky++)
      for (long kx = 0; kx < c->kernel_width; kx++) {
        long met = 0;
        image = first_image, oy = first_y, ox = first_x;
        for (long i = 0, some; i < count; i += some) {
          some = c->output_width - ox < count - i ? c->output_width - ox : count - i;
          // Pixels for which the tap lies beyond the image add nothing.
          const long y = oy * c->stride_y + ky * c->dilation_y - c->top, column = ox * c->stride_x + kx * c->dilation_x - c->left;
          if (y >= 0 && y < c->height) {
            long first, last;
            inside_row(column, c->stride_x, c->width, some, &first, &last);
            const T *row = x + (image * c->height + y) * c->width * c->channels;
            for (long p = first; p < last; p++) from[met + p - first] = row + (column + p * c->stride_x) * c->channels;
            for (long p = first; p < last; p++) places[met + p - first] = (i + p) * 2 * LANES;
            met += last - first;
          }
          ox += some;
          if (ox == c->output_width) ox = 0, oy++;
          if (oy == c->output_height) oy = 0, image++;
        }
        T *first = out + (ky * c->kernel_width + kx) * channels * c->outputs + some.start;
        for (long group = 0; group < c->groups; group++)
          for (long j = 0; j < strips; j++) {
            NAME(strip) s = {.panel = panels + (group * strips + j) * BLOCK * 2 * LANES};
            s.columns = width - j * 2 * LANES < 2 * LANES ? width - j * 2 * LANES : 2 * LANES;
            for (long i = 0, tiles = (channels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
              long rows = (channels - i + tiles - 1) / tiles;
              s.x_offset = group * channels + i;
              NAME(bring)(&next, end, lines);
              NAME(filter_tiles)[rows - 1](&s, met, from, places,
                                           first + i * c->outputs + group * outputs + j * 2 * LANES, c->outputs);
              i += rows;
            }
          }
      }
  }
}
#endif
