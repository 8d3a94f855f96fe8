// The gradient by the filters of convolutions that move by 2 pixels (convolution_strided.h). Of halves, the words of a row have those
// of two segments.

/// How many rows some segments have.
static inline long NAME(rows_of)(long segments) { return (segments + PER_WORD - 1) / PER_WORD; }

/// The cotangents of a segment's 1 or 3 sums in each dimension, of some outputs: of 3 the first output's, that of both, the second's.
TARGET static inline __attribute__((always_inline)) void NAME(cotangents)(const int down, const int across, const T *pixel, long below,
                                                                          long right, long outputs, NAME(vector) * to) {
  NAME(vector) rows[2][3];
#pragma clang loop unroll(full)
  for (int y = 0; y < (down == 3 ? 2 : 1); y++, pixel += below) {
    rows[y][0] = NAME(first)(pixel, outputs);
    if (across == 3) rows[y][2] = NAME(first)(pixel + right, outputs), rows[y][1] = rows[y][0] + rows[y][2];
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < across; j++) {
    to[j] = rows[0][j];
    if (down == 3) to[across + j] = rows[0][j] + rows[1][j], to[2 * across + j] = rows[1][j];
  }
}

/// The cotangents of segments' sums, as rows of panels: sum by sum, segment by segment.
TARGET static inline __attribute__((always_inline)) void NAME(pack_pairs)(const int down, const int across, const NAME(places) * at,
                                                                         const T *g, long below, long right, long outputs, W *panels) {
  const long sum = NAME(rows_of)(at->count) * 2 * LANES;
  for (long i = 0; i < at->count; i += PER_WORD, panels += 2 * LANES)
    for (long l = 0; l < NAME(padded)(outputs); l += LANES) {
      NAME(vector) m[9] = {0};
      if (l < outputs) NAME(cotangents)(down, across, g + at->made[i] * outputs + l, below, right, outputs - l, m);
      W *to = panels + l / (2 * LANES) * ROWS_OF_RUNS * 2 * LANES + l % (2 * LANES);
#ifdef HALVES
      NAME(vector) other[9] = {0};
      if (l < outputs && i + 1 < at->count)
        NAME(cotangents)(down, across, g + at->made[i + 1] * outputs + l, below, right, outputs - l, other);
#pragma clang loop unroll(full)
      for (int s = 0; s < down * across; s++) *(NAME(factors) *)(to + s * sum) = NAME(joined)(m[s], other[s]);
#else
#pragma clang loop unroll(full)
      for (int s = 0; s < down * across; s++) *(NAME(vector) *)(to + s * sum) = m[s];
#endif
    }
}
TARGET static void NAME(pack_cotangents)(const NAME(places) * at, const convolution_run *d, const convolution_run *a, const T *g,
                                         long width, long outputs, W *panels) {
  const long below = d->gap * width * outputs, right = a->gap * outputs;
  if (d->sums == 3 && a->sums == 3)
    NAME(pack_pairs)(3, 3, at, g, below, right, outputs, panels);
  else if (d->sums == 3)
    NAME(pack_pairs)(3, 1, at, g, below, right, outputs, panels);
  else if (a->sums == 3)
    NAME(pack_pairs)(1, 3, at, g, below, right, outputs, panels);
  else
    NAME(pack_pairs)(1, 1, at, g, below, right, outputs, panels);
}

/// Segments of several runs whose sums' cotangents are in panels, behind those of the runs before them.
typedef struct {
  const convolution_run *down, *across;
  long panel;
  NAME(places) at;
} NAME(share);

