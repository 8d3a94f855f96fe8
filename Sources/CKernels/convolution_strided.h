// Convolutions that move by 2 pixels, by the runs of convolution_runs.h in both dimensions. Included by convolution_tile.h, once for
// each scalar type and width. Of halves, sums of pixels and of taps are those of numbers, rounded.

/// Of a tap, or of the sum of two or four.
TARGET static inline __attribute__((always_inline)) NAME(vector) NAME(sum_of_taps)(const W *first, const W *other, const W *third,
                                                                            const W *fourth, long at) {
  NAME(vector) sum = *(const NAME(vector) *)(first + at);
  if (other) sum += *(const NAME(vector) *)(other + at);
  if (third) sum += *(const NAME(vector) *)(third + at) + *(const NAME(vector) *)(fourth + at);
  return sum;
}

/// Some rows of it for a panel, of which one has two of halves.
TARGET static inline __attribute__((always_inline)) void NAME(put_taps)(const W *first, const W *other, const W *third,
                                                                        const W *fourth, long count, W *to) {
#ifdef HALVES
  for (long l = 0; l < count; l += (l / LANES % 2 ? 3 : 1) * LANES, to += LANES)
    *(NAME(factors) *)to = NAME(joined)(NAME(sum_of_taps)(first, other, third, fourth, l),
                                        NAME(sum_of_taps)(first, other, third, fourth, l + 2 * LANES));
#else
  for (long l = 0; l < count; l += LANES) *(NAME(vector) *)(to + l) = NAME(sum_of_taps)(first, other, third, fourth, l);
#endif
}

/// The filters and their sums, where there are pairs down and across, as panels of 16 taps each, one after the other, for places in all
/// of them would evict each other.
TARGET static void NAME(pack_runs)(const ck_convolution *c, const T *filters, bool turned, bool down, bool across, W *panels) {
  const long depth = turned ? c->outputs : c->channels, columns = turned ? c->channels : c->outputs;
  const long size = depth / PER_WORD * 2 * LANES;
  W rows[9][NAME(ROOM) * 2 * LANES] __attribute__((aligned(64)));
  for (long j = 0; j < columns; j += 2 * LANES, panels += 16 * size)
    for (long start = 0; start < depth; start += NAME(ROOM)) {
      const long count = NAME(pack_taps)(c, (const W *)filters, turned, start, j, rows) * 2 * LANES;
      W *to = panels + start / PER_WORD * 2 * LANES;
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) NAME(put_taps)(rows[3 * i + k], NULL, NULL, NULL, count, to + (4 * i + k) * size);
        if (across) NAME(put_taps)(rows[3 * i], rows[3 * i + 2], NULL, NULL, count, to + (4 * i + OUTER_TAPS) * size);
      }
      for (int k = 0; k < 3 && down; k++) NAME(put_taps)(rows[k], rows[6 + k], NULL, NULL, count, to + (4 * OUTER_TAPS + k) * size);
      if (down && across)
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

/// A pixel, or the difference: to the pixel below, to the right, or of both.
TARGET static inline __attribute__((always_inline)) NAME(vector) NAME(difference)(const bool by_row, const bool by_column, const T *p,
                                                                           long below, long right, long some) {
  NAME(vector) d = NAME(first)(p, some);
  if (by_column) d -= NAME(first)(p + right, some);
  if (by_row) {
    NAME(vector) other = NAME(first)(p + below, some);
    if (by_column) other -= NAME(first)(p + below + right, some);
    d -= other;
  }
  return d;
}

/// The differences of some segments' pixels, as rows of `sums`; in `pairs`, two segments' in the words of one.
TARGET static inline __attribute__((always_inline)) void NAME(differences)(const bool by_row, const bool by_column, const bool pairs,
                                                                           const NAME(places) * at, const T *x, long channels,
                                                                           long size, long below, long right, W *sums, long row) {
  for (long i = 0; i < at->count; i += pairs ? 2 : 1, sums += row) {
    const T *p = x + at->read[i] * channels, *q = pairs && i + 1 < at->count ? x + at->read[i + 1] * channels : NULL;
#ifdef HALVES
    // A pixel by itself is met for the first time.
    if (!by_row && !by_column && i + 4 < at->count)
      for (long l = 0; l < size; l += 64 / sizeof(T)) __builtin_prefetch(x + at->read[i + 4] * channels + l, 0, 3);
    for (long l = 0; pairs && l < size; l += LANES)
      *(NAME(factors) *)(sums + l) =
          NAME(joined)(NAME(difference)(by_row, by_column, p + l, below, right, size - l),
                       q ? NAME(difference)(by_row, by_column, q + l, below, right, size - l) : (NAME(vector)){0});
    for (long l = 0; !pairs && l < size; l += 2 * LANES) {
      const NAME(vector) d = NAME(difference)(by_row, by_column, p + l, below, right, size - l);
      const bool ends = l + LANES >= size;
      NAME(put_halves)(d, ends ? d : NAME(difference)(by_row, by_column, p + l + LANES, below, right, size - l - LANES),
                       (uint16_t *)sums + l);
    }
#else
    (void)q;
    for (long l = 0; l < size; l += LANES)
      *(NAME(vector) *)(sums + l) = NAME(difference)(by_row, by_column, p + l, below, right, size - l);
#endif
  }
}

