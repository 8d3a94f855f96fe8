// Convolutions: one algorithm (convolution_tile.h) compiled for AVX-512, AVX2 and, portably, for vectors of 128 bits.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <string.h>

#include "convolution_runs.h"
#include "transposes.h"

/// Of the output channels of a group (by products of sums, of the channels), those whose filters' gradient is asked for.
typedef struct {
  long start, end;
} channel_range;

/// Whether halves are multiplied by the processor's own products of them.
static bool multiplies_halves(CKInstructionSet set, const ck_convolution *c) {
  return ck_takes_halves(c) && set == CKInstructionSetAVX512 && ck_multiplies_halves();
}

/// Whether neighbours share products; of halves only where they are multiplied as such.
static bool shares(CKInstructionSet set, CKConvolution form, const ck_convolution *c) {
  return shares_products(form, c) && (!ck_takes_halves(c) || multiplies_halves(set, c));
}

static channel_range all_channels(CKInstructionSet set, const ck_convolution *c) {
  return (channel_range){0, shares(set, CKConvolutionFilters, c) ? c->channels : c->outputs / c->groups};
}

bool ck_multiplies_halves(void) {
#if defined(__x86_64__)
  return ck_best_set() == CKInstructionSetAVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

bool ck_takes_halves(const ck_convolution *c) {
  return c->halves && c->groups == 1 && c->channels >= 12 && c->outputs >= 12 && c->channels % 2 == 0 && c->outputs % 2 == 0 &&
         !gains_by_fours(c);
}

/// The bfloat16 that is nearest to a number, of two the one that ends in 0.
static inline __attribute__((always_inline)) uint16_t half_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16 | 0x40) : rounded);
}

#if defined(__x86_64__)
#define T float
#define LANES 16
#define ROWS 12
#define NAME(x) x##_bf16_avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,fma")))
#define HALVES
#define MULTIPLY_ADD(sum, word, words) \
  ((sum) = (vector_bf16_avx512)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(words), (__m512bh)_mm512_set1_epi32((int)(word))))
#include "convolution_tile.h"
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

/// The functions that `FORMS` calls, of an instruction set and a type.
#define OF_TYPE(type, FORMS, set) \
  if (type == CKTypeFloat32) {    \
    FORMS(f32_##set)              \
  } else {                        \
    FORMS(f64_##set)              \
  }
#if defined(__x86_64__)
#define EACH_SET(set, type, FORMS)                                              \
  switch (set) {                                                                \
    case CKInstructionSetAVX512: OF_TYPE(type, FORMS, avx512) break;            \
    case CKInstructionSetAVX2: OF_TYPE(type, FORMS, avx2) break;                \
    case CKInstructionSetPortable: OF_TYPE(type, FORMS, portable) break;        \
  }
#else
#define EACH_SET(set, type, FORMS) OF_TYPE(type, FORMS, portable)
#endif

/// One form in full, of the filters' gradient some columns; where it `goes_on`, the filters are packed already, or their
/// gradient is added to.
static void in_full(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                    const void *second, void *out, void *scratch, bool goes_on, channel_range some) {
#define FORMS(suffix)                                                                                     \
  switch (form) {                                                                                         \
    case CKConvolutionInput: by_input_##suffix(c, first, second, out, scratch, goes_on); break;           \
    case CKConvolutionFilters: by_filters_##suffix(c, first, second, out, scratch, goes_on, some); break; \
    case CKConvolutionOutput: forward_##suffix(c, first, second, out, scratch, goes_on); break;           \
  }
  EACH_SET(set, type, FORMS)
#undef FORMS
}

/// One form whose neighbours share products; `some` are those of the channels whose filters' gradient is asked for.
static void of_sums(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                    const void *second, void *out, void *scratch, channel_range some) {
  const bool turned = form == CKConvolutionInput;
  const void *images = turned ? second : first, *filters = turned ? first : second;
#define BY(shared, suffix)                                                                      \
  if (form == CKConvolutionFilters)                                                             \
    filters_by_##shared##_##suffix(c, first, second, out, scratch, c->adds, some);              \
  else                                                                                          \
    by_##shared##_##suffix(c, images, filters, out, scratch, turned);
#define RUNS(suffix) BY(runs, suffix)
#define SUMS(suffix) BY(sums, suffix)
#if defined(__x86_64__)
  if (multiplies_halves(set, c)) {
    RUNS(bf16_avx512)
    return;
  }
#endif
  if (takes_runs(form, c)) {
    EACH_SET(set, type, RUNS)
  } else {
    EACH_SET(set, type, SUMS)
  }
#undef BY
#undef RUNS
#undef SUMS
}

CK_CLONES static void round_to_halves(const float *restrict from, size_t count, float *restrict to) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)half_of(from[i]) << 16;
    memcpy(&to[i], &bits, sizeof bits);
  }
}

