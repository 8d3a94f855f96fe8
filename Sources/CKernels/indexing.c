// Gather and its transpose, scatter-add.
#include <string.h>

#include "loops.h"

static long out_of_range(long count, const int32_t *indices, long picks) {
  for (long p = 0; p < picks; p++)
    if (indices[p] < 0 || indices[p] >= count) return p;
  return -1;
}

long ck_gather(size_t element, long outer, long count, long inner, const void *x, const int32_t *indices, long picks,
               void *out) {
  long wrong = out_of_range(count, indices, picks);
  if (wrong >= 0) return wrong;
  size_t block = (size_t)inner * element;
  const char *from = x;
  char *to = out;
  for (long o = 0; o < outer; o++)
    for (long p = 0; p < picks; p++, to += block) memcpy(to, from + (size_t)(o * count + indices[p]) * block, block);
  return -1;
}

#define SCATTER(T, sum)                                                      \
  {                                                                          \
    const T *from = x;                                                       \
    for (long o = 0; o < outer; o++)                                         \
      for (long p = 0; p < picks; p++, from += inner) {                      \
        T *to = (T *)out + (o * count + indices[p]) * inner;                 \
        for (long i = 0; i < inner; i++) to[i] = (T)(sum);                   \
      }                                                                      \
  }

long ck_scatter_add(CKType type, long outer, long count, long inner, const void *x, const int32_t *indices, long picks,
                    void *out) {
  long wrong = out_of_range(count, indices, picks);
  if (wrong >= 0) return wrong;
  memset(out, 0, (size_t)(outer * count * inner) * ck_size(type));
  switch (type) {
    case CKTypeFloat32: SCATTER(float, to[i] + from[i]) break;
    case CKTypeFloat64: SCATTER(double, to[i] + from[i]) break;
    case CKTypeInt32: SCATTER(int32_t, (uint32_t)to[i] + (uint32_t)from[i]) break;
    case CKTypeBool: break;
  }
  return -1;
}