/// The rows that a product reads, of the channels from `start` on before `end`: in `sums`, `row` words apart, the difference of some
/// pixels, or what is rounded. Where they are asked for by pointers in `from`, one for each segment, a pixel by itself stays where it
/// lies; else it is copied, too, and halves of two segments share a row. How many words of `sums` are written.
TARGET static inline __attribute__((always_inline)) long NAME(read_term)(const NAME(places) * at, run_term down, run_term across,
                                                                         const T *x, long width, long channels, long start, long end,
                                                                         const W **from, W *sums, long row) {
  const long size = end - start, right = (across.minus - across.plus) * channels, below = (down.minus - down.plus) * width * channels;
  const bool by_row = down.minus >= 0, by_column = across.minus >= 0, pairs = PER_WORD == 2 && !from;
  x += (down.plus * width + across.plus) * channels + start;
#ifndef HALVES
  if (from && !by_row && !by_column) {
    for (long i = 0; i < at->count; i++) from[i] = x + at->read[i] * channels;
    return 0;
  }
#endif
  if (by_row && by_column)
    NAME(differences)(true, true, pairs, at, x, channels, size, below, right, sums, row);
  else if (by_row)
    NAME(differences)(true, false, pairs, at, x, channels, size, below, right, sums, row);
  else if (by_column)
    NAME(differences)(false, true, pairs, at, x, channels, size, below, right, sums, row);
  else
    NAME(differences)(false, false, pairs, at, x, channels, size, below, right, sums, row);
  for (long i = 0; from && i < at->count; i++) from[i] = sums + i * row;
  return (pairs ? (at->count + 1) / 2 : at->count) * row;
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

/// A part of an array that is met later, to be brought near a little at a time.
typedef struct {
  const char *next, *end;
} NAME(coming);

/// An array's images from `first` on, of which each has so many numbers.
static inline NAME(coming) NAME(images_from)(const T *array, long first, long count, long size) {
  const char *next = (const char *)(array + first * size);
  return (NAME(coming)){next, next + count * size * (long)sizeof(T)};
}

/// Of what is met after work of `all` units, what is due between `start` and `end` of them.
static inline NAME(coming) NAME(due)(const NAME(coming) * array, long start, long end, long all) {
  const long size = array->end - array->next;
  return (NAME(coming)){array->next + size * start / all, array->next + size * end / all};
}

/// Outputs by runs. Where `turned`, x is their cotangent, and out is the gradient by the images.
TARGET static void NAME(by_runs)(const ck_convolution *c, const T *x, const T *filters, T *out, char *scratch, bool turned) {
  const long channels = turned ? c->outputs : c->channels, outputs = turned ? c->channels : c->outputs;
  const long width = turned ? c->output_width : c->width, out_width = turned ? c->width : c->output_width;
  const long image = (turned ? c->output_height : c->height) * width, out_image = (turned ? c->height : c->output_height) * out_width;
  const long most = segments_at_once(c, sizeof(T)), depth = channels / PER_WORD;
  const long read = whole_lines((size_t)depth * sizeof(W)) / sizeof(W);
  const long made = NAME(padded)(outputs), step = most * made + 16, group = (images_of_runs(c) + 3) / 4;
  W *panels = (W *)scratch, *sums = panels + 16 * depth * made;
  // Of a sum's terms 4 are differences at most; but all 9 are rounded.
  T *products = (T *)(sums + (PER_WORD == 2 ? 9 : 4) * most * read);
  convolution_run down[MOST_RUNS], across[MOST_RUNS];
  int (*const runs)(long, long, long, convolution_run *) = turned ? backward_runs : forward_runs;
  const int downs = runs(c->height, c->output_height, c->top, down), acrosses = runs(c->width, c->output_width, c->left, across);
  NAME(pack_runs)(c, filters, turned, has_pairs(down, downs), has_pairs(across, acrosses), panels);
  NAME(places) at;
  const W *from[9 * BLOCK];
  T *to[BLOCK];
  for (long first = 0, images, later; first < c->images; first += images) {
    images = c->images - first < group ? c->images - first : group;
    later = c->images - first - images < group ? c->images - first - images : group;
    // What the next images read, and where their results go, comes nearer while pairs in both dimensions are done: most of the work.
    const NAME(coming) coming[2] = {NAME(images_from)(out, first + images, later, out_image * outputs),
                                    NAME(images_from)(x, first + images, later, image * channels)};
    for (int v = 0; v < downs; v++)
      for (int h = 0; h < acrosses; h++) {
        const convolution_run *d = &down[v], *a = &across[h];
        const long all = images * d->count * a->count, joined = d->sums * a->sums;
        for (long start = 0; start < all; start += most) {
          NAME(place)(d, a, first, start, all - start < most ? all - start : most, image, width, out_image, out_width, &at);
          for (int sum = 0; sum < joined; sum++) {
            long taps = 0, places[9];
            W *differences = sums;
            for (int i = 0; i < d->terms; i++)
              for (int j = 0; j < a->terms; j++)
                if (d->term[i].sum * a->sums + a->term[j].sum == sum) {
                  places[taps] = (4 * d->term[i].filter + a->term[j].filter) * depth * 2 * LANES;
                  differences += NAME(read_term)(&at, d->term[i], a->term[j], x, width, channels, 0, channels,
                                                 from + taps++ * BLOCK, differences, read);
                }
            for (long i = 0; i < at.count; i++) to[i] = joined == 1 ? out + at.made[i] * outputs : products + sum * step + i * made;
            NAME(coming) now = {NULL, NULL};
            if (joined == 9) now = NAME(due)(&coming[sum % 2], start + at.count * (sum / 2) / (5 - sum % 2),
                                               start + at.count * (sum / 2 + 1) / (5 - sum % 2), all);
            NAME(block)(1, 16, depth, joined == 1 ? outputs : made, at.count, taps, from, to, places, panels, now.next, now.end);
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
}