/// Where the processor has no products of halves: those of numbers that are rounded to halves.
static void of_rounded(CKInstructionSet set, CKConvolution form, const ck_convolution *c, const float *first,
                       const float *second, float *out, char *scratch, channel_range some) {
  const long x_image = c->height * c->width * c->channels, g_image = c->output_height * c->output_width * c->outputs;
  const size_t filters = (size_t)(c->kernel_height * c->kernel_width * c->channels * c->outputs);
  const long at_once = images_at_once(c);
  ck_convolution part = *c;
  part.halves = 0;
  float *images = (float *)scratch;
  float *others = (float *)(scratch + whole_lines(rounded_count(form, c) * sizeof(float)));
  scratch += rounded_size(form, c);
  if (form != CKConvolutionFilters) round_to_halves(form == CKConvolutionInput ? first : second, filters, others);
  for (long start = 0; start < c->images; start += at_once) {
    part.images = c->images - start < at_once ? c->images - start : at_once;
    switch (form) {
      case CKConvolutionOutput:
        round_to_halves(first + start * x_image, (size_t)(part.images * x_image), images);
        in_full(set, form, CKTypeFloat32, &part, images, others, out + start * g_image, scratch, start > 0, some);
        break;
      case CKConvolutionInput:
        round_to_halves(second + start * g_image, (size_t)(part.images * g_image), images);
        in_full(set, form, CKTypeFloat32, &part, others, images, out + start * x_image, scratch, start > 0, some);
        break;
      case CKConvolutionFilters:
        round_to_halves(first + start * x_image, (size_t)(part.images * x_image), images);
        round_to_halves(second + start * g_image, (size_t)(part.images * g_image), others);
        in_full(set, form, CKTypeFloat32, &part, images, others, out, scratch, start > 0 || c->adds, some);
        break;
    }
  }
}

/// One form by the tiles, also where it is a matrix product; of the filters' gradient some columns, or by products of sums some rows.
static void by_tiles(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                     const void *second, void *out, void *scratch, channel_range some) {
  if (shares(set, form, c)) return of_sums(set, form, type, c, first, second, out, scratch, some);
  if (!ck_takes_halves(c)) return in_full(set, form, type, c, first, second, out, scratch, c->adds, some);
#if defined(__x86_64__)
  if (multiplies_halves(set, c))
    return convolve_bf16_avx512(form, c, first, second, out, scratch, some);
#endif
  of_rounded(set, form, c, first, second, out, scratch, some);
}

void ck_convolve_with(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                      const void *second, void *out, void *scratch) {
  if (is_pointwise(c) && !ck_takes_halves(c))
    pointwise(form, type, c, first, second, out);
  else
    by_tiles(set, form, type, c, first, second, out, scratch, all_channels(set, c));
}

void ck_convolve(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second, void *out,
                 void *scratch) {
  ck_convolve_with(ck_best_set(), form, type, c, first, second, out, scratch);
}

bool ck_is_worth_sharing(ck_convolution c) {
  long products = c.images * c.output_height * c.output_width * c.kernel_height * c.kernel_width;
  return products * c.channels / c.groups * c.outputs >= 1 << 20;
}

/// The strips of the filters' gradient.
static long strip_count(const ck_convolution *c, long *width) {
  // Two vectors of float32; of float64 two strips.
  *width = ck_best_set() == CKInstructionSetAVX512 ? 32 : ck_best_set() == CKInstructionSetAVX2 ? 16 : 8;
  return (c->outputs / c->groups + *width - 1) / *width;
}

long ck_convolution_pieces(CKConvolution form, const ck_convolution *c, long threads) {
  if (is_pointwise(c) && !ck_takes_halves(c)) return 1;
  if (form != CKConvolutionFilters) return c->images;
  if (shares_products(form, c)) return c->channels / 16 < threads ? c->channels / 16 : threads;
  long width, strips = strip_count(c, &width);
  // Taps meet the same numbers, so columns are better shared, if there are enough. Shallow filters' taps are taken at once.
  if (strips >= threads || is_shallow(c)) return strips < threads ? strips : threads;
  return c->kernel_height * c->kernel_width;
}

long ck_convolution_grain(const ck_convolution *c) {
  return takes_sums(c) ? images_of_sums(c) : takes_runs(CKConvolutionFilters, c) ? images_of_runs(c) : 1;
}

void ck_convolve_part(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second,
                      void *out, void *scratch, long start, long end, long pieces) {
  ck_convolution part = *c;
  const CKInstructionSet set = ck_best_set();
  const long size = (long)ck_size(type), x_image = c->height * c->width * c->channels * size;
  const long g_image = c->output_height * c->output_width * c->outputs * size, taps = c->kernel_height * c->kernel_width;
  long width, strips = strip_count(c, &width);
  switch (form) {
    case CKConvolutionFilters:
      if (shares_products(form, c)) {
        channel_range some = {c->channels * start / pieces, c->channels * end / pieces};
        return by_tiles(set, form, type, c, first, second, out, scratch, some);
      }
      if (pieces != taps || is_shallow(c)) {
        long last = strips * end / pieces * width, all = c->outputs / c->groups;
        channel_range some = {strips * start / pieces * width, last < all ? last : all};
        return by_tiles(set, form, type, c, first, second, out, scratch, some);
      }
      // A tap is a filter of one row and column.
      for (long t = start; t < end; t++) {
        part.kernel_height = part.kernel_width = 1;
        part.top = c->top - t / c->kernel_width * c->dilation_y;
        part.left = c->left - t % c->kernel_width * c->dilation_x;
        char *tap = (char *)out + t * c->channels / c->groups * c->outputs * size;
        by_tiles(set, form, type, &part, first, second, tap, scratch, all_channels(set, c));
      }
      return;
    case CKConvolutionInput:
      part.images = end - start;
      return by_tiles(set, form, type, &part, first, (const char *)second + start * g_image,
                      (char *)out + start * x_image, scratch, all_channels(set, c));
    case CKConvolutionOutput:
      part.images = end - start;
      return by_tiles(set, form, type, &part, (const char *)first + start * x_image, second,
                      (char *)out + start * g_image, scratch, all_channels(set, c));
  }
}
