#include "CKernelsLock.h"

#include <sched.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

void ck_lock_acquire(ck_lock *lock) {
  for (int spins = 0;; spins++) {
    if (__atomic_exchange_n(&lock->word, 1, __ATOMIC_ACQUIRE) == 0) return;
    while (__atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0) {
      // The holder may have been descheduled: give way rather than burn its core.
      if (++spins > 100) sched_yield();
    }
  }
}

void ck_lock_release(ck_lock *lock) { __atomic_store_n(&lock->word, 0, __ATOMIC_RELEASE); }

uint64_t ck_next_ordinal(void) {
  static uint64_t count = 0;
  return __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
}

bool ck_checks_addresses(void) {
#if __has_feature(address_sanitizer)
  return true;
#else
  return false;
#endif
}

void ck_will_use(void *block, size_t size) {
#if defined(__linux__)
  // Whole large pages only; where the system has none, nothing changes.
  const uintptr_t page = 2 << 20;
  uintptr_t start = ((uintptr_t)block + page - 1) & ~(page - 1), end = ((uintptr_t)block + size) & ~(page - 1);
  if (end > start) madvise((void *)start, end - start, MADV_HUGEPAGE);
#else
  (void)block, (void)size;
#endif
}