/// A gradient [channels, made], or what is added to it: the products of some rows of x with rows of the panels; meanwhile a few lines of
/// what is coming are brought near.
TARGET static void NAME(add_products)(long count, const NAME(stretch) * stretches, long channels, long made, long read, T *gradient,
                                      bool adds, NAME(coming) coming[2], long lines) {
  for (long k = 0; k < made; k += 2 * LANES)
    for (long r = 0, tiles = (channels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
      const long rows = (channels - r + tiles - 1) / tiles;
      for (int i = 0; i < 2; i++) NAME(bring)(&coming[i].next, coming[i].end, lines);
      NAME(even_tiles)[rows - 1](count, stretches, r, k * ROWS_OF_RUNS, read, gradient + r * made + k, made, adds);
      r += rows;
    }
}

/// Adds to the gradients by the 16 filters and their sums, or to those that have `begun`, what some segments give, while what is coming
/// is brought near.
TARGET static void NAME(add_shares)(const ck_convolution *c, const NAME(share) *shares, int count, const T *x, channel_range some,
                                    const W *panels, long made, W *sums, long read, T *gradients, bool *begun,
                                    NAME(coming) coming[2]) {
  enum { MOST = 2 * BLOCK };
  const long channels = some.end - some.start;
  const long tiles = 16 * (made / (2 * LANES)) * ((channels + ROWS - 1) / ROWS);
  const long lines = (coming[0].end - coming[0].next) / 64 / tiles + 1;
  NAME(stretch) stretches[MOST];
  for (int filter = 0; filter < 16; filter++, gradients += channels * made) {
    long met = 0, all = 0;
    for (const NAME(share) *share = shares; share < shares + count; share++) {
      const convolution_run *d = share->down, *a = share->across;
      const long rows = NAME(rows_of)(share->at.count);
      for (int i = 0; i < d->terms; i++)
        for (int j = 0; j < a->terms; j++) {
          if (4 * d->term[i].filter + a->term[j].filter != filter) continue;
          if (met + rows > MOST) {
            NAME(add_products)(all, stretches, channels, made, read, gradients, begun[filter], coming, lines);
            met = 0, all = 0, begun[filter] = true;
          }
          NAME(read_term)(&share->at, d->term[i], a->term[j], x, c->width, c->channels, some.start, some.end, NULL,
                          sums + met * read, read);
          const W *panel = panels + (share->panel + (d->term[i].sum * a->sums + a->term[j].sum) * rows) * 2 * LANES;
          stretches[all++] = (NAME(stretch)){sums + met * read, panel, rows};
          met += rows;
        }
    }
    if (met == 0) continue;
    NAME(add_products)(all, stretches, channels, made, read, gradients, begun[filter], coming, lines);
    begun[filter] = true;
  }
}

/// The gradient by the filters' rows of some channels, of a group of images at a time, each added to what the ones before have come
/// to, or to what is in `out` already.
TARGET static void NAME(filters_by_runs)(const ck_convolution *c, const T *x, const T *g, T *out, char *scratch, bool adds,
                                         channel_range some) {
  enum { SHARES = MOST_RUNS * MOST_RUNS };
  const long channels = some.end - some.start, outputs = c->outputs, tap = c->channels * outputs, group = images_of_runs(c);
  const long made = NAME(padded)(outputs), read = whole_lines((size_t)channels * sizeof(W)) / sizeof(W), size = channels * made;
  T *gradients = (T *)scratch;
  W *panels = (W *)(gradients + 16 * size), *sums = panels + ROWS_OF_RUNS * made;
  convolution_run down[MOST_RUNS], across[MOST_RUNS];
  const int downs = forward_runs(c->height, c->output_height, c->top, down);
  const int acrosses = forward_runs(c->width, c->output_width, c->left, across);
  const long pixels = c->output_height * c->output_width;
  NAME(share) shares[SHARES];
  for (long first = 0; first < c->images; first += group) {
    bool begun[16] = {false};
    const long images = c->images - first < group ? c->images - first : group;
    const long later = c->images - first - images < group ? c->images - first - images : group;
    const NAME(coming) all_coming[2] = {NAME(images_from)(x, first + images, later, c->height * c->width * c->channels),
                                        NAME(images_from)(g, first + images, later, pixels * outputs)};
    NAME(coming) coming[2];
    int count = 0;
    long rows = 0, done = 0, added = 0;
    for (int v = 0; v < downs; v++)
      for (int h = 0; h < acrosses; h++) {
        const convolution_run *d = &down[v], *a = &across[h];
        const long all = images * d->count * a->count, each = d->sums * a->sums;
        for (long start = 0, now; start < all; start += now) {
          const long room = (ROWS_OF_RUNS - rows) / each * PER_WORD;
          now = all - start < BLOCK ? all - start : BLOCK;
          if (count == SHARES || room < (now < 12 ? now : 12)) {
            for (int i = 0; i < 2; i++) coming[i] = NAME(due)(&all_coming[i], added, done, images * pixels);
            NAME(add_shares)(c, shares, count, x, some, panels, made, sums, read, gradients, begun, coming);
            count = 0, rows = 0, now = 0, added = done;
            continue;
          }
          if (now > room) now = room;
          NAME(share) *share = &shares[count++];
          share->down = d, share->across = a, share->panel = rows;
          NAME(place)(d, a, first, start, now, c->height * c->width, c->width, c->output_height * c->output_width, c->output_width,
                      &share->at);
          NAME(pack_cotangents)(&share->at, d, a, g, c->output_width, outputs, panels + rows * 2 * LANES);
          rows += each * NAME(rows_of)(now);
          done += now * (d->gap > 0 ? 2 : 1) * (a->gap > 0 ? 2 : 1);
        }
      }
    for (int i = 0; i < 2; i++) coming[i] = NAME(due)(&all_coming[i], added, done, images * pixels);
    NAME(add_shares)(c, shares, count, x, some, panels, made, sums, read, gradients, begun, coming);
    // Where no dimension has pairs, or one, there is nothing for some sums.
    for (int s = 0; s < 16; s++)
      if (!begun[s]) memset(gradients + s * size, 0, (size_t)size * sizeof(T));
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
        NAME(put_filter)(w, out + (some.start + p) * outputs + l, tap, outputs - l, adds || first > 0);
      }
  }
  if (c->images == 0 && !adds)
    for (int t = 0; t < 9; t++) memset(out + t * tap + some.start * outputs, 0, (size_t)(channels * outputs) * sizeof(T));
}
