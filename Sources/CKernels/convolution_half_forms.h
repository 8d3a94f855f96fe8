// The gradient by the filters, and all three forms for images of numbers that become halves some at a time.

/// Pairs of pixels block by block, each added to what the ones before have come to; of some columns. `x` has halves.
TARGET static void NAME(by_filters)(const ck_convolution *c, const uint16_t *x, const float *g, float *out, char *scratch,
                                    channel_range part) {
  const long pixels = c->images * c->output_height * c->output_width, width = part.end - part.start;
  const long strips = (width + 2 * LANES - 1) / (2 * LANES);
  const uint32_t **from = (const uint32_t **)scratch;
  const uint16_t **rows_of_x = (const uint16_t **)(from + BLOCK);
  long *places = (long *)(rows_of_x + 2 * BLOCK);
  uint32_t *panels = (uint32_t *)(places + BLOCK), *pairs = panels + strips * BLOCK * 2 * LANES;
  float *no_numbers = (float *)(pairs + BLOCK * c->channels);
  uint16_t *none = (uint16_t *)(no_numbers + c->outputs);
  for (long i = 0; i < c->outputs; i++) no_numbers[i] = 0;
  for (long i = 0; i < c->channels; i++) none[i] = 0;
  long image = 0, oy = 0, ox = 0;
  for (long start = 0; start < pixels; start += 2 * BLOCK) {
    const long count = pixels - start < 2 * BLOCK ? pixels - start : 2 * BLOCK;
    for (long j = 0; j < strips; j++) {
      long some = width - j * 2 * LANES < 2 * LANES ? width - j * 2 * LANES : 2 * LANES;
      for (long i = 0; i < count; i += 2) {
        const float *row = g + (start + i) * c->outputs + part.start;
        uint32_t *panel = panels + (j * BLOCK + i / 2) * 2 * LANES;
        NAME(join_numbers)(row + j * 2 * LANES, (i + 1 < count ? row + c->outputs : no_numbers) + j * 2 * LANES, some, panel);
        for (long l = some; l < 2 * LANES; l++) panel[l] = 0;
      }
    }
    const long first_image = image, first_y = oy, first_x = ox;
    for (long ky = 0; ky < c->kernel_height; ky++)
      for (long kx = 0; kx < c->kernel_width; kx++) {
        image = first_image, oy = first_y, ox = first_x;
        for (long i = 0; i < count; i++) {
          long y = oy * c->stride_y + ky * c->dilation_y - c->top, across = ox * c->stride_x + kx * c->dilation_x - c->left;
          bool inside = y >= 0 && y < c->height && across >= 0 && across < c->width;
          rows_of_x[i] = inside ? x + ((image * c->height + y) * c->width + across) * c->channels : none;
          if (++ox == c->output_width) ox = 0, oy++;
          if (oy == c->output_height) oy = 0, image++;
        }
        if (count < 2 * BLOCK) rows_of_x[count] = none;
        long met = 0;
        for (long i = 0; i < count; i += 2) {
          // Pairs for which the tap lies beyond the image add nothing.
          if (rows_of_x[i] == none && rows_of_x[i + 1] == none) continue;
          from[met] = pairs + met * c->channels, places[met] = i / 2 * 2 * LANES;
          NAME(join_halves)(rows_of_x[i], rows_of_x[i + 1], c->channels, pairs + met++ * c->channels);
        }
        float *first = out + (ky * c->kernel_width + kx) * c->channels * c->outputs + part.start;
        for (long j = 0; j < strips; j++) {
          NAME(strip) s = {.panel = panels + j * BLOCK * 2 * LANES};
          s.columns = width - j * 2 * LANES < 2 * LANES ? width - j * 2 * LANES : 2 * LANES;
          for (long i = 0, tiles = (c->channels + ROWS - 1) / ROWS; tiles > 0; tiles--) {
            long rows = (c->channels - i + tiles - 1) / tiles;
            s.x_offset = i;
            NAME(filter_tiles)[rows - 1](&s, met, from, places, first + i * c->outputs + j * 2 * LANES, c->outputs);
            i += rows;
          }
        }
      }
  }
}

/// One form for factors of float32, which are rounded to halves on the way: of so many images at a time as keep the tiles busy.
TARGET static void NAME(convolve)(CKConvolution form, const ck_convolution *c, const float *first, const float *second,
                                  float *out, char *scratch, channel_range columns) {
  const long x_image = c->height * c->width * c->channels, g_image = c->output_height * c->output_width * c->outputs;
  const long some = images_at_once(c);
  uint16_t *halves = (uint16_t *)scratch;
  scratch += whole_lines(rounded_count(form, c) * sizeof(uint16_t));
  ck_convolution part = *c;
  if (form == CKConvolutionOutput) part.channels /= 2;
  if (form == CKConvolutionInput) part.outputs /= 2;
  if (form == CKConvolutionFilters && !c->adds)
    for (long r = 0; r < c->kernel_height * c->kernel_width * c->channels; r++)
      memset(out + r * c->outputs + columns.start, 0, (size_t)(columns.end - columns.start) * sizeof(float));
  for (long start = 0; start < c->images; start += some) {
    part.images = c->images - start < some ? c->images - start : some;
    switch (form) {
      case CKConvolutionOutput:
        NAME(halve)(first + start * x_image, part.images * x_image, halves);
        NAME(forward)(&part, (const uint32_t *)halves, second, out + start * g_image, scratch, start > 0);
        break;
      case CKConvolutionInput:
        NAME(halve)(second + start * g_image, part.images * g_image, halves);
        NAME(by_input)(&part, first, (const uint32_t *)halves, out + start * x_image, scratch, start > 0);
        break;
      case CKConvolutionFilters:
        NAME(halve)(first + start * x_image, part.images * x_image, halves);
        NAME(by_filters)(&part, halves, second + start * g_image, out, scratch, columns);
        break;
    }
  }
}
