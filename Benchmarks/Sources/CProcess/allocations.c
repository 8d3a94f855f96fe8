#include "CProcess.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

static bool is_counting = false;
static allocation_count counted = {0, 0};

void allocations_begin(void) {
  __atomic_store_n(&counted.calls, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&counted.bytes, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&is_counting, true, __ATOMIC_SEQ_CST);
}

allocation_count allocations_end(void) {
  __atomic_store_n(&is_counting, false, __ATOMIC_SEQ_CST);
  allocation_count result = {
    __atomic_load_n(&counted.calls, __ATOMIC_RELAXED), __atomic_load_n(&counted.bytes, __ATOMIC_RELAXED)};
  return result;
}

#if defined(__GLIBC__)

// The dynamic linker finds a program's functions before those of its libraries, so Swift's runtime and Foundation call
// these too. The library keeps its own under these names. While nothing is counted a call costs one more branch.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static inline void count(size_t size) {
  if (__builtin_expect(!__atomic_load_n(&is_counting, __ATOMIC_RELAXED), 1)) return;
  __atomic_add_fetch(&counted.calls, 1, __ATOMIC_RELAXED);
  __atomic_add_fetch(&counted.bytes, (int64_t)size, __ATOMIC_RELAXED);
}

bool allocations_can_be_counted(void) { return true; }

void *malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count(size);
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  count(size);
  void *result = __libc_memalign(alignment, size);
  if (!result) return ENOMEM;
  *block = result;
  return 0;
}

#else

bool allocations_can_be_counted(void) { return false; }

#endif
