// Convolutions that move by 2 pixels, by the runs of convolution_runs.h in both dimensions. Included by convolution_tile.h, once for
// each scalar type and width.

/// Some rows of a tap, or of the sum of two or four.
TARGET static inline __attribute__((always_inline)) void NAME(put_taps)(const T *first, const T *other, const T *third,
                                                                        const T *fourth, long count, T *to) {
  for (long l = 0; l < count; l += LANES) {
    NAME(vector) sum = *(const NAME(vector) *)(first + l);
    if (other) sum += *(const NAME(vector) *)(other + l);
    if (third) sum += *(const NAME(vector) *)(third + l) + *(const NAME(vector) *)(fourth + l);
    *(NAME(vector) *)(to + l) = sum;
  }
}

/// The filters and their sums as panels of 16 taps each, one after the other, for places in all of them would evict each other.
TARGET static void NAME(pack_runs)(const ck_convolution *c, const T *filters, bool turned, T *panels) {
  const long depth = turned ? c->outputs : c->channels, columns = turned ? c->channels : c->outputs, size = depth * 2 * LANES;
  T rows[9][NAME(ROOM) * 2 * LANES] __attribute__((aligned(64)));
  for (long j = 0; j < columns; j += 2 * LANES, panels += 16 * size)
    for (long start = 0; start < depth; start += NAME(ROOM)) {
      const long count = NAME(pack_taps)(c, filters, turned, start, j, rows) * 2 * LANES;
      T *to = panels + start * 2 * LANES;
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) NAME(put_taps)(rows[3 * i + k], NULL, NULL, NULL, count, to + (4 * i + k) * size);
        NAME(put_taps)(rows[3 * i], rows[3 * i + 2], NULL, NULL, count, to + (4 * i + OUTER_TAPS) * size);
      }
      for (int k = 0; k < 3; k++) NAME(put_taps)(rows[k], rows[6 + k], NULL, NULL, count, to + (4 * OUTER_TAPS + k) * size);
      NAME(put_taps)(rows[0], rows[2], rows[6], rows[8], count, to + (4 * OUTER_TAPS + OUTER_TAPS) * size);
    }
}

/// Where some segments of a run of rows and a run of columns begin, in pixels of what is read and of what is made.
typedef struct {
  long count, read[BLOCK], made[BLOCK];
} NAME(places);

/// The next segments from `start` on, rows of an image one after the other, image by image.
static inline void NAME(place)(const convolution_run *down, const convolution_run *across, long first_image, long start, long count,
                               long read_image, long read_width, long made_image, long made_width, NAME(places) * to) {
  long image = first_image + start / (down->count * across->count), row = start / across->count % down->count;
  long column = start % across->count;
  to->count = count;
  for (long i = 0; i < count; i++) {
    to->read[i] = image * read_image + (down->read + row * down->read_step) * read_width + across->read + column * across->read_step;
    to->made[i] = image * made_image + (down->made + row * down->made_step) * made_width + across->made + column * across->made_step;
    if (++column == across->count) column = 0, row++;
    if (row == down->count) row = 0, image++;
  }
}

/// The differences of some segments' pixels: with the pixel below, to the right, or of both.
TARGET static inline __attribute__((always_inline)) void NAME(differences)(const bool by_row, const bool by_column,
                                                                           const NAME(places) * at, const T *x, long channels,
                                                                           long size, long below, long right, const T **from,
                                                                           T *sums, long row) {
  for (long i = 0; i < at->count; i++, sums += row) {
    const T *p = x + at->read[i] * channels;
    from[i] = sums;
    for (long l = 0; l < size; l += LANES) {
      const long some = size - l;
      NAME(vector) d = NAME(first)(p + l, some);
      if (by_column) d -= NAME(first)(p + right + l, some);
      if (by_row) {
        NAME(vector) other = NAME(first)(p + below + l, some);
        if (by_column) other -= NAME(first)(p + below + right + l, some);
        d -= other;
      }
      *(NAME(vector) *)(sums + l) = d;
    }
  }
}

