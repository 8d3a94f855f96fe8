// What the kernels of convolutions and the count of their scratch memory both go by.
#ifndef CKERNELS_CONVOLUTION_SHAPE_H
#define CKERNELS_CONVOLUTION_SHAPE_H

#include "CKernelsConvolution.h"
#include "loops.h"

/// Pixels that are taken at once, and rows of a panel that stay in the first cache.
enum { BLOCK = 96, DEPTH = 256 };

/// Whether an image has so few channels that following a pointer to them costs more than what is done with them.
static inline bool is_shallow(const ck_convolution *c) { return c->channels < 6 && c->groups == 1; }

/// The size of an image with the borders that its filters meet.
static inline long bordered_height(const ck_convolution *c) {
  return (c->output_height - 1) * c->stride_y + (c->kernel_height - 1) * c->dilation_y + 1;
}
static inline long bordered_width(const ck_convolution *c) {
  return (c->output_width - 1) * c->stride_x + (c->kernel_width - 1) * c->dilation_x + 1;
}

/// Rows of output pixels that are taken at once for the gradient by shallow filters.
static inline long shallow_rows(const ck_convolution *c) {
  return c->output_width < BLOCK ? (BLOCK + c->output_width - 1) / c->output_width : 1;
}

/// How many images become halves at once.
static inline long images_at_once(const ck_convolution *c) {
  long pixels = c->output_height * c->output_width, some = pixels > 0 ? (4 * BLOCK + pixels - 1) / pixels : 1;
  return some < c->images ? some : c->images;
}

/// The numbers that are rounded at once: of the images, or of what comes out of them.
static inline size_t rounded_count(CKConvolution form, const ck_convolution *c) {
  bool is_output = form == CKConvolutionInput;
  return (size_t)(images_at_once(c) * (is_output ? c->output_height * c->output_width * c->outputs
                                                 : c->height * c->width * c->channels));
}

/// Tiles of so many pixels in each dimension.
static inline long tiles_of_image(long height, long width, long side) {
  return (height + side - 1) / side * ((width + side - 1) / side);
}

/// Whether the filters are of 3×3, move by so many pixels, and have channels enough for sums of pixels and of filters to be few beside
/// their products, but not so many that the filters' sums would be read from afar for each few of them.
static inline bool suits_sums(const ck_convolution *c, long stride) {
  return c->kernel_height == 3 && c->kernel_width == 3 && c->stride_y == stride && c->stride_x == stride &&
         c->dilation_y == 1 && c->dilation_x == 1 && c->groups == 1 && c->channels >= 16 && c->outputs >= 16 &&
         c->channels * c->outputs <= 1 << 15;
}

/// Products of sums for an image of such a size.
static inline long products_of_sums(long height, long width, long side) {
  return tiles_of_image(height, width, side) * (side + 2) * (side + 2);
}

/// Whether tiles of 4×4 take no more than a third of the products: less than half of the time, which is what halves take.
static inline bool gains_by_fours(const ck_convolution *c) {
  return suits_sums(c, 1) && products_of_sums(c->output_height, c->output_width, 4) <= 3 * c->output_height * c->output_width &&
         products_of_sums(c->height, c->width, 4) <= 3 * c->height * c->width;
}

/// The tiles whose pixels' sums are multiplied by sums of filters (convolution_winograd.h), 2 or 4 pixels in each dimension, where these
/// are few beside the products for a pixel, for few tiles reach beyond the image; else 0.
static inline long side_of_tiles(const ck_convolution *c) {
  if (ck_takes_halves(c) || !suits_sums(c, 1)) return 0;
  const long height = c->output_height, width = c->output_width;
  const long side = 4 * products_of_sums(height, width, 4) <= 3 * products_of_sums(height, width, 2) ? 4 : 2;
  const bool are_few = 15 * products_of_sums(height, width, side) <= 72 * height * width &&
                       15 * products_of_sums(c->height, c->width, side) <= 72 * c->height * c->width;
  return are_few ? side : 0;
}
static inline bool takes_sums(const ck_convolution *c) { return side_of_tiles(c) > 0; }

