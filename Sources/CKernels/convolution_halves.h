// Convolution with factors of bfloat16 and sums in float32, by AVX-512 BF16: what convolution_tile.h needs beside its tiles where
// two halves lie in a word, those of two channels next to each other or (for the gradient by the filters) of two pixels. There
// are no groups.

/// Numbers as halves, the nearest one each; those too small for an exponent of float32 as zeros.
TARGET static void NAME(halve)(const float *restrict from, long count, uint16_t *restrict to) {
  long i = 0;
  for (; i + 32 <= count; i += 32) {
    __m512 low = _mm512_loadu_ps(from + i), high = _mm512_loadu_ps(from + i + 16);
    _mm512_storeu_si512(to + i, (__m512i)_mm512_cvtne2ps_pbh(high, low));
  }
  for (; i < count; i++) to[i] = half_of(from[i]);
}

/// Two vectors of numbers as halves, one after the other.
TARGET static inline __attribute__((always_inline)) void NAME(put_halves)(NAME(vector) first, NAME(vector) second, uint16_t *to) {
  _mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first));
}

/// Two vectors of numbers as one of words.
TARGET static inline __attribute__((always_inline)) NAME(factors) NAME(joined)(NAME(vector) first, NAME(vector) second) {
  const __m512i places = _mm512_setr_epi32(0x100000, 0x110001, 0x120002, 0x130003, 0x140004, 0x150005, 0x160006, 0x170007, 0x180008,
                                           0x190009, 0x1a000a, 0x1b000b, 0x1c000c, 0x1d000d, 0x1e000e, 0x1f000f);
  return (NAME(factors))_mm512_permutexvar_epi16(places, (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first));
}

/// Two rows of numbers, or of halves, as one of words.
TARGET static void NAME(join_numbers)(const float *restrict first, const float *restrict second, long count,
                                      uint32_t *restrict to) {
  long i = 0;
  for (; i + LANES <= count; i += LANES)
    *(NAME(factors) *)(to + i) = NAME(joined)(*(const NAME(vector) *)(first + i), *(const NAME(vector) *)(second + i));
  for (; i < count; i++) to[i] = (uint32_t)half_of(first[i]) | (uint32_t)half_of(second[i]) << 16;
}
TARGET static void NAME(join_halves)(const uint16_t *restrict first, const uint16_t *restrict second, long count,
                                     uint32_t *restrict to) {
  for (long i = 0; i < count; i++) to[i] = (uint32_t)first[i] | (uint32_t)second[i] << 16;
}

/// The panels of all strips and taps, in this order, and behind them the halves of a tap. `c` counts words where it counts the
/// channels that are summed over.
TARGET static void NAME(pack_filters)(const ck_convolution *c, const float *filters, bool is_forward, uint32_t *panels) {
  long taps = c->kernel_height * c->kernel_width, depth = is_forward ? c->channels : c->outputs;
  long columns = is_forward ? c->outputs : c->channels, count = 2 * depth * columns;
  uint32_t *halves = panels + (columns + 2 * LANES - 1) / (2 * LANES) * taps * depth * 2 * LANES;
  for (long t = 0; t < taps; t++) {
    const float *tap = filters + t * count;
    if (!is_forward) NAME(halve)(tap, count, (uint16_t *)halves);
    for (long j = 0, s = 0; j < columns; j += 2 * LANES, s++) {
      uint32_t *panel = panels + (s * taps + t) * depth * 2 * LANES;
      long some = columns - j < 2 * LANES ? columns - j : 2 * LANES;
      if (!is_forward) {
        NAME(pack)(depth, some, halves + j * depth, 1, depth, panel);
        continue;
      }
      for (long p = 0; p < depth; p++, panel += 2 * LANES) {
        NAME(join_numbers)(tap + 2 * p * columns + j, tap + (2 * p + 1) * columns + j, some, panel);
        for (long l = some; l < 2 * LANES; l++) panel[l] = 0;
      }
    }
  }
}