/// For each segment the row that a product reads, of the channels from `start` on before `end`: a pixel where it lies, or in `sums`
/// the difference of some; how many numbers of `sums` are written.
TARGET static long NAME(read_term)(const NAME(places) * at, run_term down, run_term across, const T *x, long width, long channels,
                                   long start, long end, const T **from, T *sums, long row) {
  const long size = end - start, right = (across.minus - across.plus) * channels, below = (down.minus - down.plus) * width * channels;
  const long first = (down.plus * width + across.plus) * channels + start;
  const bool by_row = down.minus >= 0, by_column = across.minus >= 0;
  if (by_row && by_column)
    NAME(differences)(true, true, at, x + first, channels, size, below, right, from, sums, row);
  else if (by_row)
    NAME(differences)(true, false, at, x + first, channels, size, below, right, from, sums, row);
  else if (by_column)
    NAME(differences)(false, true, at, x + first, channels, size, below, right, from, sums, row);
  else
    for (long i = 0; i < at->count; i++) from[i] = x + (first + at->read[i] * channels);
  return by_row || by_column ? at->count * row : 0;
}

/// A segment's outputs from its 1 or 3 sums in each dimension, which are `step` apart: each is the sum of two where there are 3.
TARGET static inline __attribute__((always_inline)) void NAME(join_sums)(const int down, const int across, const T *sums, long step,
                                                                         T *to, long below, long right, long outputs) {
  const int rows = down == 3 ? 2 : 1, columns = across == 3 ? 2 : 1;
  for (long l = 0; l < outputs; l += LANES)
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      NAME(vector) row[3];
#pragma clang loop unroll(full)
      for (int j = 0; j < across; j++) {
        row[j] = *(const NAME(vector) *)(sums + (i * across + j) * step + l);
        if (down == 3) row[j] += *(const NAME(vector) *)(sums + ((i + 1) * across + j) * step + l);
      }
#pragma clang loop unroll(full)
      for (int j = 0; j < columns; j++)
        NAME(put_first)(across == 3 ? row[j] + row[j + 1] : row[j], to + i * below + j * right + l, outputs - l);
    }
}

/// Outputs by runs. Where `turned`, x is their cotangent, and out is the gradient by the images.
TARGET static void NAME(by_runs)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch, bool turned) {
  const long channels = turned ? c->outputs : c->channels, outputs = turned ? c->channels : c->outputs;
  const long width = turned ? c->output_width : c->width, out_width = turned ? c->width : c->output_width;
  const long image = (turned ? c->output_height : c->height) * width, out_image = (turned ? c->height : c->output_height) * out_width;
  const long most = segments_at_once(c, sizeof(T)), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T);
  const long made = NAME(padded)(outputs), step = most * made + 16, group = (images_of_runs(c) + 3) / 4;
  T *panels = (T *)scratch, *sums = panels + 16 * channels * made, *products = sums + 4 * most * read;
  NAME(pack_runs)(c, filters, turned, panels);
  convolution_run down[MOST_RUNS], across[MOST_RUNS];
  int (*const runs)(long, long, long, convolution_run *) = turned ? backward_runs : forward_runs;
  const int downs = runs(c->height, c->output_height, c->top, down), acrosses = runs(c->width, c->output_width, c->left, across);
  NAME(places) at;
  const T *from[9 * BLOCK];
  T *to[BLOCK];
  for (long first = 0; first < c->images; first += group)
    for (int v = 0; v < downs; v++)
      for (int h = 0; h < acrosses; h++) {
        const convolution_run *d = &down[v], *a = &across[h];
        const long all = (c->images - first < group ? c->images - first : group) * d->count * a->count, joined = d->sums * a->sums;
        for (long start = 0; start < all; start += most) {
          NAME(place)(d, a, first, start, all - start < most ? all - start : most, image, width, out_image, out_width, &at);
          for (int sum = 0; sum < joined; sum++) {
            long taps = 0, places[9];
            T *differences = sums;
            for (int i = 0; i < d->terms; i++)
              for (int j = 0; j < a->terms; j++)
                if (d->term[i].sum * a->sums + a->term[j].sum == sum) {
                  places[taps] = (4 * d->term[i].filter + a->term[j].filter) * channels * 2 * LANES;
                  differences += NAME(read_term)(&at, d->term[i], a->term[j], x, width, channels, 0, channels,
                                                 from + taps++ * BLOCK, differences, read);
                }
            for (long i = 0; i < at.count; i++) to[i] = joined == 1 ? out + at.made[i] * outputs : products + sum * step + i * made;
            NAME(block)(1, 16, channels, joined == 1 ? outputs : made, at.count, taps, from, to, places, panels, NULL, NULL);
          }
          if (joined == 1) continue;
          for (long i = 0; i < at.count; i++) {
            const long below = d->gap * out_width * outputs, right = a->gap * outputs;
            const T *of = products + i * made;
            T *put = out + at.made[i] * outputs;
            if (joined == 9)
              NAME(join_sums)(3, 3, of, step, put, below, right, outputs);
            else if (d->sums == 3)
              NAME(join_sums)(3, 1, of, step, put, below, right, outputs);
            else
              NAME(join_sums)(1, 3, of, step, put, below, right, outputs);
          }
        }
      }
}