/// Whether a dimension is cut into runs (convolution_runs.h): at most one zero is met on either side, and no pixel is left out.
static inline bool has_runs(long size, long outputs, long before) {
  return outputs >= 2 && (before == 0 || before == 1) && (size == 2 * outputs - before || size == 2 * outputs - before + 1);
}

/// Whether pairs of outputs share products (convolution_strided.h); not for the gradient by the filters where images are so small that
/// its sums are many beside its products; of halves where the processor has their products.
static inline bool takes_runs(CKConvolution form, const ck_convolution *c) {
  return (!ck_takes_halves(c) || ck_multiplies_halves()) && suits_sums(c, 2) &&
         has_runs(c->height, c->output_height, c->top) && has_runs(c->width, c->output_width, c->left) &&
         (form != CKConvolutionFilters || c->output_height * c->output_width >= 16);
}

/// Whether products are shared by neighbours, one way or the other.
static inline bool shares_products(CKConvolution form, const ck_convolution *c) { return takes_sums(c) || takes_runs(form, c); }

/// Rows of cotangents that the gradient by the filters takes at once.
enum { ROWS_OF_RUNS = 9 * BLOCK };

/// Segments of runs that are taken at once.
static inline long segments_at_once(const ck_convolution *c, size_t size) {
  const long most = (3 << 12) / ((c->channels > c->outputs ? c->channels : c->outputs) * (long)size) / 12 * 12;
  return most < 12 ? 12 : most > BLOCK ? BLOCK : most;
}

/// Images whose segments of one kind are taken together, so that there are some of each and the images stay in the second cache.
static inline long images_of_runs(const ck_convolution *c) {
  enum { MOST = 1 << 18 };
  const long numbers = c->height * c->width * c->channels + c->output_height * c->output_width * c->outputs;
  return numbers < MOST ? MOST / numbers : 1;
}

/// How many tiles are taken at once, so that their sums stay in the second cache; for the gradient by the filters more, for its own sums
/// are read for each of them.
static inline long sums_at_once(CKConvolution form, const ck_convolution *c, size_t size) {
  const long numbers = side_of_tiles(c) == 4 && form != CKConvolutionFilters ? 3 << 10 : 3 << 11;
  const long most = numbers / ((c->channels > c->outputs ? c->channels : c->outputs) * (long)size) / 12 * 12;
  return most < 12 ? 12 : most > BLOCK ? BLOCK : most;
}

/// Images whose sums' gradient becomes the filters' gradient at once.
static inline long images_of_sums(const ck_convolution *c) {
  enum { LEAST = 192 };
  const long tiles = tiles_of_image(c->output_height, c->output_width, side_of_tiles(c));
  return tiles < LEAST ? (LEAST + tiles - 1) / tiles : 1;
}

/// Which of `count` neighbours, `step` apart from `column` on, lie within a row: those from `start` on before `end`.
static inline void inside_row(long column, long step, long width, long count, long *start, long *end) {
  long before = column >= 0 ? 0 : step == 1 ? -column : (step - 1 - column) / step;
  long within = column >= width ? 0 : step == 1 ? width - column : (width - column + step - 1) / step;
  *start = before < count ? before : count;
  *end = within < *start ? *start : within < count ? within : count;
}

/// Bytes in whole cache lines.
static inline size_t whole_lines(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

/// Whether each output is computed from the pixel at its own place: a matrix product.
static inline bool is_pointwise(const ck_convolution *c) {
  return c->kernel_height * c->kernel_width == 1 && c->stride_y == 1 && c->stride_x == 1 && c->groups == 1 && c->top == 0 &&
         c->left == 0 && c->height == c->output_height && c->width == c->output_width;
}

/// What a processor without products of halves needs beside that for numbers: those that are rounded.
static inline size_t rounded_size(CKConvolution form, const ck_convolution *c) {
  size_t others = (size_t)(form == CKConvolutionFilters ? images_at_once(c) * c->output_height * c->output_width * c->outputs
                                                        : c->kernel_height * c->kernel_width * c->channels * c->outputs);
  return whole_lines(rounded_count(form, c) * sizeof(float)) + whole_lines(others * sizeof(float));
}

#endif
