// Convolutions by filters of 3 that move by 2 pixels, with 5 products for a pair of neighbours in place of 6, in each dimension. The
// first and the last tap, w₀ and w₂, meet every second pixel, by which two outputs next to each other share one:
//   y₀ = e₀w₀ + d₀w₁ + e₁w₂ = [(e₀ − e₁)w₀ + d₀w₁] + e₁(w₀ + w₂),
//   y₁ = e₁w₀ + d₁w₁ + e₂w₂ = e₁(w₀ + w₂) + [(e₂ − e₁)w₂ + d₁w₁].
// It is the filtering of Winograd for two outputs and two taps ("Arithmetic Complexity of Computations", 1980), in each of the two
// phases of the pixels. In two dimensions 25 products of 36 remain; those that would meet zeros beyond the image are left out.
//
// Differences of infinite numbers are none: an infinite pixel can make a pair NaN.
//
// Here, for one dimension, stands which pixels are taken together, as runs of segments: of two outputs or of one.
#ifndef CKERNELS_CONVOLUTION_RUNS_H
#define CKERNELS_CONVOLUTION_RUNS_H

#include "convolution_shape.h"

/// Filters of one dimension: the three taps, and the sum of the outer ones.
enum { FIRST_TAP, MIDDLE_TAP, LAST_TAP, OUTER_TAPS, KINDS_OF_TAPS };

/// A product: of the pixel `plus` places behind the segment's first, less the one at `minus` where that is not negative.
typedef struct {
  signed char plus, minus, filter;
  /// To which of a pair's sums it belongs: that of the first output, of both, or of the second.
  signed char sum;
} run_term;

/// Segments of one kind, evenly apart.
typedef struct {
  long count;
  /// The first pixel that the first segment reads, and from one segment to the next; it may lie before the image.
  long read, read_step;
  /// Its first output, from one segment to the next, and from a pair's first output to its second.
  long made, made_step, gap;
  /// 1, or 3 for a pair.
  int sums, terms;
  run_term term[5];
} convolution_run;

enum { MOST_RUNS = 5 };

static inline bool has_pairs(const convolution_run *runs, int count) {
  for (int i = 0; i < count; i++)
    if (runs[i].sums == 3) return true;
  return false;
}

/// The runs of outputs.
static inline int forward_runs(long size, long outputs, long before, convolution_run *to) {
  const bool lacks_last = size == 2 * outputs - before;
  const long end = outputs - lacks_last;
  long next = 0;
  int count = 0;
  if (before == 1) {
    const convolution_run lacks_first = {1, -1, 4, 0, 1, 0, 1, 2, {{1, -1, MIDDLE_TAP, 0}, {2, -1, LAST_TAP, 0}}};
    to[count++] = lacks_first, next = 1;
  }
  const long pairs = (end - next) / 2;
  if (pairs > 0) {
    const convolution_run run = {pairs, 2 * next - before, 4, next, 2, 1, 3, 5,
                                 {{0, 2, FIRST_TAP, 0}, {1, -1, MIDDLE_TAP, 0}, {2, -1, OUTER_TAPS, 1},
                                  {4, 2, LAST_TAP, 2}, {3, -1, MIDDLE_TAP, 2}}};
    to[count++] = run, next += 2 * pairs;
  }
  for (; next < outputs; next++) {
    const convolution_run run = {1, 2 * next - before, 4, next, 1, 0, 1, next < end ? 3 : 2,
                                 {{0, -1, FIRST_TAP, 0}, {1, -1, MIDDLE_TAP, 0}, {2, -1, LAST_TAP, 0}}};
    to[count++] = run;
  }
  return count;
}

/// The runs of the gradient by the pixels, read from the outputs' cotangent: the pixels that the middle tap met, and those between.
static inline int backward_runs(long size, long outputs, long before, convolution_run *to) {
  const convolution_run middle = {outputs, 0, 1, 1 - before, 2, 0, 1, 1, {{0, -1, MIDDLE_TAP, 0}}};
  int count = 0;
  to[count++] = middle;
  if (before == 0) {
    const convolution_run first = {1, 0, 1, 0, 1, 0, 1, 1, {{0, -1, FIRST_TAP, 0}}};
    to[count++] = first;
  }
  const long pairs = (outputs - 1) / 2;
  if (pairs > 0) {
    const convolution_run run = {pairs, 0, 2, 2 - before, 4, 2, 3, 3,
                                 {{0, 1, LAST_TAP, 0}, {1, -1, OUTER_TAPS, 1}, {2, 1, FIRST_TAP, 2}}};
    to[count++] = run;
  }
  if (outputs % 2 == 0) {
    const convolution_run run = {1, outputs - 2, 1, 2 * (outputs - 1) - before, 1, 0, 1, 2,
                                 {{0, -1, LAST_TAP, 0}, {1, -1, FIRST_TAP, 0}}};
    to[count++] = run;
  }
  if (size > 2 * outputs - before) {
    const convolution_run last = {1, outputs - 1, 1, 2 * outputs - before, 1, 0, 1, 1, {{0, -1, LAST_TAP, 0}}};
    to[count++] = last;
  }
  return count;
}

#endif