/// What a sum's cotangent is made of, in one dimension: a pair's first output, both, or its second.
static inline long NAME(first_of)(const convolution_run *run, int sum) { return run->sums == 3 && sum == 2 ? 1 : 0; }
static inline long NAME(count_of)(const convolution_run *run, int sum) { return run->sums == 3 && sum == 1 ? 2 : 1; }

/// The cotangents of segments' sums, as rows of panels: sum by sum, segment by segment.
TARGET static void NAME(pack_cotangents)(const NAME(places) * at, const convolution_run *d, const convolution_run *a, const T *g,
                                         long width, long outputs, T *panels) {
  for (int sum = 0; sum < d->sums * a->sums; sum++) {
    const int v = sum / a->sums, h = sum % a->sums;
    for (long i = 0; i < at->count; i++) {
      const T *row = g + (at->made[i] + NAME(first_of)(d, v) * d->gap * width + NAME(first_of)(a, h) * a->gap) * outputs;
      T *to = panels + (sum * at->count + i) * 2 * LANES;
      for (long l = 0; l < NAME(padded)(outputs); l += LANES) {
        NAME(vector) total = {0};
        if (l < outputs)
          for (long y = 0; y < NAME(count_of)(d, v); y++) {
            NAME(vector) of_row = NAME(first)(row + y * d->gap * width * outputs + l, outputs - l);
            if (NAME(count_of)(a, h) == 2)
              of_row += NAME(first)(row + (y * d->gap * width + a->gap) * outputs + l, outputs - l);
            total = y == 0 ? of_row : total + of_row;
          }
        *(NAME(vector) *)(to + l / (2 * LANES) * ROWS_OF_RUNS * 2 * LANES + l % (2 * LANES)) = total;
      }
    }
  }
}

/// Segments of several runs whose sums' cotangents are in panels, behind those of the runs before them.
typedef struct {
  const convolution_run *down, *across;
  long panel;
  NAME(places) at;
} NAME(share);

