// Convolution for one scalar type and one vector width: the tiles, and with convolution_forms.h what is made of them. Included
// several times with these defined:
//   T, LANES (numbers in a vector), ROWS (of a register tile, which is two vectors wide), NAME(x), TARGET;
//   or, where factors are halves of a word and products are of two at a time, HALVES with MULTIPLY_ADD(sum, word, words).
//
// The rows of a tile are read where they lie, by a pointer for each tap of the filter, which leads to zeros where the tap lies
// beyond the image; images of few channels go another way (convolution_shallow.h). Beside them, only what all pixels share is
// packed: the filters (or, for their gradient, the cotangents of a block of pixels) in strips of the tile's width.

#ifdef HALVES
#define W uint32_t
#define PER_WORD 2
#else
#define W T
#define PER_WORD 1
#define MULTIPLY_ADD(sum, factor, factors) ((sum) += (factor) * (factors))
#endif
typedef T NAME(vector) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T))));
typedef W NAME(factors) __attribute__((vector_size(LANES * sizeof(W)), aligned(sizeof(W))));
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

/// The first numbers of a vector, with zeros behind them; and the other way.
TARGET static inline __attribute__((always_inline)) NAME(vector) NAME(first)(const T *from, long count) {
  if (count >= LANES) return *(const NAME(vector) *)from;
  T whole[LANES] = {0};
  for (long l = 0; l < count; l++) whole[l] = from[l];
  return *(const NAME(vector) *)whole;
}
TARGET static inline __attribute__((always_inline)) void NAME(put_first)(NAME(vector) v, T *to, long count) {
  if (count >= LANES) {
    *(NAME(vector) *)to = v;
  } else {
    T whole[LANES];
    *(NAME(vector) *)whole = v;
    for (long l = 0; l < count; l++) to[l] = whole[l];
  }
}

/// The gradient by the nine numbers of a filter, `tap` apart, of some outputs.
TARGET static inline __attribute__((always_inline)) void NAME(put_filter)(NAME(vector) w[9], T *to, long tap, long outputs, bool adds) {
#pragma clang loop unroll(full)
  for (int t = 0; t < 9; t++) {
    if (adds) w[t] += NAME(first)(to + t * tap, outputs);
    NAME(put_first)(w[t], to + t * tap, outputs);
  }
}

/// A number of whole tiles' width.
static inline long NAME(padded)(long count) { return (count + 2 * LANES - 1) / (2 * LANES) * (2 * LANES); }

/// What all tiles of a strip share: `taps` of a filter, of whose panels each has `depth` rows.
typedef struct {
  long taps, depth, columns;
  const W *panel;
  /// Where in the panel each tap begins.
  const long *places;
  /// In the rows of x, and in those of the result.
  long x_offset, out_offset;
  bool adds;
} NAME(strip);

