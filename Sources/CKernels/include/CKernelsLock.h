// A one-word lock for critical sections of a few nanoseconds, and a flag that several threads may read.
#ifndef CKERNELS_LOCK_H
#define CKERNELS_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_lock {
  uint32_t word;
} ck_lock;

void ck_lock_acquire(ck_lock *lock);

/// Not inlined: Swift's optimizer moves the retaining of what was read in a critical section behind a store that it can see,
/// but not behind a call that it cannot see into.
void ck_lock_release(ck_lock *lock);

static inline bool ck_flag_get(const ck_lock *flag) { return __atomic_load_n(&flag->word, __ATOMIC_ACQUIRE) != 0; }
static inline void ck_flag_set(ck_lock *flag, bool on) { __atomic_store_n(&flag->word, on, __ATOMIC_RELEASE); }

/// Whether this is built with the address sanitizer, which finds what is read beyond a block only where the block is no
/// larger than it was asked for, and is not used again.
bool ck_checks_addresses(void);

/// Tells the system that a block will be used as a whole, so that it may give memory in large pages: to get a large block
/// page by page takes longer than to write it.
void ck_will_use(void *block, size_t size);

/// The next number of a process-wide count that starts at 1.
uint64_t ck_next_ordinal(void);

#endif