/// Adds to a gradient [channels, made] the products of some rows of x with rows of the panels.
TARGET static void NAME(add_products)(long count, const T *const *from, const long *places, const T *panels, long channels,
                                      long made, T *gradient) {
  for (long k = 0; k < made; k += 2 * LANES) {
    NAME(strip) s = {.panel = panels + k * ROWS_OF_RUNS, .columns = 2 * LANES};
    for (long r = 0, tiles = (channels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
      const long rows = (channels - r + tiles - 1) / tiles;
      s.x_offset = r;
      NAME(filter_tiles)[rows - 1](&s, count, from, places, gradient + r * made + k, made);
      r += rows;
    }
  }
}

/// Adds to the gradients by the 16 filters and their sums what some segments give.
TARGET static void NAME(add_shares)(const ck_convolution *c, const NAME(share) *shares, int count, const T *x, channel_range some,
                                    const T *panels, long made, T *sums, long read, T *gradients) {
  enum { MOST = 2 * BLOCK };
  const long channels = some.end - some.start;
  const T *from[MOST];
  long places[MOST];
  for (int filter = 0; filter < 16; filter++, gradients += channels * made) {
    long met = 0;
    T *differences = sums;
    for (const NAME(share) *share = shares; share < shares + count; share++) {
      const convolution_run *d = share->down, *a = share->across;
      for (int i = 0; i < d->terms; i++)
        for (int j = 0; j < a->terms; j++) {
          if (4 * d->term[i].filter + a->term[j].filter != filter) continue;
          if (met + share->at.count > MOST) {
            NAME(add_products)(met, from, places, panels, channels, made, gradients);
            met = 0, differences = sums;
          }
          differences += NAME(read_term)(&share->at, d->term[i], a->term[j], x, c->width, c->channels, some.start, some.end,
                                         from + met, differences, read);
          const long row = share->panel + (d->term[i].sum * a->sums + a->term[j].sum) * share->at.count;
          for (long k = 0; k < share->at.count; k++) places[met++] = (row + k) * 2 * LANES;
        }
    }
    if (met > 0) NAME(add_products)(met, from, places, panels, channels, made, gradients);
  }
}

/// The gradient by the filters' rows of some channels, of a group of images at a time, each added to what the ones before have come
/// to, or to what is in `out` already.
TARGET static void NAME(filters_by_runs)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                         channel_range some) {
  enum { SHARES = MOST_RUNS * MOST_RUNS };
  const long channels = some.end - some.start, outputs = c->outputs, tap = c->channels * outputs, group = images_of_runs(c);
  const long made = NAME(padded)(outputs), read = whole_lines((size_t)channels * sizeof(T)) / sizeof(T), size = channels * made;
  T *gradients = (T *)scratch, *panels = gradients + 16 * size, *sums = panels + ROWS_OF_RUNS * made;
  convolution_run down[MOST_RUNS], across[MOST_RUNS];
  const int downs = forward_runs(c->height, c->output_height, c->top, down);
  const int acrosses = forward_runs(c->width, c->output_width, c->left, across);
  NAME(share) shares[SHARES];
  for (long first = 0; first < c->images; first += group) {
    memset(gradients, 0, (size_t)(16 * size) * sizeof(T));
    int count = 0;
    long rows = 0;
    for (int v = 0; v < downs; v++)
      for (int h = 0; h < acrosses; h++) {
        const convolution_run *d = &down[v], *a = &across[h];
        const long all = (c->images - first < group ? c->images - first : group) * d->count * a->count, each = d->sums * a->sums;
        for (long start = 0, now; start < all; start += now) {
          const long room = (ROWS_OF_RUNS - rows) / each;
          now = all - start < BLOCK ? all - start : BLOCK;
          if (count == SHARES || room < (now < 12 ? now : 12)) {
            NAME(add_shares)(c, shares, count, x, some, panels, made, sums, read, gradients);
            count = 0, rows = 0, now = 0;
            continue;
          }
          if (now > room) now = room;
          NAME(share) *share = &shares[count++];
          share->down = d, share->across = a, share->panel = rows;
          NAME(place)(d, a, first, start, now, c->height * c->width, c->width, c->output_height * c->output_width, c->output_width,
                      &share->at);
          NAME(pack_cotangents)(&share->at, d, a, g, c->output_width, outputs, panels + rows * 2 * LANES);
          rows += each * now;
        }
      }
    NAME(add_shares)(c, shares, count, x, some, panels, made, sums, read, gradients);
    for (long p = 0; p < channels; p++)
      for (long l = 0; l < outputs; l += LANES) {
        NAME(vector) u[16], w[9];
#pragma clang loop unroll(full)
        for (int s = 0; s < 16; s++) u[s] = *(const NAME(vector) *)(gradients + s * size + p * made + l);
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i += 4) u[i] += u[i + OUTER_TAPS], u[i + 2] += u[i + OUTER_TAPS];
#pragma clang loop unroll(full)
        for (int j = 0; j < 3; j++)
          w[j] = u[j] + u[4 * OUTER_TAPS + j], w[3 + j] = u[4 + j], w[6 + j] = u[8 + j] + u[4 * OUTER_TAPS + j];
        T *to = out + (some.start + p) * outputs + l;
#pragma clang loop unroll(full)
        for (int t = 0; t < 9; t++) {
          if (adds || first > 0) w[t] += NAME(first)(to + t * tap, outputs - l);
          NAME(put_first)(w[t], to + t * tap, outputs - l);
        }
      }
  }
  if (c->images == 0 && !adds)
    for (int t = 0; t < 9; t++) memset(out + t * tap + some.start * outputs, 0, (size_t)(channels * outputs) * sizeof(T));
}
