// Convolutions: one algorithm (convolution_tile.h) compiled for AVX-512, AVX2 and, portably, for vectors of 128 bits.
#include "CKernelsConvolution.h"

#include "loops.h"

/// Pixels that are taken at once, and rows of a panel that stay in the first cache.
enum { BLOCK = 96, DEPTH = 256 };

/// Whether an image has so few channels that following a pointer to them costs more than copying them.
static bool copies_patches(const ck_convolution *c) { return c->channels < 6 && c->groups == 1; }

#if defined(__x86_64__)
#define T float
#define LANES 16
#define ROWS 12
#define NAME(x) x##_f32_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#include "convolution_tile.h"
#define T double
#define LANES 8
#define ROWS 12
#define NAME(x) x##_f64_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#include "convolution_tile.h"
#define T float
#define LANES 8
#define ROWS 6
#define NAME(x) x##_f32_avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "convolution_tile.h"
#define T double
#define LANES 4
#define ROWS 6
#define NAME(x) x##_f64_avx2
#define TARGET __attribute__((target("avx2,fma")))
#include "convolution_tile.h"
#endif

#define T float
#define LANES 4
#define ROWS 6
#define NAME(x) x##_f32_portable
#define TARGET
#include "convolution_tile.h"
#define T double
#define LANES 2
#define ROWS 6
#define NAME(x) x##_f64_portable
#define TARGET
#include "convolution_tile.h"

/// Whether each output is computed from the pixel at its own place: a matrix product.
static bool is_pointwise(const ck_convolution *c) {
  return c->kernel_height * c->kernel_width == 1 && c->stride_y == 1 && c->stride_x == 1 && c->groups == 1 && c->top == 0 &&
         c->left == 0 && c->height == c->output_height && c->width == c->output_width;
}

static size_t scratch_size(CKConvolution form, CKType type, const ck_convolution *c) {
  // A strip's width in bytes: two of the widest vectors.
  enum { STRIP = 128 };
  size_t wide = STRIP / ck_size(type), taps = (size_t)(c->kernel_height * c->kernel_width), groups = (size_t)c->groups;
  size_t channels = (size_t)c->channels / groups, outputs = (size_t)c->outputs / groups, pointer = sizeof(void *);
  if (is_pointwise(c)) return 0;
  if (form == CKConvolutionFilters)
    return 2 * BLOCK * pointer + groups * ((outputs + wide - 1) / wide) * BLOCK * STRIP +
           (copies_patches(c) ? BLOCK * taps * channels * ck_size(type) : 0);
  size_t patches = form == CKConvolutionOutput && copies_patches(c) ? BLOCK * taps * channels * ck_size(type) : 0;
  size_t depth = form == CKConvolutionOutput ? channels : outputs, columns = form == CKConvolutionOutput ? outputs : channels;
  return (taps * BLOCK + BLOCK + taps) * pointer + groups * depth * ck_size(type) + patches +
         groups * ((columns + wide - 1) / wide) * taps * depth * STRIP;
}

size_t ck_convolution_scratch(CKConvolution form, CKType type, const ck_convolution *c) {
  // Whole cache lines, so that the shares of several threads meet in none.
  return (scratch_size(form, type, c) + 63) & ~(size_t)63;
}

static void pointwise(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second,
                      void *out) {
  long pixels = c->images * c->height * c->width, channels = c->channels, outputs = c->outputs;
  switch (form) {
    case CKConvolutionInput:
      ck_matmul(type, pixels, channels, outputs, second, outputs, 1, first, 1, outputs, out);
      break;
    case CKConvolutionFilters:
      ck_matmul(type, channels, outputs, pixels, first, 1, channels, second, outputs, 1, out);
      break;
    case CKConvolutionOutput:
      ck_matmul(type, pixels, outputs, channels, first, channels, 1, second, outputs, 1, out);
      break;
  }
}

void ck_convolve_with(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                      const void *second, void *out, void *scratch) {
#define FORMS(suffix)                                                                          \
  switch (form) {                                                                              \
    case CKConvolutionInput: by_input_##suffix(c, first, second, out, scratch); break;         \
    case CKConvolutionFilters: by_filters_##suffix(c, first, second, out, scratch); break;     \
    case CKConvolutionOutput: forward_##suffix(c, first, second, out, scratch); break;         \
  }
#define RUN(set)                           \
  if (type == CKTypeFloat32) {             \
    FORMS(f32_##set)                       \
  } else {                                 \
    FORMS(f64_##set)                       \
  }
  switch (set) {
#if defined(__x86_64__)
    case CKInstructionSetAVX512: RUN(avx512) return;
    case CKInstructionSetAVX2: RUN(avx2) return;
#endif
    default: RUN(portable)
  }
#undef RUN
#undef FORMS
}

static void convolve(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second,
                     void *out, void *scratch) {
  ck_convolve_with(ck_best_set(), form, type, c, first, second, out, scratch);
}

void ck_convolve(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second, void *out,
                 void *scratch) {
  if (is_pointwise(c))
    pointwise(form, type, c, first, second, out);
  else
    convolve(form, type, c, first, second, out, scratch);
}

bool ck_is_worth_sharing(ck_convolution c) {
  long products = c.images * c.output_height * c.output_width * c.kernel_height * c.kernel_width;
  return products * c.channels / c.groups * c.outputs >= 1 << 20;
}

long ck_convolution_pieces(CKConvolution form, const ck_convolution *c) {
  if (is_pointwise(c)) return 1;
  // Where a tap has few channels, the gradient by the filters takes all taps at once.
  if (form == CKConvolutionFilters) return c->channels / c->groups >= 12 ? c->kernel_height * c->kernel_width : 1;
  return c->images;
}

void ck_convolve_part(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second,
                      void *out, void *scratch, long start, long end) {
  ck_convolution part = *c;
  long size = (long)ck_size(type), x_image = c->height * c->width * c->channels * size;
  long g_image = c->output_height * c->output_width * c->outputs * size;
  switch (form) {
    case CKConvolutionFilters:
      // A tap is a filter of one row and column.
      for (long t = start; t < end; t++) {
        part.kernel_height = part.kernel_width = 1;
        part.top = c->top - t / c->kernel_width * c->dilation_y;
        part.left = c->left - t % c->kernel_width * c->dilation_x;
        convolve(form, type, &part, first, second, (char *)out + t * c->channels / c->groups * c->outputs * size, scratch);
      }
      break;
    case CKConvolutionInput:
      part.images = end - start;
      convolve(form, type, &part, first, (const char *)second + start * g_image, (char *)out + start * x_image, scratch);
      break;
    case CKConvolutionOutput:
      part.images = end - start;
      convolve(form, type, &part, (const char *)first + start * x_image, second, (char *)out + start * g_image, scratch);
      break;
  }
}