/// Rows of the result: the sum over taps of a row of x times that tap's panel.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const NAME(strip) * s, const W *const *from, T *const *out) {
  NAME(vector) a[ROWS], b[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
    a[i] = b[i] = (NAME(vector)){0};
    if (s->adds) NAME(load)(&a[i], &b[i], out[i] + s->out_offset, s->columns);
  }
  const long depth = s->depth;
  for (long t = 0; t < s->taps; t++, from += BLOCK) {
    const W *x[ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) x[i] = from[i] + s->x_offset;
    const W *y = s->panel + s->places[t];
    // The end of a turn is three instructions of 23: where a neighbour takes half of the processor's, they count.
#pragma clang loop unroll_count(ROWS == 6 ? 4 : 1)
    for (long p = 0; p < depth; p++, y += 2 * LANES) {
      NAME(factors) y0 = *(const NAME(factors) *)y, y1 = *(const NAME(factors) *)(y + LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        W value = x[i][p];
        MULTIPLY_ADD(a[i], value, y0);
        MULTIPLY_ADD(b[i], value, y1);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) NAME(store)(a[i], b[i], out[i] + s->out_offset, s->columns);
}

#include "convolution_filter_tiles.h"

#define SIZES EACH(1) EACH(2) EACH(3) EACH(4) EACH(5) EACH(6) LARGER
#if ROWS == 12
#define LARGER EACH(7) EACH(8) EACH(9) EACH(10) EACH(11) EACH(12)
#else
#define LARGER
#endif
#define EACH(rows)                                                                                                   \
  TARGET static void NAME(tile_##rows)(const NAME(strip) * s, const W *const *from, T *const *out) {                 \
    NAME(tile)(rows, s, from, out);                                                                                  \
  }                                                                                                                  \
  TARGET static void NAME(filter_tile_##rows)(const NAME(strip) * s, long pixels, const W *const *from,              \
                                              const long *places, T *out, long out_row) {                            \
    NAME(filter_tile)(rows, s, pixels, from, places, out, out_row);                                                  \
  }                                                                                                                  \
  TARGET static void NAME(even_tile_##rows)(long stretches, const NAME(stretch) * some, long x_offset,               \
                                            long panel_offset, long x_row, T *out, long out_row, bool adds) {        \
    NAME(even_tile)(rows, stretches, some, x_offset, panel_offset, x_row, out, out_row, adds);                       \
  }
SIZES
#undef EACH
typedef void (*NAME(tile_function))(const NAME(strip) * s, const W *const *from, T *const *out);
typedef void (*NAME(filter_tile_function))(const NAME(strip) * s, long pixels, const W *const *from, const long *places,
                                           T *out, long out_row);
typedef void (*NAME(even_tile_function))(long stretches, const NAME(stretch) * some, long x_offset, long panel_offset, long x_row,
                                         T *out, long out_row, bool adds);
#define EACH(rows) NAME(tile_##rows),
static const NAME(tile_function) NAME(tiles)[] = {SIZES};
#undef EACH
#define EACH(rows) NAME(filter_tile_##rows),
static const NAME(filter_tile_function) NAME(filter_tiles)[] = {SIZES};
#undef EACH
#define EACH(rows) NAME(even_tile_##rows),
static const NAME(even_tile_function) NAME(even_tiles)[] = {SIZES};
#undef EACH

/// A matrix [depth, columns] of any strides as a panel: rows of the tile's width with zeros beyond the columns.
TARGET static void NAME(pack)(long depth, long columns, const W *restrict y, long y_row, long y_column, W *restrict panel) {
  if (y_column == 1 && columns == 2 * LANES) {
    for (long p = 0; p < depth; p++, y += y_row, panel += 2 * LANES) {
      *(NAME(factors) *)panel = *(const NAME(factors) *)y;
      *(NAME(factors) *)(panel + LANES) = *(const NAME(factors) *)(y + LANES);
    }
    return;
  }
  long done = 0;
  if (y_row == 1)
    done = sizeof(W) == 8 ? transposed_panel_f64(depth, columns, 2 * LANES, (const double *)y, y_column, (double *)panel)
                          : transposed_panel_f32(depth, columns, 2 * LANES, (const float *)y, y_column, (float *)panel);
  for (long p = 0; p < depth; p++, panel += 2 * LANES) {
    for (long l = done; l < columns; l++) panel[l] = y[p * y_row + l * y_column];
    for (long l = columns; l < 2 * LANES; l++) panel[l] = 0;
  }
}

/// The nine taps' rows from `start` on of the panels of some columns from `first` on, as many as there are but no more than there is
/// room for; how many. With `turned` filters, rows are outputs and columns are channels.
enum { NAME(ROOM) = 8 };
TARGET static inline long NAME(pack_taps)(const ck_convolution *c, const W *filters, bool turned, long start, long first,
                                          W (*rows)[NAME(ROOM) * 2 * LANES]) {
  const long tap = c->channels * c->outputs, depth = turned ? c->outputs : c->channels, columns = turned ? c->channels : c->outputs;
  const long count = depth - start < NAME(ROOM) ? depth - start : NAME(ROOM);
  const long some = columns - first < 2 * LANES ? columns - first : 2 * LANES;
  const W *from = filters + (turned ? first * c->outputs + start : start * c->outputs + first);
  for (int t = 0; t < 9; t++) NAME(pack)(count, some, from + t * tap, turned ? 1 : c->outputs, turned ? c->outputs : 1, rows[t]);
  return count;
}

#ifndef HALVES
/// The panels of all groups, strips and taps, in this order. Forward, rows are a group's channels and columns its outputs;
/// for the gradient by the input the other way round.
TARGET static void NAME(pack_filters)(const ck_convolution *c, const T *filters, bool is_forward, W *panels) {
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
#include "convolution_shallow.h"
#else
#include "convolution_halves.h"
#endif

/// A share of what the next block reads, asked for now, so that it has come nearer by then.
TARGET static inline __attribute__((always_inline)) void NAME(bring)(const char **next, const char *end, long lines) {
  for (; lines > 0 && *next < end; lines--, *next += 64) __builtin_prefetch(*next, 0, 2);
}

/// A block of pixels of the result, by pointers to their rows in x for some taps of `all` that a panel has, and to their own
/// rows. A group has `depth` numbers of a row in x and `columns` of the result. What is between `next` and `end` is brought near.
TARGET static void NAME(block)(long groups, long all, long depth, long columns, long pixels, long taps,
                               const W *const *from, T *const *out, const long *places, const W *panels,
                               const void *next, const void *end) {
  // So many rows of a panel stay in the first cache while all pixels of the block meet them.
  long many = depth >= DEPTH ? 1 : DEPTH / (depth > 0 ? depth : 1);
  const long strips = (columns + 2 * LANES - 1) / (2 * LANES), parts = (taps + many - 1) / many * ((depth + DEPTH - 1) / DEPTH);
  const long calls = groups * parts * strips * ((pixels + ROWS - 1) / ROWS);
  const char *ahead = next;
  const long lines = ((const char *)end - ahead) / 64 / (calls > 0 ? calls : 1) + 1;
  NAME(strip) s;
  for (long g = 0; g < groups; g++)
    for (long t = 0; t < taps || t == 0; t += many)
      for (long d = 0; d < depth || d == 0; d += DEPTH) {
        s.taps = taps - t < many ? taps - t : many;
        s.depth = depth - d < DEPTH ? depth - d : DEPTH;
        s.places = places + t;
        s.adds = t > 0 || d > 0;
        s.x_offset = g * depth + d;
        for (long j = 0; j < strips; j++) {
          s.columns = columns - j * 2 * LANES < 2 * LANES ? columns - j * 2 * LANES : 2 * LANES;
          s.panel = panels + ((g * strips + j) * all * depth + d) * 2 * LANES;
          s.out_offset = g * columns + j * 2 * LANES;
          for (long i = 0, tiles = (pixels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
            long rows = (pixels - i + tiles - 1) / tiles;
            NAME(bring)(&ahead, end, lines);
            NAME(tiles)[rows - 1](&s, from + t * BLOCK + i, out + i);
            i += rows;
          }
        }
      }
}

#include "convolution_forms.h"
#ifdef HALVES
#include "convolution_half_forms.h"
#else
#include "winograd_lines.h"
#include "convolution_winograd.h"
#endif
#include "convolution_strided.h"
#include "convolution_strided_filters.h"

#undef LARGER
#undef SIZES
#undef T
#undef LANES
#undef ROWS
#undef NAME
#undef TARGET
#undef W
#undef PER_WORD
#undef MULTIPLY_ADD
#undef HALVES
