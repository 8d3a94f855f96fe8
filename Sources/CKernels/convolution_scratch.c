// The memory that convolutions need beside their arrays: tables, packed filters, and images with borders or as halves.
#include "convolution_shape.h"

static size_t full_size(CKConvolution form, CKType type, const ck_convolution *c) {
  // A strip's width in bytes: two of the widest vectors.
  enum { STRIP = 128 };
  size_t wide = STRIP / ck_size(type), taps = (size_t)(c->kernel_height * c->kernel_width), groups = (size_t)c->groups;
  size_t channels = (size_t)c->channels / groups, outputs = (size_t)c->outputs / groups, pointer = sizeof(void *);
  if (is_shallow(c) && form != CKConvolutionInput) {
    size_t image = (size_t)(bordered_height(c) * bordered_width(c)) * channels * ck_size(type);
    size_t panels = form == CKConvolutionOutput ? (outputs + wide - 1) / wide * taps * channels
                                                : (size_t)(shallow_rows(c) * c->output_width);
    return taps * channels * sizeof(long) + image + panels * STRIP;
  }
  if (form == CKConvolutionFilters)
    return 2 * BLOCK * pointer + groups * ((outputs + wide - 1) / wide) * BLOCK * STRIP;
  size_t depth = form == CKConvolutionOutput ? channels : outputs, columns = form == CKConvolutionOutput ? outputs : channels;
  return (taps * BLOCK + BLOCK + taps) * pointer + groups * depth * ck_size(type) +
         groups * ((columns + wide - 1) / wide) * taps * depth * STRIP;
}

/// What products of sums need: those of the filters, and those of some tiles on both sides; or of segments of runs.
static size_t size_of_sums(CKConvolution form, CKType type, const ck_convolution *c) {
  enum { STRIP = 128 };
  const size_t size = ck_size(type), wide = STRIP / size, channels = (size_t)c->channels, outputs = (size_t)c->outputs;
  const size_t most = channels > outputs ? channels : outputs, least = channels > outputs ? outputs : channels;
  const size_t padded = (most + wide - 1) / wide * wide, narrow = (least + wide - 1) / wide * wide;
  const size_t filters = padded * least > narrow * most ? padded * least : narrow * most;
  // Of a block of segments 4 rows of differences and 9 of sums; or for the gradient by the filters cotangents and differences.
  if (takes_runs(form, c))
    return (16 * filters + (13 * (size_t)segments_at_once(c, size) + ROWS_OF_RUNS + 2 * BLOCK) * padded + 9 * 16) * size;
  const size_t tiles = (size_t)sums_at_once(form, c, size), side = (size_t)side_of_tiles(c), sums = (side + 2) * (side + 2);
  return (sums * (filters + 16) + padded + sums * (tiles * (padded + narrow) + 32)) * size;
}

/// What a convolution of halves needs: that of words of two, and the halves themselves.
static size_t half_size(CKConvolution form, const ck_convolution *c) {
  size_t channels = (size_t)c->channels, outputs = (size_t)c->outputs;
  size_t halves = whole_lines(rounded_count(form, c) * sizeof(uint16_t));
  // Blocks of pairs of pixels, of which a strip has as much as of pixels elsewhere.
  if (form == CKConvolutionFilters)
    return halves + full_size(form, CKTypeFloat32, c) + 2 * BLOCK * sizeof(void *) + BLOCK * channels * sizeof(uint32_t) +
           outputs * sizeof(float) + channels * sizeof(uint16_t);
  ck_convolution words = *c;
  *(form == CKConvolutionOutput ? &words.channels : &words.outputs) /= 2;
  return halves + full_size(form, CKTypeFloat32, &words) + channels * outputs * sizeof(uint16_t);
}

size_t ck_convolution_scratch(CKConvolution form, CKType type, const ck_convolution *c) {
  // Whole cache lines, so that the shares of several threads meet in none.
  if (ck_takes_halves(c)) {
    size_t native = shares_products(form, c) ? size_of_sums(form, type, c) : half_size(form, c);
    size_t other = rounded_size(form, c) + full_size(form, type, c);
    return whole_lines(native > other ? native : other);
  }
  if (shares_products(form, c)) return whole_lines(size_of_sums(form, type, c));
  return is_pointwise(c) ? 0 : whole_lines(full_size(form, type, c));
}
