// Convolutions of images, and their gradients by the images and by the filters.
#ifndef CKERNELS_CONVOLUTION_H
#define CKERNELS_CONVOLUTION_H

#include "CKernels.h"

/// One convolution of x [images, height, width, channels] with filters [kernel_height, kernel_width, channels / groups,
/// outputs] to [images, output_height, output_width, outputs].
typedef struct ck_convolution {
  long images, height, width, channels;
  long kernel_height, kernel_width, outputs;
  long output_height, output_width;
  long stride_y, stride_x, dilation_y, dilation_x;
  /// The rows and columns of zeros before the image.
  long top, left;
  long groups;
  /// Of float32 only: whether factors are rounded to bfloat16 (and sums are not) where there are channels enough to gain by it.
  long halves;
  /// Of the gradient by the filters only: whether it is added to what its place holds.
  long adds;
} ck_convolution;

/// The three forms: each is the derivative of Σ g · convolution(x, filters) by one of x, filters and g, from the others.
typedef enum CK_CLOSED CKConvolution {
  CKConvolutionInput,    // from filters and g
  CKConvolutionFilters,  // from x and g
  CKConvolutionOutput,   // from x and filters
} CKConvolution;

/// The memory that `ck_convolve` needs beside its arrays, in bytes.
size_t ck_convolution_scratch(CKConvolution form, CKType type, const ck_convolution *c);

/// Computes one form, all arrays dense, floating types; `scratch` begins at a multiple of 8 bytes. The elements of an image
/// have the same bits whatever other images there are.
void ck_convolve(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second, void *out,
                 void *scratch);

/// The same by the kernels of one instruction set, which the processor must have; for tests.
void ck_convolve_with(CKInstructionSet set, CKConvolution form, CKType type, const ck_convolution *c, const void *first,
                      const void *second, void *out, void *scratch);

/// Whether the processor has products of bfloat16; numbers that are rounded to it are multiplied where it has not.
bool ck_multiplies_halves(void);

/// Whether the factors of a convolution of float32 are rounded to bfloat16: where that is asked for, and gains.
bool ck_takes_halves(const ck_convolution *c);

/// Whether one convolution takes long enough for several threads to share it.
bool ck_is_worth_sharing(ck_convolution c);

/// Computes some of the pieces of one form, one behind the other, into their places in `out`; they have the same bits as in the
/// whole. `scratch` is for one part.
void ck_convolve_part(CKConvolution form, CKType type, const ck_convolution *c, const void *first, const void *second,
                      void *out, void *scratch, long start, long end, long pieces);
/// Into how many pieces a form can be cut for some threads: images, or (the gradient by the filters) shares of the output
/// channels, or where these are too few the taps of the filter; 1 where it has to be computed at once.
long ck_convolution_pieces(CKConvolution form, const ck_convolution *c, long threads);

/// The gradient by the filters of so many images, or a multiple, can be added to that of those before (`adds`) with the bits of the
/// whole.
long ck_convolution_grain(const ck_convolution *c);

#endif
